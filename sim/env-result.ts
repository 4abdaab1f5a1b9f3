import type { EpisodeScore } from './env-score.ts';
import type { Context } from './randomize/draw.ts';
import type { RobotWorld } from './world.ts';

/** An episode that has just ended. */
export interface EpisodeSummary extends EpisodeScore {
  readonly env: number;
  /** The numbers that its randomness came from, see SimEnv.reset. */
  readonly seed: number;
  readonly episode: number;
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

/** Allocates the arrays that every step fills anew. */
export function makeStepResult(
  world: RobotWorld,
  rewardTerms: StepInfo['rewardTerms'],
  width: number,
) {
  const numEnvs = world.numRobots;
  return {
    observation: new Float32Array(numEnvs * width),
    reward: new Float32Array(numEnvs),
    terminated: new Uint8Array(numEnvs),
    truncated: new Uint8Array(numEnvs),
    info: {
      episodes: [] as EpisodeSummary[],
      finalObservation: new Float32Array(numEnvs * width),
      rewardTerms,
      contexts: world.contexts,
    },
  } satisfies StepResult;
}
