import type { AutoresetMode } from './config.ts';
import { clearEarnings, type EnvArrays, keepFinalRow, makeEnvArrays } from './env-arrays.ts';
import { copyStateDump, findNonFinite, NonFiniteError } from './env-guard.ts';
import type { EnvLayout } from './env-layout.ts';
import type { SimEnvOptions } from './env-options.ts';
import { type EnvPlan, makePlannedWorld, planEnv } from './env-plan.ts';
import { makeStepResult, type ResetResult, type StepResult } from './env-result.ts';
import { Score } from './env-score.ts';
import { Sight } from './env-sight.ts';
import type { EpisodeId } from './episode/plan.ts';
import { Rng } from './math/rng.ts';
import { Curriculum } from './randomize/curriculum.ts';
import type { Context } from './randomize/draw.ts';
import { type BaseQuantity, listUnknownQuantities } from './robot/known-state.ts';
import type { RobotModel } from './robot/model.ts';
import { isRowFinite } from './robot/state.ts';
import { type ActionPipeline, makeActionPipeline } from './task/action.ts';
import type { RobotView } from './task/robot-view.ts';
import type { ReferenceGenerator, Situation, TaskDefinition } from './task/task.ts';
import type { RobotWorld } from './world.ts';

/**
 * N environments of one task, stepped together, as in Gymnasium's vector API (1.x). One `step` is one
 * control period of every robot.
 *
 * Autoreset: `same_step` is Gymnasium's AutoresetMode.SAME_STEP. The step that ends an episode also
 * starts the next one: `observation` is already the new episode's first, the old one's last is in
 * `info.finalObservation`, its outcome in `info.episodes`. `next_step` is NEXT_STEP: `observation` is the last
 * one, and the step after ignores the action, starts the next episode and shows its first observation, with reward 0
 * and no flags. `disabled` is DISABLED: `observation` is the last one, and the environment idles (reward 0, flags
 * stay) until it is started again.
 *
 * Randomness: episode e of environment k under seed s draws from Rng(s, 'env', k, 'episode', e), what the
 * randomisation draws once per robot from Rng(s, 'env', k, 'startup'), and nothing else. Same seed, same options: same
 * bits, in a fresh SimEnv as in a used one. Where there is a curriculum, the difficulty of an environment follows from
 * how its own episodes since the first ended, or since one that was started with a difficulty of its own.
 * An environment keeps its bits whatever its index in the world, however many are beside it, and whatever the world
 * did before; what is left of exceptions is in sim/README.md.
 */
export class SimEnv {
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly world: RobotWorld;
  readonly numEnvs: number;
  readonly numActions: number;
  /** Names of all columns. */
  readonly layout: EnvLayout;
  /** Numbers in one observation. */
  readonly observationWidth: number;
  readonly actions: ActionPipeline;
  readonly #arrays: EnvArrays;
  readonly #sight: Sight;
  readonly #references: ReferenceGenerator;
  readonly #score: Score;
  readonly #autoreset: AutoresetMode;
  readonly #firstEnv: number;
  readonly #command: Float64Array;
  readonly #commandRow: Float64Array;
  readonly #result: ReturnType<typeof makeStepResult>;
  /** What no sensor measures is NaN, and must be. */
  readonly #unknown: readonly BaseQuantity[];
  readonly #writeStart: TaskDefinition['writeStart'];
  /** [numEnvs] 1 while an environment takes no part in a step */
  readonly #isIdle: Uint8Array;
  /** [numEnvs] how the environment is called in summaries and errors */
  readonly #name: Float64Array;
  /** [numEnvs] what the rows of `context` were written from */
  readonly #known: (Context | undefined)[];
  /** Absent where nothing raises the difficulty. */
  readonly #curriculum: Curriculum | undefined;
  /** [numEnvs] the last episode of its own of an environment that runs another's */
  readonly #home: (HomeEpisode | undefined)[];
  #isReset = false;

