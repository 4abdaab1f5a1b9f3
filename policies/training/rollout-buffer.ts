import type { EpisodeId } from '../../sim/episode/plan.ts';

/** An episode that ended in a round. */
export interface EndedEpisode {
  /** Row of its last step. */
  readonly index: number;
  readonly id: EpisodeId;
}

/** One round of acting: what was seen, done and paid, step by step. Rows of a step lie together. */
export interface RolloutBuffer {
  readonly numSteps: number;
  readonly numEnvs: number;
  /** [numSteps, numEnvs, numObservations] what the actor sees */
  readonly observation: Float32Array;
  /** [numSteps, numEnvs, width] what the critic sees */
  readonly critic: Float32Array;
  /** [numSteps, numEnvs, numActions] before the environment clips it */
  readonly action: Float32Array;
  /** [numSteps, numEnvs, numActions] of the distribution that it was drawn from */
  readonly mean: Float32Array;
  /** [numSteps, numEnvs] log-density of the action */
  readonly logProbability: Float32Array;
  /** [numSteps, numEnvs] as the environment paid it */
  readonly reward: Float32Array;
  /** [numSteps, numEnvs] 1 where the task ended the episode: nothing follows that would have a value */
  readonly terminated: Uint8Array;
  /** [numSteps, numEnvs] 1 where the episode ended in this step, either way */
  readonly isEnd: Uint8Array;
  /** [numSteps, numEnvs] 0 where the episode began with this step, else 1 */
  readonly goesOn: Float32Array;
  /** [numEnvs, width] what the critic sees after the last step */
  readonly lastCritic: Float32Array;
  /** Where episodes were cut short: what the critic saw last of them. */
  readonly cuts: { readonly index: number; readonly critic: Float32Array }[];
  /** Which episodes ended, where environments say so. */
  readonly ended: EndedEpisode[];
}

export interface BufferWidths {
  readonly numSteps: number;
  readonly numEnvs: number;
  readonly numObservations: number;
  readonly numCritic: number;
  readonly numActions: number;
}

export function makeRolloutBuffer(widths: BufferWidths): RolloutBuffer {
  const { numSteps, numEnvs, numObservations, numCritic, numActions } = widths;
  const rows = numSteps * numEnvs;
  return {
    numSteps,
    numEnvs,
    observation: new Float32Array(rows * numObservations),
    critic: new Float32Array(rows * numCritic),
    action: new Float32Array(rows * numActions),
    mean: new Float32Array(rows * numActions),
    logProbability: new Float32Array(rows),
    reward: new Float32Array(rows),
    terminated: new Uint8Array(rows),
    isEnd: new Uint8Array(rows),
    goesOn: new Float32Array(rows),
    lastCritic: new Float32Array(numEnvs * numCritic),
    cuts: [],
    ended: [],
  };
}
