import type { EnvArrays, SeenArrays } from './env-arrays.ts';
import type { EpisodeScore } from './env-score.ts';
import type { Context } from './randomize/draw.ts';
import type { ContextEvent } from './randomize/redraws.ts';
import type { Field } from './task/field.ts';

/** An episode that has just ended. */
export interface EpisodeSummary extends EpisodeScore {
  /** Index of the environment, in the run and not in its world; of a started episode, that of its EpisodeId. */
  readonly env: number;
  /** The numbers that its randomness came from, see SimEnv.reset. */
  readonly seed: number;
  readonly episode: number;
  /** As drawn at its start. */
  readonly context: Context;
  /** What of it was drawn anew while it ran, in order. */
  readonly redraws: readonly ContextEvent[];
  /** What stood and moved around the robot, of a task that draws it. */
  readonly field?: Field | undefined;
}

export interface ResetInfo {
  /** What each robot drew. */
  readonly contexts: readonly Context[];
}

/** All arrays are borrowed: the next step or reset overwrites them. */
export interface ResetResult extends SeenArrays {
  readonly info: ResetInfo;
}

/** All arrays are borrowed: the next step or reset overwrites them. */
export interface StepInfo {
  /** Episodes that ended in this step, in the order of the environments. */
  readonly episodes: readonly EpisodeSummary[];
  /** [episodes.length] in which row of the arrays each of them ran */
  readonly rows: readonly number[];
  /** [numEnvs, …] what was last seen of the episodes that ended; other rows are stale */
  readonly finalObservation: Float32Array;
  readonly finalCritic: Float32Array;
  readonly finalAchievedGoal: Float32Array;
  readonly finalDesiredGoal: Float32Array;
}

/** All arrays are borrowed: the next step or reset overwrites them. They are those of EnvArrays. */
export interface StepResult
  extends SeenArrays,
    Pick<
      EnvArrays,
      'reward' | 'rewardTerms' | 'costTerms' | 'terminated' | 'truncated' | 'context'
    > {
  readonly info: StepInfo;
}

/** The arrays as steps hand them out. */
export function makeStepResult(arrays: EnvArrays) {
  return {
    observation: arrays.observation,
    critic: arrays.critic,
    achievedGoal: arrays.achievedGoal,
    desiredGoal: arrays.desiredGoal,
    reward: arrays.reward,
    rewardTerms: arrays.rewardTerms,
    costTerms: arrays.costTerms,
    terminated: arrays.terminated,
    truncated: arrays.truncated,
    context: arrays.context,
    info: {
      episodes: [] as EpisodeSummary[],
      rows: [] as number[],
      finalObservation: arrays.finalObservation,
      finalCritic: arrays.finalCritic,
      finalAchievedGoal: arrays.finalAchievedGoal,
      finalDesiredGoal: arrays.finalDesiredGoal,
    },
  } satisfies StepResult;
}
