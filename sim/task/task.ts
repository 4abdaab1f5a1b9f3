import type { Rng } from '../math/rng.ts';
import type { RandomizationConfig } from '../randomize/config.ts';
import type { ServoGains } from '../robot/gains.ts';
import type { RobotModel } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';
import type { TerrainInput } from '../terrain/config.ts';
import type { CriticColumn } from './critic-column.ts';
import type { Field, FieldSpec } from './field.ts';
import type { Footing } from './footing.ts';
import type { MirrorSpec } from './mirror.ts';
import type { ObservationMemory, ReferenceBatch, RobotView } from './robot-view.ts';

/** One entry of an observation group: which term, and how its numbers enter the network. */
export interface ObservationTermSpec {
  readonly name: string;
  /** [1] numbers per frame of history */
  readonly width: number;
  readonly unit: string;
  readonly frame?: string | undefined;
  /** Applied before scale, in the term's unit. */
  readonly clip?: readonly [number, number] | undefined;
  readonly scale?: number | undefined;
  /** Frames, the current one included; 1 = no history. */
  readonly history?: number | undefined;
  /** Control steps from one frame of history to the next; default 1. */
  readonly historyStride?: number | undefined;
  readonly jointNames?: readonly string[] | undefined;
  /** For terms of one sensor: its name in robot.yaml. */
  readonly sensor?: string | undefined;
  /** [s] for terms that go round: how long one lap takes. */
  readonly periodS?: number | undefined;
  /** [m] for terms that look for ways: from base_link to what is in the way, at least. */
  readonly clearance?: number | undefined;
}

/** How the integral of the position error is kept from winding up. */
export interface IntegralBounds {
  /** [m·s] each axis stays within ± this */
  readonly limit: number;
  /** [m] while the error is longer than this the integral stands still */
  readonly maxError: number;
}

/** Pure: writes the term of robot `robot` at out[offset …]. Allocates nothing. */
export type ObservationTerm = (
  out: Float32Array,
  offset: number,
  view: RobotView,
  robot: number,
) => void;

