import type { z } from 'zod';
import { type AutoresetMode, EnvConfig } from './config.ts';
import { copyStateDump, findNonFinite, isRowFinite, NonFiniteError } from './env-guard.ts';
import { throwIfAny, UserError } from './errors.ts';
import { Rng } from './math/rng.ts';
import type { Context } from './randomize/draw.ts';
import { loadRobot } from './robot/load.ts';
import type { RobotModel } from './robot/model.ts';
import { type ActionPipeline, makeActionPipeline } from './task/action.ts';
import { makeObservationPipeline, type ObservationPipeline } from './task/observation.ts';
import { makeReferenceBatch, type ReferenceBatch, type RobotView } from './task/robot-view.ts';
import type {
  Judge,
  ReferenceGenerator,
  Rewards,
  Situation,
  TaskDefinition,
  Terminations,
} from './task/task.ts';
import { getTask } from './tasks/registry.ts';
import { type EngineFactory, makeRobotWorld, type RobotWorld } from './world.ts';

/** An episode that has just ended. */
export interface EpisodeSummary {
  readonly env: number;
  /** The numbers that its randomness came from, see {@link SimEnv.reset}. */
  readonly seed: number;
  readonly episode: number;
  readonly steps: number;
  readonly lengthS: number;
  readonly return: number;
  /** Sum of each weighted reward term; they add up to the return. */
  readonly returnPerTerm: Readonly<Record<string, number>>;
  readonly end: 'terminated' | 'truncated';
  /** Name of the termination, or 'timeLimit'. */
  readonly reason: string;
  readonly success: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  readonly context: Context;
}

export interface ResetInfo {
  /** What each robot drew. */
  readonly contexts: readonly Context[];
}

/** All arrays are borrowed: the next step or reset overwrites them. */
export interface StepInfo {
  /** Episodes that ended in this step, by env. */
  readonly episodes: readonly EpisodeSummary[];
  /** [numEnvs, width] the last observation of the episodes that ended; other rows are stale */
  readonly finalObservation: Float32Array;
  /** Per term, [numEnvs] weighted; they add up to the reward. */
  readonly rewardTerms: Readonly<Record<string, Float32Array>>;
  /** What each robot has drawn for the episode that it is in now. */
  readonly contexts: readonly Context[];
}

/** All arrays are borrowed: the next step or reset overwrites them. */
export interface StepResult {
  /** [numEnvs, width] */
  readonly observation: Float32Array;
  /** [numEnvs] */
  readonly reward: Float32Array;
  /** [numEnvs] 1 where the task ended the episode: the value of what follows is 0 */
  readonly terminated: Uint8Array;
  /** [numEnvs] 1 where time or the task cut it short: what follows would have had a value */
  readonly truncated: Uint8Array;
  readonly info: StepInfo;
}

export type SimEnvOptions = z.input<typeof EnvConfig> & {
  readonly task: TaskDefinition | string;
  /** A robot or its name; default: the task's. */
  readonly robot?: RobotModel | string;
  /** Index of the first environment where several SimEnv share one run; 0 if alone. */
  readonly firstEnv?: number;
};

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
 * nothing else. Same seed, same options: same bits. See world.ts and the engine for what the place of
 * an environment in the grid does to its last bits.
 */
export class SimEnv {
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly world: RobotWorld;
  readonly numEnvs: number;
  readonly numActions: number;
  /** Numbers in one observation. */
  readonly observationWidth: number;
  /** Names of the reward terms, in order. */
  readonly rewardNames: readonly string[];
  /** Measured state, reference and memory: what classical controllers read. */
  readonly view: RobotView;
  /** True state, reference, actions: what rewards and judges read. */
  readonly situation: Situation;
  readonly actions: ActionPipeline;
  readonly #autoreset: AutoresetMode;
  readonly #firstEnv: number;
  readonly #observations: ObservationPipeline;
  readonly #reference: ReferenceBatch;
  readonly #references: ReferenceGenerator;
  readonly #rewards: Rewards[string][];
  readonly #terminations: [name: string, Terminations[string]][];
  readonly #judge: Judge;
  readonly #maxSteps: number;
  readonly #command: Float64Array;
  readonly #commandRow: Float64Array;
  readonly #rewardTerms: Float32Array[];
  readonly #result: StepResult & { readonly info: { episodes: EpisodeSummary[] } };
  readonly #steps: Int32Array;
  readonly #episode: Int32Array;
  readonly #seed: Float64Array;
  /** [numEnvs] index that the environment's stream is named after */
  readonly #streamIndex: Int32Array;
  /** [numEnvs, numTerms] */
  readonly #returns: Float64Array;
  #isReset = false;

