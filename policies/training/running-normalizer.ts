import type { Normalizer } from '../onnx/policy-network.ts';

/** Columns that vary less than this are not blown up, in their own unit. */
const MIN_STD = 1e-3;

/**
 * Mean and variance of each column of all rows seen so far, by the update of pairs of sets of T. Chan, G. Golub and
 * R. LeVeque (1979), which is B. Welford's (1962) for many rows at once.
 */
export class RunningNormalizer {
  readonly width: number;
  /** [-] rows */
  #count = 0;
  /** [width] */
  readonly #mean: Float64Array;
  /** [width] sum of squared differences from the mean */
  readonly #squares: Float64Array;

  constructor(width: number) {
    this.width = width;
    this.#mean = new Float64Array(width);
    this.#squares = new Float64Array(width);
  }

  get count(): number {
    return this.#count;
  }

  /** @param rows [numRows, width] */
  update(rows: Float32Array, numRows = rows.length / this.width): void {
    const { width } = this;
    const mean = new Float64Array(width);
    const squares = new Float64Array(width);
    for (let row = 0, i = 0; row < numRows; row++) {
      for (let k = 0; k < width; k++, i++) mean[k]! += rows[i]!;
    }
    for (let k = 0; k < width; k++) mean[k]! /= numRows;
    for (let row = 0, i = 0; row < numRows; row++) {
      for (let k = 0; k < width; k++, i++) squares[k]! += (rows[i]! - mean[k]!) ** 2;
    }
    const total = this.#count + numRows;
    for (let k = 0; k < width; k++) {
      const difference = mean[k]! - this.#mean[k]!;
      this.#squares[k]! += squares[k]! + (difference ** 2 * this.#count * numRows) / total;
      this.#mean[k]! += (difference * numRows) / total;
    }
    this.#count = total;
  }

  /** As it is now: before the first row, mean 0 and standard deviation 1. */
  copyNormalizer(clip: number): Normalizer {
    const std = this.#squares.map((sum) =>
      this.#count === 0 ? 1 : Math.max(MIN_STD, Math.sqrt(sum / this.#count)),
    );
    return { mean: this.#mean.slice(), std, clip };
  }

  /** [2 width + 1] count, means, sums of squares: what `restore` takes. */
  copyState(): Float64Array {
    return Float64Array.of(this.#count, ...this.#mean, ...this.#squares);
  }

  restore(state: Float64Array): void {
    this.#count = state[0]!;
    this.#mean.set(state.subarray(1, 1 + this.width));
    this.#squares.set(state.subarray(1 + this.width));
  }
}