/** Raw network output → command: clip, then scale, then offset. Lists follow actuated joint order. */
export interface ActionSpec {
  readonly kind: 'velocity' | 'effort' | 'position';
  readonly clip: readonly [number, number];
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/** What rewards and terminations may look at: the truth, not the measurement. */
export interface Situation {
  readonly truth: StateBatch;
  readonly reference: ReferenceBatch;
  readonly memory: ObservationMemory;
  /** [numRobots, numActions] clipped raw actions of this and the previous step */
  readonly action: Float32Array;
  readonly previousAction: Float32Array;
  /** [numRobots, numJoints] rad/s or m/s, as in `truth` one control step earlier */
  readonly previousJointVelocity: Float64Array;
  /** How the robots stand on the feet that the task names. */
  readonly footing: Footing;
  /** [numRobots] s since reset */
  readonly timeS: Float64Array;
  /** [numRobots] 1 where a collision shape touches the world */
  readonly contact: Uint8Array;
  /** From base_link to the nearest object of the scene, seen from above; +Infinity where there is none. [m] */
  computeClearance(robot: number): number;
  /** Of the episode, for a task that draws one. */
  getField(robot: number): Field | undefined;
}

/** @returns 0 or more, in units of its own */
export type CostTerm = (situation: Situation, robot: number) => number;

/**
 * The goal channel: what was wanted and what was got, in the same numbers, so that an episode can be told again as
 * if what it reached had been wanted (M. Andrychowicz et al., "Hindsight experience replay", NeurIPS 2017).
 */
export interface GoalSpec {
  /** One per number. */
  readonly names: readonly string[];
  /** One per number. */
  readonly units: readonly string[];
  /** Writes numbers of one robot at out[offset …]. Allocates nothing. */
  writeAchieved(out: Float32Array, offset: number, situation: Situation, robot: number): void;
  writeDesired(out: Float32Array, offset: number, situation: Situation, robot: number): void;
  /** Reward of one step, of the two goals alone. @param a, d offsets of the numbers in their arrays */
  computeReward(achieved: Float32Array, a: number, desired: Float32Array, d: number): number;
  isReached(achieved: Float32Array, a: number, desired: Float32Array, d: number): boolean;
  /** Absent: observations do not tell what is wanted apart from everything else. See {@link RetellableGoal}. */
  retell?(seen: Float32Array, row: number, desired: Float32Array): void;
}

/**
 * A goal channel whose observations can be told again: what would have been seen if something else had been wanted all
 * along. Exact only of a task in which nothing else hangs on the goal: no end of an episode, and no reward but
 * {@link GoalSpec.computeReward}.
 */
export interface RetellableGoal extends GoalSpec {
  /**
   * Rewrites one row of a table of observations.
   * @param seen [numRows, width] @param row which @param desired [numRows, numGoal] what is to have been wanted, same row
   */
  retell(seen: Float32Array, row: number, desired: Float32Array): void;
}

export type RewardTerm = (situation: Situation, robot: number) => number;
export type TerminationTerm = (situation: Situation, robot: number) => boolean;

/** Moves one robot's reference. Deterministic given its Rng. */
export interface ReferenceGenerator {
  /**
   * @param field of the episode, for a task that draws one
   * @param difficulty [-] @range 0, 1 of the episode
   */
  reset(robot: number, out: ReferenceBatch, rng: Rng, field?: Field, difficulty?: number): void;
  /** @param timeS since reset @param dt control period */
  advance(robot: number, out: ReferenceBatch, state: StateBatch, timeS: number, dt: number): void;
}

/** A task is which terms, with which weights. Adding a task is adding one file in sim/tasks. */
export interface TaskDefinition {
  readonly name: string;
  readonly robot: string;
  readonly description: string;
  readonly controlRateHz: number;
  /** Physics steps per control step; absent: as many as the robot's own physics rate makes. */
  readonly substeps?: number | undefined;
  readonly episodeLengthS: number;
  /** What the robot's position servos are set to; absent: as in its description. */
  readonly gains?: ServoGains | undefined;
  /** Collision shapes, balls, that rewards, critic and judge look at as feet; absent: none, and contact forces are not found. */
  readonly feet?: readonly string[] | undefined;
  /** What stands around the robot unless who runs the task says otherwise; default: a floor at z = 0. */
  readonly terrain?: TerrainInput | undefined;
  /** Absent: left and right are not one another's images. */
  readonly mirror?: MirrorSpec | undefined;
  /** What of it is elsewhere in every episode; before start and reference are drawn, which are told. */
  readonly field?: FieldSpec | undefined;
  /** In the order of the network's input. */
  readonly observations: readonly ObservationTermSpec[];
  /**
   * What a critic or an analyst sees besides: terms of the true state, without noise, delay or lost
   * samples. Absent: the policy's own terms. What the episode drew is always appended.
   */
  readonly critic?: readonly ObservationTermSpec[] | undefined;
  /**
   * What whoever acts by the critic's columns was taught that they are: what was drawn is scaled as there, and environments
   * with other columns are refused. Absent: nobody acts by them.
   */
  readonly privileged?: readonly CriticColumn[] | undefined;
  /** What is to be reached, for tasks that can be told so; absent: no goal channel. */
  readonly goal?: GoalSpec | undefined;
  /** Absent: as in POSITION_ERROR_INTEGRAL of observation.ts. */
  readonly positionErrorIntegral?: IntegralBounds | undefined;
  makeAction(model: RobotModel): ActionSpec;
  /** Reward of one control step = Σ weight · term. The model resolves joint names, once. */
  makeRewards(model: RobotModel): Rewards;
  /** What should not happen, 0 or more per step each, kept apart from the reward; absent: no costs. */
  makeCosts?(model: RobotModel): Readonly<Record<string, CostTerm>>;
  /** What ends an episode before its length; running out of time is the environment's business. */
  makeTerminations(model: RobotModel): Terminations;
  makeReference(numRobots: number): ReferenceGenerator;
  /** What `makeReference` asks for, by quantity; goes into a policy's manifest. */
  readonly commandRanges?: Readonly<Record<string, readonly [lower: number, upper: number]>>;
  /** Writes the start state of one robot, around the model's home. */
  writeStart(out: StateBatch, robot: number, model: RobotModel, rng: Rng, field?: Field): void;
  /** Starts further off than those that are judged, for training data; absent: as `writeStart`. */
  writeWideStart?(out: StateBatch, robot: number, model: RobotModel, rng: Rng): void;
  readonly randomization: RandomizationConfig;
  /**
   * Whether an episode that ran to its end counts as a success, with the numbers it was judged by.
   * Fed once per control step, read at the end. An episode that was terminated is no success unless what ended it is one.
   */
  makeJudge(model: RobotModel, numRobots: number): Judge;
}

export type Rewards = Readonly<
  Record<string, { readonly weight: number; readonly term: RewardTerm }>
>;

export type Terminations = Readonly<Record<string, Termination>>;

export interface Termination {
  /**
   * `terminated`: nothing comes after, and whoever learns values takes what comes after for 0, of a goal that was
   * reached as of a crash; what reaching it is worth stands in the reward of that step. `truncated`: the
   * episode was cut short, and the value of what was seen last stands for the rest.
   */
  readonly kind: 'terminated' | 'truncated';
  readonly term: TerminationTerm;
  /** Ends the episode because it is done: it then may count as a success. */
  readonly isSuccess?: true;
}

export interface Judge {
  /** @param field of the episode, for a task that draws one */
  reset(robot: number, field?: Field): void;
  observe(situation: Situation, robot: number): void;
  judge(robot: number): { readonly success: boolean; readonly metrics: Record<string, number> };
}