  constructor(
    plan: EnvPlan,
    world: RobotWorld,
    options: { readonly firstEnv: number; readonly arrays?: EnvArrays | undefined },
  ) {
    const { task, layout } = plan;
    const { model, numRobots: numEnvs } = world;
    this.task = task;
    this.model = model;
    this.world = world;
    this.numEnvs = numEnvs;
    this.layout = layout;
    this.#autoreset = plan.config.autoreset;
    this.#firstEnv = options.firstEnv;
    const spec = task.makeAction(model);
    const where = `task '${task.name}', action`;
    this.actions = makeActionPipeline({ model, numRobots: numEnvs, spec, where });
    this.numActions = this.actions.numActions;
    this.observationWidth = layout.observationNames.length;
    this.#references = task.makeReference(numEnvs);
    this.#sight = new Sight(plan, world);
    this.#score = new Score(task, model, this.situation);
    this.#command = new Float64Array(numEnvs * this.numActions);
    this.#commandRow = new Float64Array(this.numActions);
    this.#arrays = options.arrays ?? makeEnvArrays(numEnvs, layout);
    this.#result = makeStepResult(this.#arrays);
    this.#unknown = listUnknownQuantities(model);
    this.#writeStart = chooseStarts(task, plan.config.wideStarts);
    this.#isIdle = new Uint8Array(numEnvs);
    this.#name = new Float64Array(numEnvs);
    this.#known = new Array<Context | undefined>(numEnvs).fill(undefined);
    const { curriculum } = plan.randomization;
    const { difficulty } = this.#arrays;
    this.#curriculum = curriculum && new Curriculum(curriculum, difficulty);
    if (curriculum === undefined) difficulty.fill(Number.NaN);
    this.#home = new Array<HomeEpisode | undefined>(numEnvs).fill(undefined);
  }

  /** Measured state, reference and memory: what classical controllers read. Never delayed. */
  get view(): RobotView {
    return this.#sight.view;
  }

  /** True state, reference, actions: what rewards and judges read. */
  get situation(): Situation {
    return this.#sight.situation;
  }

  /** Names of the reward terms, in order. */
  get rewardNames(): readonly string[] {
    return this.layout.rewardNames;
  }

