import { type AutoresetMode, parseEnvConfig } from './config.ts';
import { copyStateDump, findNonFinite, NonFiniteError } from './env-guard.ts';
import { checkMeasuredJoints, type SimEnvOptions } from './env-options.ts';
import { makeStepResult, type ResetInfo, type StepResult } from './env-result.ts';
import { makeSituation, Score } from './env-score.ts';
import type { EpisodeId } from './episode/plan.ts';
import { throwIfAny } from './errors.ts';
import { Rng } from './math/rng.ts';
import { type BaseQuantity, listUnknownQuantities } from './robot/known-state.ts';
import type { RobotModel } from './robot/model.ts';
import { openRobot } from './robot/open.ts';
import { isRowFinite } from './robot/state.ts';
import { type ActionPipeline, makeActionPipeline } from './task/action.ts';
import { checkKnownQuantities } from './task/known-check.ts';
import { makeObservationPipeline, type ObservationPipeline } from './task/observation.ts';
import { makeReferenceBatch, type RobotView } from './task/robot-view.ts';
import type { ReferenceGenerator, Situation, TaskDefinition } from './task/task.ts';
import { getTask } from './tasks/registry.ts';
import { makeScene } from './terrain/make-scene.ts';
import { makeRobotWorld, type RobotWorld } from './world.ts';

/**
 * N environments of one task in one world, as in Gymnasium's vector API (1.x). One `step` is one
 * control period of every robot.
 *
 * Autoreset: `same_step` is Gymnasium's AutoresetMode.SAME_STEP. The step that ends an episode also
 * starts the next one: `observation` is already the new episode's first, the old one's last is in
 * `info.finalObservation`, its outcome in `info.episodes`. `disabled` is AutoresetMode.DISABLED:
 * `observation` is the last one, and the environment idles (reward 0, flags stay) until `resetEnv`.
 *
 * Randomness: episode e of environment k under seed s draws from Rng(s, 'env', k, 'episode', e) and
 * nothing else. Same seed, same options: same bits, in a fresh SimEnv as in a used one.
 * In MuJoCo an environment keeps its bits whatever its index and however many are beside it. In Rapier
 * it does so with tileSpacing 0, with one exception: Rapier solves joints in another order from 64 robots
 * on, so a cartpole has one set of bits in worlds of 63 and fewer and one in larger ones (4e-7 m apart
 * after 8 s of feedback). With tiles apart, Rapier's 32-bit positions differ from tile to tile: up to
 * 0.4 mm after 4 s of feedback for a crazyflie at 4 m.
 */
export class SimEnv {
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly world: RobotWorld;
  readonly numEnvs: number;
  readonly numActions: number;
  /** Numbers in one observation. */
  readonly observationWidth: number;
  /** Measured state, reference and memory: what classical controllers read. */
  readonly view: RobotView;
  /** True state, reference, actions: what rewards and judges read. */
  readonly situation: Situation;
  readonly actions: ActionPipeline;
  readonly #observations: ObservationPipeline;
  readonly #references: ReferenceGenerator;
  readonly #score: Score;
  readonly #autoreset: AutoresetMode;
  readonly #firstEnv: number;
  readonly #command: Float64Array;
  readonly #commandRow: Float64Array;
  readonly #result: ReturnType<typeof makeStepResult>;
  /** What no sensor measures is NaN, and must be. */
  readonly #unknown: readonly BaseQuantity[];
  readonly #seed: Float64Array;
  /** [numEnvs] index that the environment's random stream is named after */
  readonly #streamIndex: Int32Array;
  readonly #episode: Int32Array;
  #isReset = false;

