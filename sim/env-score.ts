import type { RobotModel } from './robot/model.ts';
import type { RobotView } from './task/robot-view.ts';
import type { Judge, Rewards, Situation, TaskDefinition, Terminations } from './task/task.ts';
import type { RobotWorld } from './world.ts';

/** How an episode ended and what it was worth. */
export interface EpisodeScore {
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
}

/** Rewards, terminations, time limit and judge of a task, for N environments. */
export class Score {
  /** Names of the reward terms, in order. */
  readonly rewardNames: readonly string[];
  /** Per term, [numEnvs] weighted, of the last step. */
  readonly rewardTerms: Readonly<Record<string, Float32Array>>;
  /** [numEnvs] control steps since the episode began */
  readonly steps: Int32Array;
  readonly #situation: Situation;
  readonly #rewards: readonly Rewards[string][];
  /** The arrays of `rewardTerms`, in order. */
  readonly #values: readonly Float32Array[];
  /** [numEnvs, numTerms] */
  readonly #returns: Float64Array;
  readonly #terminationNames: readonly string[];
  readonly #terminations: readonly Terminations[string][];
  readonly #judge: Judge;
  readonly #maxSteps: number;

  constructor(task: TaskDefinition, model: RobotModel, situation: Situation) {
    const numEnvs = situation.truth.numRobots;
    const rewards = task.makeRewards(model);
    const terminations = task.makeTerminations(model);
    this.#situation = situation;
    this.rewardNames = Object.keys(rewards);
    this.#rewards = Object.values(rewards);
    this.#values = this.rewardNames.map(() => new Float32Array(numEnvs));
    this.rewardTerms = Object.fromEntries(
      this.rewardNames.map((name, term) => [name, this.#values[term]!]),
    );
    this.#returns = new Float64Array(numEnvs * this.rewardNames.length);
    this.#terminationNames = Object.keys(terminations);
    this.#terminations = Object.values(terminations);
    this.#judge = task.makeJudge(model, numEnvs);
    this.#maxSteps = Math.round(task.episodeLengthS * task.controlRateHz);
    this.steps = new Int32Array(numEnvs);
  }

  /** Starts an episode. */
  reset(env: number): void {
    const terms = this.#rewards.length;
    this.#returns.fill(0, env * terms, (env + 1) * terms);
    this.steps[env] = 0;
    this.#situation.timeS[env] = 0;
    this.#judge.reset(env);
  }

  /** Starts a step: environments that are not scored in it have no reward. */
  clearRewards(): void {
    for (let term = 0; term < this.#values.length; term++) this.#values[term]!.fill(0);
  }

  /** The reward of the step, kept by term; the judge looks on. */
  computeReward(env: number): number {
    const terms = this.#rewards.length;
    let sum = 0;
    for (let term = 0; term < terms; term++) {
      const reward = this.#rewards[term]!;
      const value = reward.weight * reward.term(this.#situation, env);
      this.#values[term]![env] = value;
      this.#returns[env * terms + term]! += value;
      sum += value;
    }
    this.#judge.observe(this.#situation, env);
    return sum;
  }

  /**
   * Raises the environment's flags; both where time runs out in the step that terminates. Whoever
   * bootstraps looks at `terminated` first.
   * @returns what ended the episode, a termination before a truncation; undefined if it goes on
   */
  writeEnd(terminated: Uint8Array, truncated: Uint8Array, env: number): string | undefined {
    let end: string | undefined;
    let cut: string | undefined;
    for (let k = 0; k < this.#terminations.length; k++) {
      const { kind, term } = this.#terminations[k]!;
      if (!term(this.#situation, env)) continue;
      if (kind === 'terminated') end ??= this.#terminationNames[k]!;
      else cut ??= this.#terminationNames[k]!;
    }
    if (this.steps[env]! >= this.#maxSteps) cut ??= 'timeLimit';
    terminated[env] = end === undefined ? 0 : 1;
    truncated[env] = cut === undefined ? 0 : 1;
    return end ?? cut;
  }

  /** Allocates; for the end of an episode. */
  summarize(env: number, end: EpisodeScore['end'], reason: string): EpisodeScore {
    const terms = this.#rewards.length;
    const returns = [...this.#returns.subarray(env * terms, (env + 1) * terms)];
    const { success, metrics } = this.#judge.judge(env);
    return {
      steps: this.steps[env]!,
      lengthS: this.#situation.timeS[env]!,
      return: returns.reduce((sum, value) => sum + value, 0),
      returnPerTerm: Object.fromEntries(this.rewardNames.map((name, k) => [name, returns[k]!])),
      end,
      reason,
      success: success && end !== 'terminated',
      metrics,
    };
  }
}

/** What rewards and terminations look at, in one piece. */
export function makeSituation(world: RobotWorld, view: RobotView, numActions: number): Situation {
  return {
    truth: world.truth,
    reference: view.reference,
    memory: view.memory,
    action: new Float32Array(world.numRobots * numActions),
    previousAction: new Float32Array(world.numRobots * numActions),
    timeS: new Float64Array(world.numRobots),
    contact: world.contact,
  };
}