  /**
   * Starts episode 0 of every environment.
   * @param seed of the run; or one per environment, which then runs as environment 0 of its own seed
   */
  reset(seed: number | readonly number[]): ResetResult {
    if (typeof seed !== 'number' && seed.length !== this.numEnvs) {
      throw new RangeError(`SimEnv.reset: needs ${this.numEnvs} seeds, got ${seed.length}`);
    }
    for (let env = 0; env < this.numEnvs; env++) {
      const index = this.#firstEnv + env;
      const id =
        typeof seed === 'number'
          ? { seed, env: index, episode: 0 }
          : { seed: seed[env]!, env: 0, episode: 0 };
      this.#curriculum?.restart(env);
      this.startEpisode(env, id, index);
    }
    return { ...this.#result, info: { contexts: this.world.contexts } };
  }

  /** Starts the next episode of one environment and writes its first observation. */
  resetEnv(env: number): void {
    this.#requireReset();
    clearEarnings(this.#arrays, env);
    this.#startNext(env);
  }

  /** What the last step or start has written; borrowed until the next. */
  get result(): StepResult {
    return this.#result;
  }

  /** Takes an environment out of `step` until its next start. Without autoreset only. */
  park(env: number): void {
    if (this.#autoreset !== 'disabled') throw new RangeError('SimEnv.park: needs no autoreset');
    this.#arrays.truncated[env] = 1;
  }

  /**
   * Starts a named episode in one environment, whichever ran there before. Under a curriculum what follows goes on from
   * its difficulty; one that does not say how difficult it is goes on from the one before it, if that was the last to
   * run here, or begins anew.
   * @param name what summaries and errors call the environment
   */
  startEpisode(env: number, id: EpisodeId, name = id.env): void {
    const { episodeSeed, episodeEnv, episodeIndex } = this.#arrays;
    const isOfRun = episodeSeed[env] === id.seed && episodeEnv[env] === id.env;
    const isNext = isOfRun && id.episode === episodeIndex[env]! + 1;
    if (!isNext || !this.#isReset || id.difficulty !== undefined) {
      this.#curriculum?.restart(env, id.difficulty);
    }
    this.#isReset = true;
    this.#home[env] = undefined;
    this.#begin(env, id, name);
  }

  /**
   * Starts a named episode in between: after it the environment goes on with its own, where it was. A curriculum takes
   * no notice of it.
   */
  visitEpisode(env: number, id: EpisodeId): void {
    this.#requireReset();
    const { episodeSeed, episodeEnv, episodeIndex } = this.#arrays;
    this.#home[env] ??= {
      id: { seed: episodeSeed[env]!, env: episodeEnv[env]!, episode: episodeIndex[env]! },
      name: this.#name[env]!,
    };
    this.#begin(env, id, id.env);
  }

  /**
   * One control period.
   * @param action [numEnvs, numActions] raw output of the policy
   * @throws NonFiniteError naming environment, step and quantity
   */
  step(action: Float32Array): StepResult {
    this.#beginStep(action);
    for (let env = 0; env < this.numEnvs; env++) if (!this.#isIdle[env]) this.#act(env, action);
    this.world.advance();
    this.#sight.feel();
    for (let env = 0; env < this.numEnvs; env++) {
      if (this.#isIdle[env] === 0) this.#conclude(env);
      else if (this.#autoreset === 'next_step') this.resetEnv(env);
    }
    return this.#result;
  }

  free(): void {
    this.world.free();
  }

  #begin(env: number, id: EpisodeId, name: number): void {
    const { episodeSeed, episodeEnv } = this.#arrays;
    episodeSeed[env] = id.seed;
    episodeEnv[env] = id.env;
    this.#name[env] = name;
    clearEarnings(this.#arrays, env);
    this.#start(env, id.episode, id.difficulty ?? this.#curriculum?.difficulty[env]);
  }

  #start(env: number, episode: number, difficulty: number | undefined): void {
    const { episodeSeed, episodeEnv, episodeIndex } = this.#arrays;
    const [seed, index] = [episodeSeed[env]!, episodeEnv[env]!];
    const rng = new Rng(seed, 'env', index, 'episode', episode);
    const startup = this.world.randomization.hasStartup
      ? new Rng(seed, 'env', index, 'startup')
      : undefined;
    episodeIndex[env] = episode;
    const { field } = this.task;
    this.world.reset(env, rng.fork('world'), this.#writeStart, { startup, difficulty, field });
    const { reference } = this.view;
    const drawn = [this.world.getField(env), this.world.contexts[env]!.difficulty] as const;
    this.#references.reset(env, reference, rng.fork('reference'), ...drawn);
    this.#sight.reset(env);
    this.#score.reset(env, this.world.getField(env));
    this.situation.action.fill(0, env * this.numActions, (env + 1) * this.numActions);
    this.situation.previousAction.fill(0, env * this.numActions, (env + 1) * this.numActions);
    this.#observe(env);
  }

  #startNext(env: number): void {
    const home = this.#home[env];
    if (home !== undefined) {
      this.#home[env] = undefined;
      this.#name[env] = home.name;
      const { episodeSeed, episodeEnv, episodeIndex } = this.#arrays;
      episodeSeed[env] = home.id.seed;
      episodeEnv[env] = home.id.env;
      episodeIndex[env] = home.id.episode;
    }
    this.#start(env, this.#arrays.episodeIndex[env]! + 1, this.#curriculum?.difficulty[env]);
  }

  #requireReset(): void {
    if (!this.#isReset) throw new RangeError('SimEnv: call reset(seed) first');
  }

  #beginStep(action: Float32Array): void {
    this.#requireReset();
    if (action.length !== this.numEnvs * this.numActions) {
      throw new RangeError(
        `SimEnv.step: action must be [${this.numEnvs}, ${this.numActions}], got ${action.length} numbers`,
      );
    }
    const { terminated, truncated, reward, rewardTerms, costTerms } = this.#arrays;
    this.#result.info.episodes.length = 0;
    this.#result.info.rows.length = 0;
    reward.fill(0);
    rewardTerms.fill(0);
    costTerms.fill(0);
    if (this.#autoreset === 'same_step') {
      terminated.fill(0);
      truncated.fill(0);
      return;
    }
    for (let env = 0; env < this.numEnvs; env++) {
      this.#isIdle[env] = terminated[env] === 1 || truncated[env] === 1 ? 1 : 0;
    }
  }

  #act(env: number, raw: Float32Array): void {
    const n = this.numActions;
    const { action, previousAction } = this.situation;
    if (!isRowFinite(raw, env, n)) this.#fail(env, 'action', raw);
    for (let k = env * n; k < (env + 1) * n; k++) previousAction[k] = action[k]!;
    this.actions.writeRow(this.#command, action, raw, env);
    this.#sight.remember(env, action);
    for (let k = 0; k < n; k++) this.#commandRow[k] = this.#command[env * n + k]!;
    this.world.setCommand(env, this.#commandRow);
  }

  /** What the step has led to: reference, reward, costs, end, next observation. */
  #conclude(env: number): void {
    this.#checkState(env);
    this.#sight.look(env);
    this.#moveReference(env);
    const { terminated, truncated } = this.#arrays;
    this.#score.write(this.#arrays, env);
    const reason = this.#score.writeEnd(terminated, truncated, env);
    this.#observe(env);
    if (reason !== undefined) this.#finishEpisode(env, reason);
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
    const { terminated, episodeSeed, episodeIndex } = this.#arrays;
    const { episodes, rows } = this.#result.info;
    const end = terminated[env] === 1 ? 'terminated' : 'truncated';
    const score = this.#score.summarize(env, end, reason);
    episodes.push({
      env: this.#name[env]!,
      seed: episodeSeed[env]!,
      episode: episodeIndex[env]!,
      context: this.world.contexts[env]!,
      redraws: this.world.getContextEvents(env),
      field: this.world.getField(env),
      ...score,
    });
    if (this.#home[env] === undefined) this.#curriculum?.report(env, score.success);
    rows.push(env);
    keepFinalRow(this.#arrays, env);
    if (this.#autoreset === 'same_step') this.#startNext(env);
  }

  #observe(env: number): void {
    const { context } = this.#arrays;
    this.#sight.write(this.#arrays, env);
    const drawn = this.world.currentContexts[env]!;
    if (this.#known[env] === drawn) return;
    this.#known[env] = drawn;
    const names = this.layout.contextNames;
    for (let k = 0; k < names.length; k++) context[env * names.length + k] = drawn[names[k]!]!;
  }

  #fail(env: number, quantity: string, action: Float32Array): never {
    throw new NonFiniteError({
      env: this.#name[env]!,
      seed: this.#arrays.episodeSeed[env]!,
      episode: this.#arrays.episodeIndex[env]!,
      step: this.#score.steps[env]!,
      quantity,
      action: [...action.subarray(env * this.numActions, (env + 1) * this.numActions)],
      truth: copyStateDump(this.world.truth, env),
      measured: copyStateDump(this.world.measured, env),
      context: this.world.contexts[env]!,
    });
  }
}

interface HomeEpisode {
  readonly id: EpisodeId;
  /** What summaries and errors call the environment. */
  readonly name: number;
}

/**
 * Makes the environments of a task; `reset(seed)` starts them.
 * @throws UserError for an option, task or robot that does not exist, a terrain that cannot be, a robot that
 *   does not fit the task, or an observation of a joint that no sensor measures
 */
export async function makeSimEnv(options: SimEnvOptions): Promise<SimEnv> {
  const plan = await planEnv(options);
  const { numEnvs, firstEnv } = plan.config;
  return new SimEnv(plan, await makePlannedWorld(plan, numEnvs), { firstEnv });
}

/** Of each episode on its own, from its own randomness. @param share of the episodes that start further off */
function chooseStarts(
  { writeStart, writeWideStart }: TaskDefinition,
  share: number,
): TaskDefinition['writeStart'] {
  if (share === 0 || writeWideStart === undefined) return writeStart;
  return (out, robot, model, rng, field) => {
    if (rng.bernoulli(share)) writeWideStart(out, robot, model, rng);
    else writeStart(out, robot, model, rng, field);
  };
}
