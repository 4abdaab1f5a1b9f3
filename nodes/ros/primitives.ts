import type { PrimitiveType } from './definitions.ts';

/** Of each kind of number the typed array that a list of it is, and the size of one. */
const NUMBERS = {
  int8: { typedArray: 'Int8Array', size: 1 },
  uint8: { typedArray: 'Uint8Array', size: 1 },
  int16: { typedArray: 'Int16Array', size: 2 },
  uint16: { typedArray: 'Uint16Array', size: 2 },
  int32: { typedArray: 'Int32Array', size: 4 },
  uint32: { typedArray: 'Uint32Array', size: 4 },
  int64: { typedArray: 'BigInt64Array', size: 8 },
  uint64: { typedArray: 'BigUint64Array', size: 8 },
  float32: { typedArray: 'Float32Array', size: 4 },
  float64: { typedArray: 'Float64Array', size: 8 },
} as const satisfies Readonly<Partial<Record<PrimitiveType, NumberLayout>>>;

export interface NumberLayout {
  /** Its methods of DataView have the same name: `getFloat64` goes with `Float64Array`. */
  readonly typedArray: string;
  /** [B] */
  readonly size: number;
}

/** Undefined for texts and truth values. */
export function findNumberLayout(type: PrimitiveType): NumberLayout | undefined {
  const all: Readonly<Partial<Record<PrimitiveType, NumberLayout>>> = NUMBERS;
  return all[type];
}
