import type { SpaceDtype } from './served-env.ts';

export type Numbers = Float32Array | Float64Array | Uint8Array;

/** One array of a block. */
export interface ArraySpec {
  readonly name: string;
  readonly dtype: SpaceDtype;
  readonly shape: readonly number[];
}

/** Where an array lies in its block. */
export interface PlacedArray extends ArraySpec {
  /** [bytes] from the start of the block, a multiple of 8 */
  readonly offset: number;
}

/** Arrays one after the other, each on a multiple of 8 bytes, so that any reader can look at them in place. */
export interface BlockLayout {
  /** [bytes] a multiple of 8 */
  readonly bytes: number;
  readonly arrays: readonly PlacedArray[];
}

const ARRAY_TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
} as const satisfies Record<SpaceDtype, unknown>;

export function placeArrays(arrays: readonly ArraySpec[]): BlockLayout {
  let offset = 0;
  const placed = arrays.map((spec) => {
    const at = offset;
    offset = align(at + countNumbers(spec.shape) * ARRAY_TYPES[spec.dtype].BYTES_PER_ELEMENT);
    return { ...spec, offset: at };
  });
  return { bytes: offset, arrays: placed };
}

/** The numbers of one array in a block that starts at `start` of the buffer. Borrowed. */
export function viewArray(
  { dtype, shape, offset }: PlacedArray,
  buffer: ArrayBuffer,
  start = 0,
): Numbers {
  return new ARRAY_TYPES[dtype](buffer, start + offset, countNumbers(shape));
}

function countNumbers(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
