import { type EnvArrays, makeEnvArrays, viewEnvRows } from '../env-arrays.ts';
import type { EnvLayout } from '../env-layout.ts';

/**
 * What an environment can be told to start: nothing, the episode that is named, the same between its own, or the next of
 * its own.
 */
export const STARTS = { none: 0, named: 1, visit: 2, next: 3 } as const;

/** Which episodes are to start, one row per environment. */
export interface StartArrays {
  /** [numEnvs] what is to start where, see STARTS */
  readonly wanted: Uint8Array;
  /** [numEnvs] see EpisodeId */
  readonly seed: Float64Array;
  readonly env: Float64Array;
  readonly episode: Float64Array;
  /** [numEnvs] NaN where the start does not say how difficult it is */
  readonly difficulty: Float64Array;
  /** [numEnvs] what the environment is called in summaries and errors */
  readonly name: Float64Array;
}

/** All that the threads share, as structure of arrays: one row per environment. */
export interface VecMemory {
  readonly arrays: EnvArrays;
  /** [numEnvs, numActions] raw output of the policy */
  readonly action: Float32Array;
  /** [numEnvs, 6] what an adversary chooses, see RobotWorld.setAdversary; empty where there is none */
  readonly adversary: Float32Array;
  readonly starts: StartArrays;
}

/** Allocates it, where several threads can see it. @param numAdversary numbers that an adversary chooses per robot */
export function makeVecMemory(numEnvs: number, layout: EnvLayout, numAdversary: number): VecMemory {
  const allocate = (bytes: number) => new SharedArrayBuffer(bytes);
  const doubles = () => new Float64Array(allocate(8 * numEnvs));
  return {
    arrays: makeEnvArrays(numEnvs, layout, allocate),
    action: new Float32Array(allocate(4 * numEnvs * layout.actionNames.length)),
    adversary: new Float32Array(allocate(4 * numEnvs * numAdversary)),
    starts: {
      wanted: new Uint8Array(allocate(numEnvs)),
      seed: doubles(),
      env: doubles(),
      episode: doubles(),
      difficulty: doubles(),
      name: doubles(),
    },
  };
}

/** The rows of `count` environments from `first` on. Borrowed. */
export function viewVecRows(memory: VecMemory, first: number, count: number): VecMemory {
  const { arrays, action, adversary, starts } = memory;
  const end = first + count;
  const numActions = action.length / arrays.reward.length;
  const numAdversary = adversary.length / arrays.reward.length;
  return {
    arrays: viewEnvRows(arrays, first, count),
    action: action.subarray(first * numActions, end * numActions),
    adversary: adversary.subarray(first * numAdversary, end * numAdversary),
    starts: {
      wanted: starts.wanted.subarray(first, end),
      seed: starts.seed.subarray(first, end),
      env: starts.env.subarray(first, end),
      episode: starts.episode.subarray(first, end),
      difficulty: starts.difficulty.subarray(first, end),
      name: starts.name.subarray(first, end),
    },
  };
}