  constructor(
    task: TaskDefinition,
    world: RobotWorld,
    options: { readonly autoreset: AutoresetMode; readonly firstEnv: number },
  ) {
    const { model, numRobots: numEnvs } = world;
    this.task = task;
    this.model = model;
    this.world = world;
    this.numEnvs = numEnvs;
    this.#autoreset = options.autoreset;
    this.#firstEnv = options.firstEnv;
    const where = `task '${task.name}'`;
    const shared = { numRobots: numEnvs, model };
    const spec = task.makeAction(model);
    this.actions = makeActionPipeline({ ...shared, spec, where: `${where}, action` });
    this.#observations = makeObservationPipeline({
      ...shared,
      terms: task.observations,
      positionErrorIntegral: task.positionErrorIntegral,
      where: `${where}, observations`,
    });
    this.numActions = this.actions.numActions;
    this.observationWidth = this.#observations.width;
    this.#references = task.makeReference(numEnvs);
    this.view = this.#observations.makeView(world.measured, makeReferenceBatch(numEnvs));
    this.situation = makeSituation(world, this.view, this.numActions);
    this.#score = new Score(task, model, this.situation);
    this.#command = new Float64Array(numEnvs * this.numActions);
    this.#commandRow = new Float64Array(this.numActions);
    this.#result = makeStepResult(world, this.#score.rewardTerms, this.observationWidth);
    this.#unknown = listUnknownQuantities(model);
    this.#seed = new Float64Array(numEnvs);
    this.#streamIndex = new Int32Array(numEnvs);
    this.#episode = new Int32Array(numEnvs);
  }

  /** Names of the reward terms, in order. */
  get rewardNames(): readonly string[] {
    return this.#score.rewardNames;
  }

  /**
   * Starts episode 0 of every environment.
   * @param seed of the run; or one per environment, which then runs as environment 0 of its own seed
   */
  reset(seed: number | readonly number[]): {
    readonly observation: Float32Array;
    readonly info: ResetInfo;
  } {
    if (typeof seed !== 'number' && seed.length !== this.numEnvs) {
      throw new RangeError(`SimEnv.reset: needs ${this.numEnvs} seeds, got ${seed.length}`);
    }
    this.#isReset = true;
    for (let env = 0; env < this.numEnvs; env++) {
      this.#seed[env] = typeof seed === 'number' ? seed : seed[env]!;
      this.#streamIndex[env] = typeof seed === 'number' ? this.#firstEnv + env : 0;
      this.#episode[env] = -1;
      this.resetEnv(env);
    }
    return { observation: this.#result.observation, info: { contexts: this.world.contexts } };
  }

  /** Starts the next episode of one environment and writes its first observation. */
  resetEnv(env: number): void {
    this.#requireReset();
    this.#start(env, this.#episode[env]! + 1);
  }

  /** What the last step or start has written; borrowed until the next. */
  get result(): StepResult {
    return this.#result;
  }

  /** Takes an environment out of `step` until its next start. Without autoreset only. */
  park(env: number): void {
    if (this.#autoreset !== 'disabled') throw new RangeError('SimEnv.park: needs no autoreset');
    this.#result.truncated[env] = 1;
  }

  /** Starts a named episode in one environment, whichever ran there before. */
  startEpisode(env: number, id: EpisodeId): void {
    this.#isReset = true;
    this.#seed[env] = id.seed;
    this.#streamIndex[env] = id.env;
    this.#start(env, id.episode);
  }

  #start(env: number, episode: number): void {
    const rng = new Rng(this.#seed[env]!, 'env', this.#streamIndex[env]!, 'episode', episode);
    this.#episode[env] = episode;
    this.world.reset(env, rng.fork('world'), this.task.writeStart);
    this.#references.reset(env, this.view.reference, rng.fork('reference'));
    this.#observations.reset(env);
    this.#score.reset(env);
    this.situation.action.fill(0, env * this.numActions, (env + 1) * this.numActions);
    this.situation.previousAction.fill(0, env * this.numActions, (env + 1) * this.numActions);
    this.#observe(env, this.#result.observation);
    if (this.#autoreset === 'disabled') this.#clearFlags(env);
  }

  /**
   * One control period.
   * @param action [numEnvs, numActions] raw output of the policy
   * @throws NonFiniteError naming environment, step and quantity
   */
  step(action: Float32Array): StepResult {
    this.#beginStep(action);
    for (let env = 0; env < this.numEnvs; env++) if (!this.#isIdle(env)) this.#act(env, action);
    this.world.advance();
    for (let env = 0; env < this.numEnvs; env++) if (!this.#isIdle(env)) this.#conclude(env);
    return this.#result;
  }

  free(): void {
    this.world.free();
  }

  #requireReset(): void {
    if (!this.#isReset) throw new RangeError('SimEnv: call reset(seed) first');
  }

  /** Ended and, without autoreset, waiting for `resetEnv`. */
  #isIdle(env: number): boolean {
    const { terminated, truncated } = this.#result;
    return this.#autoreset === 'disabled' && (terminated[env] === 1 || truncated[env] === 1);
  }

  #beginStep(action: Float32Array): void {
    this.#requireReset();
    if (action.length !== this.numEnvs * this.numActions) {
      throw new RangeError(
        `SimEnv.step: action must be [${this.numEnvs}, ${this.numActions}], got ${action.length} numbers`,
      );
    }
    this.#result.info.episodes.length = 0;
    this.#result.reward.fill(0);
    this.#score.clearRewards();
    if (this.#autoreset === 'disabled') return;
    for (let env = 0; env < this.numEnvs; env++) this.#clearFlags(env);
  }

  #clearFlags(env: number): void {
    this.#result.terminated[env] = 0;
    this.#result.truncated[env] = 0;
  }

  #act(env: number, raw: Float32Array): void {
    const n = this.numActions;
    const { action, previousAction } = this.situation;
    if (!isRowFinite(raw, env, n)) this.#fail(env, 'action', raw);
    for (let k = env * n; k < (env + 1) * n; k++) previousAction[k] = action[k]!;
    this.actions.writeRow(this.#command, action, raw, env);
    this.#observations.remember(env, action);
    for (let k = 0; k < n; k++) this.#commandRow[k] = this.#command[env * n + k]!;
    this.world.setCommand(env, this.#commandRow);
  }

  /** What the step has led to: reference, reward, end or next observation. */
  #conclude(env: number): void {
    this.#checkState(env);
    this.#moveReference(env);
    const { reward, terminated, truncated, observation } = this.#result;
    reward[env] = this.#score.computeReward(env);
    const reason = this.#score.writeEnd(terminated, truncated, env);
    if (reason === undefined) this.#observe(env, observation);
    else this.#finishEpisode(env, reason);
  }

  #checkState(env: number): void {
    const { truth, measured } = this.world;
    const quantity = findNonFinite(truth, env);
    if (quantity !== undefined) this.#fail(env, `true ${quantity}`, this.situation.action);
    const sensed = findNonFinite(measured, env, this.#unknown);
    if (sensed !== undefined) this.#fail(env, `measured ${sensed}`, this.situation.action);
  }

  #moveReference(env: number): void {
    const period = this.world.controlPeriodS;
    const step = this.#score.steps[env]! + 1;
    this.#score.steps[env] = step;
    this.situation.timeS[env] = step * period;
    const { state, reference } = this.view;
    this.#references.advance(env, reference, state, step * period, period);
  }

  #finishEpisode(env: number, reason: string): void {
    const { terminated, observation, info } = this.#result;
    info.episodes.push({
      env: this.#firstEnv + env,
      seed: this.#seed[env]!,
      episode: this.#episode[env]!,
      context: this.world.contexts[env]!,
      ...this.#score.summarize(env, terminated[env] === 1 ? 'terminated' : 'truncated', reason),
    });
    this.#observe(env, info.finalObservation);
    if (this.#autoreset === 'same_step') {
      this.resetEnv(env);
      return;
    }
    const width = this.observationWidth;
    observation.set(info.finalObservation.subarray(env * width, (env + 1) * width), env * width);
  }

  #observe(env: number, out: Float32Array): void {
    this.#observations.updateMemoryRow(this.view, env, this.world.controlPeriodS);
    this.#observations.writeRow(out, env, this.view, env);
  }

  #fail(env: number, quantity: string, action: Float32Array): never {
    throw new NonFiniteError({
      env: this.#firstEnv + env,
      seed: this.#seed[env]!,
      episode: this.#episode[env]!,
      step: this.#score.steps[env]!,
      quantity,
      action: [...action.subarray(env * this.numActions, (env + 1) * this.numActions)],
      truth: copyStateDump(this.world.truth, env),
      measured: copyStateDump(this.world.measured, env),
      context: this.world.contexts[env]!,
    });
  }
}

