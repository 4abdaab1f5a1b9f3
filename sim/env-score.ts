import type { EnvArrays } from './env-arrays.ts';
import type { RobotModel } from './robot/model.ts';
import type { Field } from './task/field.ts';
import { Footing } from './task/footing.ts';
import type { RobotView } from './task/robot-view.ts';
import type {
  CostTerm,
  Judge,
  Rewards,
  Situation,
  TaskDefinition,
  Terminations,
} from './task/task.ts';
import { computeGroundHeight } from './terrain/ground-height.ts';
import type { RobotWorld } from './world.ts';

/** How an episode ended and what it was worth. */
export interface EpisodeScore {
  readonly steps: number;
  readonly lengthS: number;
  readonly return: number;
  /** Sum of each weighted reward term; they add up to the return. */
  readonly returnPerTerm: Readonly<Record<string, number>>;
  /** Sum of each cost over the steps. */
  readonly costPerTerm: Readonly<Record<string, number>>;
  readonly end: 'terminated' | 'truncated';
  /** Name of the termination, or 'timeLimit'. */
  readonly reason: string;
  readonly success: boolean;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Where the rewards and costs of a step go; rows of EnvArrays. */
type Scored = Pick<EnvArrays, 'reward' | 'rewardTerms' | 'costTerms'>;

/** Rewards, costs, terminations, time limit and judge of a task, for N environments. */
export class Score {
  /** Names of the reward terms, in order. */
  readonly rewardNames: readonly string[];
  readonly costNames: readonly string[];
  /** [numEnvs] control steps since the episode began */
  readonly steps: Int32Array;
  readonly #situation: Situation;
  readonly #rewards: readonly Rewards[string][];
  readonly #costs: readonly CostTerm[];
  /** [numEnvs, numRewards] */
  readonly #returns: Float64Array;
  /** [numEnvs, numCosts] */
  readonly #costSums: Float64Array;
  readonly #terminationNames: readonly string[];
  readonly #terminations: readonly Terminations[string][];
  /** Terminations that are no failure. */
  readonly #endsWell: ReadonlySet<string>;
  readonly #judge: Judge;
  readonly #maxSteps: number;

  constructor(task: TaskDefinition, model: RobotModel, situation: Situation) {
    const numEnvs = situation.truth.numRobots;
    const rewards = task.makeRewards(model);
    const costs = task.makeCosts?.(model) ?? {};
    const terminations = task.makeTerminations(model);
    this.#situation = situation;
    this.rewardNames = Object.keys(rewards);
    this.#rewards = Object.values(rewards);
    this.costNames = Object.keys(costs);
    this.#costs = Object.values(costs);
    this.#returns = new Float64Array(numEnvs * this.rewardNames.length);
    this.#costSums = new Float64Array(numEnvs * this.costNames.length);
    this.#terminationNames = Object.keys(terminations);
    this.#terminations = Object.values(terminations);
    this.#endsWell = new Set(
      this.#terminationNames.filter((name) => terminations[name]!.isSuccess === true),
    );
    this.#judge = task.makeJudge(model, numEnvs);
    this.#maxSteps = computeMaxSteps(task);
    this.steps = new Int32Array(numEnvs);
  }

  /** Starts an episode. */
  reset(env: number, field?: Field): void {
    const terms = this.#rewards.length;
    const costs = this.#costs.length;
    this.#returns.fill(0, env * terms, (env + 1) * terms);
    this.#costSums.fill(0, env * costs, (env + 1) * costs);
    this.steps[env] = 0;
    this.#situation.timeS[env] = 0;
    this.#judge.reset(env, field);
  }

  /** Writes reward and costs of the step, by term; the judge looks on. */
  write(out: Scored, env: number): void {
    const terms = this.#rewards.length;
    let sum = 0;
    for (let term = 0; term < terms; term++) {
      const reward = this.#rewards[term]!;
      const value = reward.weight * reward.term(this.#situation, env);
      out.rewardTerms[env * terms + term] = value;
      this.#returns[env * terms + term]! += value;
      sum += value;
    }
    out.reward[env] = sum;
    const costs = this.#costs.length;
    for (let term = 0; term < costs; term++) {
      const value = this.#costs[term]!(this.#situation, env);
      out.costTerms[env * costs + term] = value;
      this.#costSums[env * costs + term]! += value;
    }
    this.#judge.observe(this.#situation, env);
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
      costPerTerm: Object.fromEntries(
        this.costNames.map((name, k) => [name, this.#costSums[env * this.#costs.length + k]!]),
      ),
      end,
      reason,
      success: success && (end !== 'terminated' || this.#endsWell.has(reason)),
      metrics,
    };
  }
}

/** Control steps of the longest episode of a task. */
export function computeMaxSteps({ episodeLengthS, controlRateHz }: TaskDefinition): number {
  return Math.round(episodeLengthS * controlRateHz);
}

/** What rewards and terminations look at, in one piece. */
export function makeSituation(
  world: RobotWorld,
  view: RobotView,
  feet: readonly string[] = [],
): Situation {
  const { model, numRobots, shapeNames } = world;
  const numActions = model.actuatedJointNames.length;
  if (feet.length > 0) world.watchContactForces();
  const footing = new Footing(model, numRobots, feet, {
    shapeNames,
    forceW: feet.length > 0 ? world.viewContactForces() : undefined,
    computeHeight: (x, y) => computeGroundHeight(world.scene, x, y),
  });
  return {
    footing,
    previousJointVelocity: new Float64Array(numRobots * model.jointNames.length),
    truth: world.truth,
    reference: view.reference,
    memory: view.memory,
    action: new Float32Array(world.numRobots * numActions),
    previousAction: new Float32Array(world.numRobots * numActions),
    timeS: new Float64Array(world.numRobots),
    contact: world.contact,
    computeClearance: (robot) => world.computeClearance(robot),
    getField: (robot) => world.getField(robot),
  };
}
