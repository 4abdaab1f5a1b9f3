/**
 * Bits of a 32-bit float that name its bin: sign, exponent, five of the mantissa. A bin is 1/32 of a power of two
 * wide, so that a quantile is right to 3 % of its value, whatever its magnitude, and the bins are the same for all.
 */
const BIN_SHIFT = 18;
const NUM_BINS = 2 ** (32 - BIN_SHIFT);

/** What is known of one column of numbers; what is not finite is counted apart. */
export interface ColumnMoments {
  readonly count: number;
  readonly nonFinite: number;
  readonly mean: number;
  /** Sum of squared differences from the mean. */
  readonly m2: number;
  readonly min: number;
  readonly max: number;
}

/** Bins that are not empty, in the order of their indices. */
export interface SparseBins {
  readonly bins: readonly number[];
  /** How many numbers are in each. */
  readonly counts: readonly number[];
}

/**
 * Histograms of [rows, width] numbers, block by block, and moments as they are merged. The histograms do not depend on
 * the order of anything; moments do in their last bits, so that whoever merges decides on it.
 */
export class Statistics {
  readonly width: number;
  /** [width, NUM_BINS] */
  readonly #counts: Uint32Array;
  #moments: ColumnMoments[];

  constructor(width: number) {
    this.width = width;
    this.#counts = new Uint32Array(width * NUM_BINS);
    this.#moments = Array.from({ length: width }, () => NO_MOMENTS);
  }

  get moments(): readonly ColumnMoments[] {
    return this.#moments;
  }

  /**
   * Takes a block of rows.
   * @param values [numRows, width]
   * @returns [width] moments of these rows alone
   */
  add(values: Float32Array, numRows: number): readonly ColumnMoments[] {
    this.#count(values, numRows);
    return computeMoments(values, numRows, this.width);
  }

  /** Adds what another found. The result depends on the order in the last bits of mean and m2 alone. */
  merge(moments: readonly ColumnMoments[], histograms: readonly SparseBins[]): void {
    this.#moments = this.#moments.map((mine, k) => mergeMoments(mine, moments[k]!));
    histograms.forEach(({ bins, counts }, k) => {
      const first = k * NUM_BINS;
      for (let i = 0; i < bins.length; i++) this.#counts[first + bins[i]!]! += counts[i]!;
    });
  }

  /** The bins of one column that are not empty. */
  listBins(column: number): SparseBins {
    const all = this.#counts;
    const first = column * NUM_BINS;
    const bins: number[] = [];
    const counts: number[] = [];
    for (let bin = 0; bin < NUM_BINS; bin++) {
      const count = all[first + bin]!;
      if (count === 0) continue;
      bins.push(bin);
      counts.push(count);
    }
    return { bins, counts };
  }

  /**
   * Estimates quantiles of one column, within the bin by proportion; NaN where there is no number.
   * @param shares in [0, 1], ascending
   */
  estimateQuantiles(column: number, shares: readonly number[]): number[] {
    const { min, max } = this.#moments[column]!;
    const { bins, counts } = this.listBins(column);
    const ordered = [...bins.keys()]
      .filter((i) => isFiniteBin(bins[i]!))
      .sort((a, b) => rankBin(bins[a]!) - rankBin(bins[b]!));
    const count = ordered.reduce((sum, i) => sum + counts[i]!, 0);
    return shares.map((share) => {
      let below = 0;
      for (const i of ordered) {
        const inside = counts[i]!;
        if (below + inside >= share * count && inside > 0) {
          const [lower, upper] = getBinEnds(bins[i]!);
          const value = lower + ((share * count - below) / inside) * (upper - lower);
          return Math.min(Math.max(value, min), max);
        }
        below += inside;
      }
      return Number.NaN;
    });
  }

  #count(values: Float32Array, numRows: number): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, numRows * this.width);
    const counts = this.#counts;
    const stride = Math.ceil(numRows / MAX_COUNTED);
    const step = stride * this.width;
    for (let k = 0; k < this.width; k++) {
      const first = k * NUM_BINS;
      // Each stands for those that are left out after it.
      for (let at = k; at < bits.length; at += step) {
        counts[first + (bits[at]! >>> BIN_SHIFT)]! += stride;
      }
    }
  }
}

/** [1] rows of a block, evenly spaced, from which quantiles are estimated: neighbours in time say the same twice */
const MAX_COUNTED = 256;

/** Rows that are looked at column by column while they are in the processor's first cache. */
const BLOCK_ROWS = 64;

/** Of no number. */
export const NO_MOMENTS: ColumnMoments = Object.freeze({
  count: 0,
  nonFinite: 0,
  mean: 0,
  m2: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
});

/**
 * Moments of every column in one pass: squares are of differences from the column's first number, so that a large
 * mean costs no digits.
 * @param values [numRows, width]
 */
function computeMoments(values: Float32Array, numRows: number, width: number): ColumnMoments[] {
  if (numRows === 0) return Array.from({ length: width }, () => NO_MOMENTS);
  const first = Float64Array.from(values.subarray(0, width));
  const sums: ColumnSums = {
    first,
    sum: new Float64Array(width),
    squares: new Float64Array(width),
    min: first.slice(),
    max: first.slice(),
  };
  for (let from = 0; from < numRows; from += BLOCK_ROWS) {
    const to = Math.min(numRows, from + BLOCK_ROWS);
    let k = 0;
    for (; k + 1 < width; k += 2) addTwoColumns(sums, k, values, from * width, to * width);
    if (k < width) addColumn(sums, k, values, from * width, to * width);
  }
  const { sum, squares, min, max } = sums;
  if (!sum.every(Number.isFinite)) return computeFiniteMoments(values, numRows, width);
  return Array.from({ length: width }, (_, k) => ({
    count: numRows,
    nonFinite: 0,
    mean: first[k]! + sum[k]! / numRows,
    m2: Math.max(0, squares[k]! - sum[k]! ** 2 / numRows),
    min: min[k]!,
    max: max[k]!,
  }));
}

