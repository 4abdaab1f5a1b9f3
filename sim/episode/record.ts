import type { EngineName } from '../engine/engine.ts';
import type { EpisodeSummary } from '../env-result.ts';
import type { Distribution } from '../randomize/config.ts';

/** Name and version of the record; a change of meaning is a new version. */
export const EPISODE_SCHEMA = 'zerogap.episode/2';

/** Who decided on an action; recorded as the index in this list. */
export const CONTROLLERS = ['policy', 'human', 'safety'] as const;
export type ControllerName = (typeof CONTROLLERS)[number];

/** What is the same for all episodes of a dataset; names are those of the columns of the record's arrays. */
export interface EpisodeLayout {
  readonly schema: typeof EPISODE_SCHEMA;
  readonly task: string;
  /** What the robot is asked to do, in a sentence. */
  readonly taskDescription: string;
  readonly robot: string;
  /** sha256 of the robot's resolved model, in hex */
  readonly robotSha256: string;
  /** 'random', the name of a classical controller, or the name of a learnt policy. */
  readonly policy: string;
  /** Of the ONNX file, in hex; undefined where there is no file. */
  readonly policySha256: string | undefined;
  readonly engine: EngineName;
  /** [Hz] control rate: frame k is at k / rateHz seconds */
  readonly rateHz: number;
  /** [1] control steps of the longest episode */
  readonly maxFrames: number;
  readonly observationNames: readonly string[];
  /** As the environment has them: those of every frame, see {@link listFrameCriticNames}, and those of the episode. */
  readonly criticNames: readonly string[];
  /** Those of `criticNames` that an episode has once, because nothing changes them while it runs. */
  readonly constantCriticNames: readonly string[];
  readonly actionNames: readonly string[];
  /** [lower, upper] what raw actions are clipped to; at an end an action is saturated */
  readonly actionClip: readonly [number, number];
  readonly rewardNames: readonly string[];
  readonly costNames: readonly string[];
  /** Empty for a task without goals. */
  readonly goalNames: readonly string[];
  /** Every movable joint, in the robot's order. */
  readonly jointNames: readonly string[];
  readonly contextNames: readonly string[];
  /** [contextNames.length] what each number of the context is drawn from, at its widest; a number is not drawn */
  readonly contextDistributions: readonly Distribution[];
}

/**
 * One episode. Frame k is what was seen, done and earned in control step k; arrays marked T + 1 have one more row,
 * what was seen after the last step. 32-bit as trainers want it.
 */
export interface EpisodeRecord {
  /** In the dataset, from 0; its seed and draw follow from it and from the run's seed alone. */
  readonly index: number;
  readonly summary: EpisodeSummary;
  /** T. [1] */
  readonly numFrames: number;
  /** [T + 1, numObservations] input of the policy's network */
  readonly observation: Float32Array;
  /** [T + 1, numFrameCritic] what is true, and what of the draw may change, see {@link listFrameCriticNames} */
  readonly critic: Float32Array;
  /** [numConstantCritic] the rest of what a critic sees, which is the same in every frame */
  readonly criticConstants: Float32Array;
  /** [T, numActions] raw output of the policy, before clip, scale and offset */
  readonly action: Float32Array;
  /** [T] */
  readonly reward: Float32Array;
  /** [T, numRewards] weighted; a row adds up to the reward */
  readonly rewardTerms: Float32Array;
  /** [T, numCosts] */
  readonly costTerms: Float32Array;
  /** [T + 1, numGoal] */
  readonly achievedGoal: Float32Array;
  /** [T + 1, numGoal] */
  readonly desiredGoal: Float32Array;
  /** [T] index in {@link CONTROLLERS} */
  readonly controller: Uint8Array;
  /**
   * [T + 1, 7 + numJoints] where the robot truly was: m [@frame odom], x, y, z, w, rad. Empty where nobody asked; no part
   * of the digest, since what was simulated does not depend on it.
   */
  readonly pose: Float32Array;
}

/** Names of the numbers of a critic that every frame has, in the order of the critic. */
export function listFrameCriticNames({
  criticNames,
  constantCriticNames,
}: Pick<EpisodeLayout, 'criticNames' | 'constantCriticNames'>): readonly string[] {
  const constant = new Set(constantCriticNames);
  return criticNames.filter((name) => !constant.has(name));
}
