import { type EpisodeLayout, type EpisodeRecord, listFrameCriticNames } from '../episode/record.ts';

type FloatArray = {
  [K in keyof EpisodeRecord]: EpisodeRecord[K] extends Float32Array ? K : never;
}[keyof EpisodeRecord];

/** A group of numbers that every frame has. */
export interface FrameFeature {
  /** Its column. */
  readonly name: string;
  /** Where the record keeps it, [numFrames, width] or longer. */
  readonly source: FloatArray;
  readonly width: number;
  /** [width] */
  readonly names: readonly string[];
  /** Whether the record has one more row, what was seen after the last step. */
  readonly hasFinalRow: boolean;
}

/**
 * The floating-point groups of a layout, in the order of the columns. What the policy may not see does not begin
 * with `observation`: LeRobot takes everything that does for an input of the policy.
 */
export function listFrameFeatures(layout: EpisodeLayout): readonly FrameFeature[] {
  const { observationNames, actionNames, rewardNames, costNames, goalNames } = layout;
  const all: readonly Omit<FrameFeature, 'width'>[] = [
    feature('observation.state', 'observation', observationNames, true),
    feature('critic', 'critic', listFrameCriticNames(layout), true),
    feature('action', 'action', actionNames, false),
    feature('next.reward', 'reward', ['reward'], false),
    feature('reward_terms', 'rewardTerms', rewardNames, false),
    feature('cost_terms', 'costTerms', costNames, false),
    feature('goal.achieved', 'achievedGoal', goalNames, true),
    feature('goal.desired', 'desiredGoal', goalNames, true),
  ];
  return all
    .filter(({ names }) => names.length > 0)
    .map((one) => ({ ...one, width: one.names.length }));
}

function feature(
  name: string,
  source: FloatArray,
  names: readonly string[],
  hasFinalRow: boolean,
): Omit<FrameFeature, 'width'> {
  return { name, source, names, hasFinalRow };
}

/** Flags of a frame, 0 or 1; true in the last frame of an episode at most. */
export const FRAME_FLAGS = [
  'next.done',
  'next.terminated',
  'next.truncated',
  'next.success',
] as const;
export type FrameFlag = (typeof FRAME_FLAGS)[number];

/** Whole numbers of a frame besides `controller`; LeRobot's own. */
export const FRAME_COUNTERS = ['frame_index', 'episode_index', 'index', 'task_index'] as const;