  constructor(
    task: TaskDefinition,
    world: RobotWorld,
    options: { readonly autoreset: AutoresetMode; readonly firstEnv: number },
  ) {
    const { model, numRobots: numEnvs } = world;
    const where = `task '${task.name}'`;
    this.task = task;
    this.model = model;
    this.world = world;
    this.numEnvs = numEnvs;
    this.#autoreset = options.autoreset;
    this.#firstEnv = options.firstEnv;
    this.actions = makeActionPipeline({
      spec: task.makeAction(model),
      numRobots: numEnvs,
      model,
      where: `${where}, action`,
    });
    this.#observations = makeObservationPipeline({
      terms: task.observations,
      numRobots: numEnvs,
      model,
      where: `${where}, observations`,
    });
    this.numActions = this.actions.numActions;
    this.observationWidth = this.#observations.width;
    this.#reference = makeReferenceBatch(numEnvs);
    this.#references = task.makeReference(numEnvs);
    this.view = this.#observations.makeView(world.measured, this.#reference);
    this.situation = {
      truth: world.truth,
      reference: this.#reference,
      memory: this.view.memory,
      action: new Float32Array(numEnvs * this.numActions),
      previousAction: new Float32Array(numEnvs * this.numActions),
      timeS: new Float64Array(numEnvs),
      contact: world.contact,
    };
    const rewards = Object.entries(task.makeRewards(model));
    this.rewardNames = rewards.map(([name]) => name);
    this.#rewards = rewards.map(([, reward]) => reward);
    this.#terminations = Object.entries(task.makeTerminations(model));
    this.#judge = task.makeJudge(model, numEnvs);
    this.#maxSteps = Math.round(task.episodeLengthS * task.controlRateHz);
    this.#command = new Float64Array(numEnvs * this.numActions);
    this.#commandRow = new Float64Array(this.numActions);
    this.#rewardTerms = rewards.map(() => new Float32Array(numEnvs));
    this.#steps = new Int32Array(numEnvs);
    this.#episode = new Int32Array(numEnvs);
    this.#seed = new Float64Array(numEnvs);
    this.#streamIndex = new Int32Array(numEnvs);
    this.#returns = new Float64Array(numEnvs * rewards.length);
    this.#result = {
      observation: new Float32Array(numEnvs * this.observationWidth),
      reward: new Float32Array(numEnvs),
      terminated: new Uint8Array(numEnvs),
      truncated: new Uint8Array(numEnvs),
      info: {
        episodes: [],
        finalObservation: new Float32Array(numEnvs * this.observationWidth),
        rewardTerms: Object.fromEntries(
          this.rewardNames.map((name, term) => [name, this.#rewardTerms[term]!]),
        ),
        contexts: world.contexts,
      },
    };
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
    this.#episode[env] = this.#episode[env]! + 1;
    const rng = new Rng(
      this.#seed[env]!,
      'env',
      this.#streamIndex[env]!,
      'episode',
      this.#episode[env]!,
    );
    this.world.reset(env, rng.fork('world'), this.task.writeStart);
    this.#references.reset(env, this.#reference, rng.fork('reference'));
    this.#observations.reset(env);
    this.#judge.reset(env);
    this.#steps[env] = 0;
    this.situation.timeS[env] = 0;
    const n = this.numActions;
    this.situation.action.fill(0, env * n, (env + 1) * n);
    this.situation.previousAction.fill(0, env * n, (env + 1) * n);
    this.#returns.fill(0, env * this.#rewards.length, (env + 1) * this.#rewards.length);
    this.#observe(env, this.#result.observation);
    if (this.#autoreset === 'disabled') {
      this.#result.terminated[env] = 0;
      this.#result.truncated[env] = 0;
    }
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
    for (let env = 0; env < this.numEnvs; env++) {
      if (this.#isIdle(env)) continue;
      this.#checkState(env);
      this.#moveReference(env);
      this.#reward(env);
      this.#judge.observe(this.situation, env);
      const reason = this.#terminate(env);
      if (reason === undefined) {
        this.#observe(env, this.#result.observation);
      } else {
        this.#finishEpisode(env, reason);
      }
    }
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
    for (const values of this.#rewardTerms) values.fill(0);
    if (this.#autoreset === 'disabled') return;
    this.#result.terminated.fill(0);
    this.#result.truncated.fill(0);
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

  #checkState(env: number): void {
    const { truth, measured } = this.world;
    const quantity = findNonFinite(truth, env);
    if (quantity !== undefined) this.#fail(env, `true ${quantity}`, this.situation.action);
    const sensed = findNonFinite(measured, env);
    if (sensed !== undefined) this.#fail(env, `measured ${sensed}`, this.situation.action);
  }

  #moveReference(env: number): void {
    const period = this.world.controlPeriodS;
    this.#steps[env] = this.#steps[env]! + 1;
    const timeS = this.#steps[env]! * period;
    this.situation.timeS[env] = timeS;
    this.#references.advance(env, this.#reference, this.world.measured, timeS, period);
  }

  #reward(env: number): void {
    let sum = 0;
    for (let term = 0; term < this.#rewards.length; term++) {
      const reward = this.#rewards[term]!;
      const value = reward.weight * reward.term(this.situation, env);
      const total = env * this.#rewards.length + term;
      this.#rewardTerms[term]![env] = value;
      this.#returns[total] = this.#returns[total]! + value;
      sum += value;
    }
    this.#result.reward[env] = sum;
  }

  /** Sets the flags; the name of what ended the episode, or undefined. A termination outranks time. */
  #terminate(env: number): string | undefined {
    const { terminated, truncated } = this.#result;
    let reason: string | undefined;
    for (const [name, { kind, term }] of this.#terminations) {
      if (!term(this.situation, env)) continue;
      if (reason === undefined || (kind === 'terminated' && terminated[env] === 0)) reason = name;
      if (kind === 'terminated') terminated[env] = 1;
      else truncated[env] = 1;
    }
    if (this.#steps[env]! >= this.#maxSteps) {
      truncated[env] = 1;
      reason ??= 'timeLimit';
    }
    // As in Gymnasium's time limit both flags may be raised; bootstrapping looks at `terminated` first.
    return reason;
  }

  #finishEpisode(env: number, reason: string): void {
    this.#result.info.episodes.push(this.#summarize(env, reason));
    this.#observe(env, this.#result.info.finalObservation);
    if (this.#autoreset === 'same_step') {
      this.resetEnv(env);
      return;
    }
    const width = this.observationWidth;
    const last = this.#result.info.finalObservation.subarray(env * width, (env + 1) * width);
    this.#result.observation.set(last, env * width);
  }

  #summarize(env: number, reason: string): EpisodeSummary {
    const isTerminated = this.#result.terminated[env] === 1;
    const { success, metrics } = this.#judge.judge(env);
    const terms = this.#rewards.length;
    const returns = [...this.#returns.subarray(env * terms, (env + 1) * terms)];
    return {
      env: this.#firstEnv + env,
      seed: this.#seed[env]!,
      episode: this.#episode[env]!,
      steps: this.#steps[env]!,
      lengthS: this.situation.timeS[env]!,
      return: returns.reduce((sum, value) => sum + value, 0),
      returnPerTerm: Object.fromEntries(this.rewardNames.map((name, k) => [name, returns[k]!])),
      end: isTerminated ? 'terminated' : 'truncated',
      reason,
      success: success && !isTerminated,
      metrics,
      context: this.world.contexts[env]!,
    };
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
      step: this.#steps[env]!,
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
 * @throws UserError for an unknown task or robot, for a robot that does not fit the task, or for an
 *   observation of a joint that no sensor measures
 */
export async function makeSimEnv(
  options: SimEnvOptions,
  makeEngine?: EngineFactory,
): Promise<SimEnv> {
  const { task: taskOrName, robot: robotOrName, firstEnv = 0, ...rest } = options;
  const config = EnvConfig.parse(rest);
  const task = typeof taskOrName === 'string' ? getTask(taskOrName) : taskOrName;
  const robot = robotOrName ?? task.robot;
  const model = typeof robot === 'string' ? loadRobot(robot) : robot;
  const world = await makeRobotWorld(
    {
      model,
      numRobots: config.numEnvs,
      physicsRateHz: task.controlRateHz * task.substeps,
      controlRateHz: task.controlRateHz,
      tileSpacing: config.tileSpacing,
      ground: config.ground,
      gravity: config.gravity,
      solver: config.solver,
      engine: config.engine,
      randomization: config.randomization ?? task.randomization,
    },
    makeEngine,
  );
  throwIfAny(checkMeasuredJoints(task, world));
  return new SimEnv(task, world, { autoreset: config.autoreset, firstEnv });
}

/** A joint that nothing measures would be observed as 0 for ever. */
function checkMeasuredJoints(task: TaskDefinition, world: RobotWorld): UserError[] {
  return task.observations.flatMap((spec) => {
    const blind = (spec.jointNames ?? []).filter(
      (name) => !world.measuredJointNames.includes(name),
    );
    if (blind.length === 0) return [];
    return [
      new UserError({
        where: `task '${task.name}', observation '${spec.name}'`,
        problem: 'no encoder of the robot measures what it observes',
        expected: `joints among ${world.measuredJointNames.join(', ') || '(none)'}`,
        got: blind.join(', '),
        remedy: `Add an encoder to the robot.yaml of '${world.model.name}', or observe other joints`,
      }),
    ];
  });
}
