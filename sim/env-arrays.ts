import type { EnvLayout } from './env-layout.ts';

/** What there is to see of every environment. */
export interface SeenArrays {
  /** [numEnvs, numObservations] what the policy gets: measured, noisy, late */
  readonly observation: Float32Array;
  /** [numEnvs, numCritic] what is true, and what was drawn */
  readonly critic: Float32Array;
  /** [numEnvs, numGoal] */
  readonly achievedGoal: Float32Array;
  /** [numEnvs, numGoal] */
  readonly desiredGoal: Float32Array;
}

/** All that a step or a reset writes: one row per environment, one array per quantity. */
export interface EnvArrays extends SeenArrays {
  /** [numEnvs] */
  readonly reward: Float32Array;
  /** [numEnvs, numRewards] weighted; a row adds up to the reward */
  readonly rewardTerms: Float32Array;
  /** [numEnvs, numCosts] 0 or more each */
  readonly costTerms: Float32Array;
  /** [numEnvs] 1 where the task ended the episode: the value of what follows is 0 */
  readonly terminated: Uint8Array;
  /** [numEnvs] 1 where time or the task cut it short: what follows would have had a value */
  readonly truncated: Uint8Array;
  /** [numEnvs, numContext] what the episode has drawn */
  readonly context: Float64Array;
  /** [numEnvs] [-] @range 0, 1 where a curriculum has brought the environment; @invalid NaN there is none */
  readonly difficulty: Float64Array;
  /** As their namesakes, at the end of the last episode that ended in the environment. */
  readonly finalObservation: Float32Array;
  readonly finalCritic: Float32Array;
  readonly finalAchievedGoal: Float32Array;
  readonly finalDesiredGoal: Float32Array;
  /** [numEnvs] names of the random stream of the episode that each environment is in, see EpisodeId */
  readonly episodeSeed: Float64Array;
  readonly episodeEnv: Float64Array;
  readonly episodeIndex: Float64Array;
}

type Numbers = Float32Array | Float64Array | Uint8Array;

interface NumberKind {
  readonly bytes: number;
  view(memory: ArrayBufferLike): Numbers;
}

const FLOAT32 = { bytes: 4, view: (memory: ArrayBufferLike) => new Float32Array(memory) };
const FLOAT64 = { bytes: 8, view: (memory: ArrayBufferLike) => new Float64Array(memory) };
const UINT8 = { bytes: 1, view: (memory: ArrayBufferLike) => new Uint8Array(memory) };

/** Of every array: its numbers, and the names of its columns; absent: one column. */
const ARRAYS = {
  observation: [FLOAT32, 'observationNames'],
  critic: [FLOAT32, 'criticNames'],
  achievedGoal: [FLOAT32, 'goalNames'],
  desiredGoal: [FLOAT32, 'goalNames'],
  reward: [FLOAT32],
  rewardTerms: [FLOAT32, 'rewardNames'],
  costTerms: [FLOAT32, 'costNames'],
  terminated: [UINT8],
  truncated: [UINT8],
  context: [FLOAT64, 'contextNames'],
  difficulty: [FLOAT64],
  finalObservation: [FLOAT32, 'observationNames'],
  finalCritic: [FLOAT32, 'criticNames'],
  finalAchievedGoal: [FLOAT32, 'goalNames'],
  finalDesiredGoal: [FLOAT32, 'goalNames'],
  episodeSeed: [FLOAT64],
  episodeEnv: [FLOAT64],
  episodeIndex: [FLOAT64],
} as const satisfies Record<keyof EnvArrays, readonly [NumberKind, (keyof EnvLayout)?]>;

const NAMES = Object.keys(ARRAYS) as (keyof EnvArrays)[];

/**
 * Allocates the arrays of `numEnvs` environments.
 * @param allocate memory of that many bytes, all zero; for workers, memory that they share
 */
export function makeEnvArrays(
  numEnvs: number,
  layout: EnvLayout,
  allocate: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): EnvArrays {
  return fromEntries((name) => {
    const [kind, columns] = ARRAYS[name];
    const width = columns === undefined ? 1 : layout[columns].length;
    return kind.view(allocate(numEnvs * width * kind.bytes));
  });
}

/** The rows of `count` environments from `first` on. Borrowed. */
export function viewEnvRows(arrays: EnvArrays, first: number, count: number): EnvArrays {
  const numEnvs = arrays.reward.length;
  return fromEntries((name) => {
    const width = arrays[name].length / numEnvs;
    return arrays[name].subarray(first * width, (first + count) * width);
  });
}

function fromEntries(make: (name: keyof EnvArrays) => Numbers): EnvArrays {
  // Every name has an entry, and ARRAYS gives each its kind of numbers.
  return Object.fromEntries(NAMES.map((name) => [name, make(name)])) as unknown as EnvArrays;
}

/** An episode that begins has earned nothing and has not ended. */
export function clearEarnings(arrays: EnvArrays, row: number): void {
  const { reward, rewardTerms, costTerms, terminated, truncated } = arrays;
  for (const array of [reward, rewardTerms, costTerms, terminated, truncated]) {
    const width = array.length / reward.length;
    array.fill(0, row * width, (row + 1) * width);
  }
}

/** Copies what is seen in one row to the same row of the final arrays. */
export function keepFinalRow(arrays: EnvArrays, row: number): void {
  copyRow(arrays.finalObservation, arrays.observation, row, arrays.reward.length);
  copyRow(arrays.finalCritic, arrays.critic, row, arrays.reward.length);
  copyRow(arrays.finalAchievedGoal, arrays.achievedGoal, row, arrays.reward.length);
  copyRow(arrays.finalDesiredGoal, arrays.desiredGoal, row, arrays.reward.length);
}

function copyRow(out: Float32Array, source: Float32Array, row: number, numRows: number): void {
  const width = out.length / numRows;
  for (let k = row * width; k < (row + 1) * width; k++) out[k] = source[k]!;
}