/** Of the columns of a block, [width] each. */
interface ColumnSums {
  readonly first: Float64Array;
  /** Of differences from the first, and of their squares. */
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
}

/** Adds rows to a column. @param from where the rows begin and, `to`, end in the values */
function addColumn(
  sums: ColumnSums,
  k: number,
  values: Float32Array,
  from: number,
  to: number,
): void {
  const width = sums.first.length;
  const first = sums.first[k]!;
  let [sum, squares, min, max] = [sums.sum[k]!, sums.squares[k]!, sums.min[k]!, sums.max[k]!];
  for (let at = from + k; at < to; at += width) {
    const value = values[at]!;
    const difference = value - first;
    sum += difference;
    squares += difference * difference;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  sums.sum[k] = sum;
  sums.squares[k] = squares;
  sums.min[k] = min;
  sums.max[k] = max;
}

/** As `addColumn`, of a column and the next: while one sum waits for itself, the processor adds to the other. */
function addTwoColumns(
  sums: ColumnSums,
  a: number,
  values: Float32Array,
  from: number,
  to: number,
): void {
  const b = a + 1;
  const width = sums.first.length;
  const [firstA, firstB] = [sums.first[a]!, sums.first[b]!];
  let [sumA, sumB] = [sums.sum[a]!, sums.sum[b]!];
  let [squaresA, squaresB] = [sums.squares[a]!, sums.squares[b]!];
  let [minA, minB] = [sums.min[a]!, sums.min[b]!];
  let [maxA, maxB] = [sums.max[a]!, sums.max[b]!];
  for (let at = from + a; at < to; at += width) {
    const valueA = values[at]!;
    const valueB = values[at + 1]!;
    const differenceA = valueA - firstA;
    const differenceB = valueB - firstB;
    sumA += differenceA;
    sumB += differenceB;
    squaresA += differenceA * differenceA;
    squaresB += differenceB * differenceB;
    if (valueA < minA) minA = valueA;
    else if (valueA > maxA) maxA = valueA;
    if (valueB < minB) minB = valueB;
    else if (valueB > maxB) maxB = valueB;
  }
  [sums.sum[a], sums.sum[b]] = [sumA, sumB];
  [sums.squares[a], sums.squares[b]] = [squaresA, squaresB];
  [sums.min[a], sums.min[b]] = [minA, minB];
  [sums.max[a], sums.max[b]] = [maxA, maxB];
}

/** Where something is not finite: column by column, without it. */
function computeFiniteMoments(
  values: Float32Array,
  numRows: number,
  width: number,
): ColumnMoments[] {
  return Array.from({ length: width }, (_, k) => {
    const column = Float32Array.from({ length: numRows }, (_, row) => values[row * width + k]!);
    const finite = column.filter(Number.isFinite);
    const nonFinite = numRows - finite.length;
    return { ...computeMoments(finite, finite.length, 1)[0]!, nonFinite };
  });
}

/** T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979. */
export function mergeMoments(a: ColumnMoments, b: ColumnMoments): ColumnMoments {
  const nonFinite = a.nonFinite + b.nonFinite;
  if (a.count === 0) return { ...b, nonFinite };
  if (b.count === 0) return { ...a, nonFinite };
  const count = a.count + b.count;
  const difference = b.mean - a.mean;
  return {
    count,
    nonFinite,
    mean: a.mean + (difference * b.count) / count,
    m2: a.m2 + b.m2 + (difference * difference * a.count * b.count) / count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/** Standard deviation of the numbers themselves, as numpy's `std`. */
export function computeDeviation({ count, m2 }: ColumnMoments): number {
  return Math.sqrt(m2 / Math.max(1, count));
}

const SIGN_BIN = NUM_BINS / 2;
const EXPONENT_BINS = 0x7f800000 >>> BIN_SHIFT;

function isFiniteBin(bin: number): boolean {
  return (bin & (SIGN_BIN - 1)) < EXPONENT_BINS;
}

/** Ascending with the numbers in the bin; bins of negative numbers count backwards. */
function rankBin(bin: number): number {
  return bin < SIGN_BIN ? bin : -(bin - SIGN_BIN) - 1;
}

const scratchBits = new Uint32Array(1);
const scratchFloat = new Float32Array(scratchBits.buffer);

/** Lower and upper end of the numbers of a bin; that of zero holds nothing else worth telling from it. */
function getBinEnds(bin: number): readonly [lower: number, upper: number] {
  const magnitude = bin & (SIGN_BIN - 1);
  if (magnitude === 0) return [0, 0];
  scratchBits[0] = magnitude << BIN_SHIFT;
  const near = scratchFloat[0]!;
  scratchBits[0] = ((magnitude + 1) << BIN_SHIFT) - 1;
  const far = scratchFloat[0]!;
  return bin < SIGN_BIN ? [near, far] : [-far, -near];
}
