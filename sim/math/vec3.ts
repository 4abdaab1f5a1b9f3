/**
 * Three-vector kernels with out-parameters. `out` may be the same array as an input.
 * Offsets let one kernel serve a tuple (offset 0) and row `i` of a batch (offset `3 * i`). For Float64Arrays each has code
 * that meets nothing else, see quat.ts.
 */

/** [x, y, z], right-handed; the frame is in the name of the variable that holds it. */
export type Vec3 = readonly [x: number, y: number, z: number];

/** Anything that holds numbers by index and can be read. */
export type Numbers = ArrayLike<number>;

/** Anything that holds numbers by index and can be written. */
export interface MutableNumbers {
  readonly length: number;
  [index: number]: number;
}

export function writeVec3(out: MutableNumbers, o: number, x: number, y: number, z: number): void {
  out[o] = x;
  out[o + 1] = y;
  out[o + 2] = z;
}

export function writeCross(
  out: MutableNumbers,
  o: number,
  a: Numbers,
  ao: number,
  b: Numbers,
  bo: number,
): void {
  if (out instanceof Float64Array && a instanceof Float64Array && b instanceof Float64Array) {
    crossDoubles(out, o, a, ao, b, bo);
  } else cross(out, o, a, ao, b, bo);
}

function cross(
  out: MutableNumbers,
  o: number,
  a: Numbers,
  ao: number,
  b: Numbers,
  bo: number,
): void {
  const ax = a[ao]!;
  const ay = a[ao + 1]!;
  const az = a[ao + 2]!;
  const bx = b[bo]!;
  const by = b[bo + 1]!;
  const bz = b[bo + 2]!;
  out[o] = ay * bz - az * by;
  out[o + 1] = az * bx - ax * bz;
  out[o + 2] = ax * by - ay * bx;
}

function crossDoubles(
  out: Float64Array,
  o: number,
  a: Float64Array,
  ao: number,
  b: Float64Array,
  bo: number,
): void {
  const ax = a[ao]!;
  const ay = a[ao + 1]!;
  const az = a[ao + 2]!;
  const bx = b[bo]!;
  const by = b[bo + 1]!;
  const bz = b[bo + 2]!;
  out[o] = ay * bz - az * by;
  out[o + 1] = az * bx - ax * bz;
  out[o + 2] = ax * by - ay * bx;
}

export function computeDot(a: Numbers, ao: number, b: Numbers, bo: number): number {
  return a instanceof Float64Array && b instanceof Float64Array
    ? dotDoubles(a, ao, b, bo)
    : dot(a, ao, b, bo);
}

function dot(a: Numbers, ao: number, b: Numbers, bo: number): number {
  return a[ao]! * b[bo]! + a[ao + 1]! * b[bo + 1]! + a[ao + 2]! * b[bo + 2]!;
}

function dotDoubles(a: Float64Array, ao: number, b: Float64Array, bo: number): number {
  return a[ao]! * b[bo]! + a[ao + 1]! * b[bo + 1]! + a[ao + 2]! * b[bo + 2]!;
}

export function computeNorm(a: Numbers, ao = 0): number {
  return Math.sqrt(computeDot(a, ao, a, ao));
}

export function computeDistance(a: Numbers, ao: number, b: Numbers, bo: number): number {
  const x = a[ao]! - b[bo]!;
  const y = a[ao + 1]! - b[bo + 1]!;
  const z = a[ao + 2]! - b[bo + 2]!;
  return Math.sqrt(x * x + y * y + z * z);
}

export function clamp(value: number, lower: number, upper: number): number {
  return value < lower ? lower : value > upper ? upper : value;
}