/**
 * Makes the environments of a task; `reset(seed)` starts them.
 * @throws UserError for an option, task or robot that does not exist, a terrain that cannot be, a robot that
 *   does not fit the task, or an observation of a joint that no sensor measures
 */
export async function makeSimEnv(options: SimEnvOptions): Promise<SimEnv> {
  const { task: taskOrName, robot: robotOrName, ...rest } = options;
  const { numEnvs, autoreset, firstEnv, randomization, packagePaths, ...world } =
    parseEnvConfig(rest);
  const { terrain, terrainSeed, ...physics } = world;
  const task = typeof taskOrName === 'string' ? getTask(taskOrName) : taskOrName;
  const robot = robotOrName ?? task.robot;
  const open = { packagePaths, meshes: 'collision' } as const;
  const model = typeof robot === 'string' ? await openRobot(robot, open) : robot;
  throwIfAny([
    ...checkMeasuredJoints(task, model),
    ...checkKnownQuantities(task.observations, model, `task '${task.name}', observations`),
  ]);
  const { controlRateHz, substeps } = task;
  const robots = await makeRobotWorld({
    ...physics,
    scene: makeScene(terrain, new Rng(terrainSeed, 'terrain'), 'environment: terrain'),
    model,
    numRobots: numEnvs,
    physicsRateHz: substeps === undefined ? undefined : controlRateHz * substeps,
    controlRateHz,
    randomization: randomization ?? task.randomization,
  });
  return new SimEnv(task, robots, { autoreset, firstEnv });
}
