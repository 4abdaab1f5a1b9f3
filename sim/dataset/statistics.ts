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
  readonly bins: Int32Array;
  readonly counts: Int32Array;
}

/** Moments and histograms of [rows, width] numbers, block by block; two of them can be added up. */
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
    const own = computeMoments(values, numRows, this.width);
    this.#count(values, numRows);
    this.#moments = this.#moments.map((moments, k) => mergeMoments(moments, own[k]!));
    return own;
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
    const first = column * NUM_BINS;
    const bins: number[] = [];
    for (let bin = 0; bin < NUM_BINS; bin++) if (this.#counts[first + bin] !== 0) bins.push(bin);
    return {
      bins: Int32Array.from(bins),
      counts: Int32Array.from(bins, (bin) => this.#counts[first + bin]!),
    };
  }

  /**
   * Estimates quantiles of one column, within the bin by proportion; NaN where there is no number.
   * @param shares in [0, 1], ascending
   */
  estimateQuantiles(column: number, shares: readonly number[]): number[] {
    const { count, min, max } = this.#moments[column]!;
    const { bins, counts } = this.listBins(column);
    const ordered = [...bins.keys()]
      .filter((i) => isFiniteBin(bins[i]!))
      .sort((a, b) => rankBin(bins[a]!) - rankBin(bins[b]!));
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
    let at = 0;
    for (let row = 0; row < numRows; row++) {
      for (let k = 0; k < this.width; k++) {
        this.#counts[k * NUM_BINS + (bits[at++]! >>> BIN_SHIFT)]!++;
      }
    }
  }
}

/** Of no number. */
export const NO_MOMENTS: ColumnMoments = Object.freeze({
  count: 0,
  nonFinite: 0,
  mean: 0,
  m2: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
});

/** Moments of every column in two passes. @param values [numRows, width] */
function computeMoments(values: Float32Array, numRows: number, width: number): ColumnMoments[] {
  const sum = new Float64Array(width);
  const min = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(width).fill(Number.NEGATIVE_INFINITY);
  let at = 0;
  for (let row = 0; row < numRows; row++) {
    for (let k = 0; k < width; k++) {
      const value = values[at++]!;
      sum[k]! += value;
      if (value < min[k]!) min[k] = value;
      if (value > max[k]!) max[k] = value;
    }
  }
  if (!sum.every(Number.isFinite)) return computeFiniteMoments(values, numRows, width);
  const mean = sum.map((total) => total / Math.max(1, numRows));
  const m2 = new Float64Array(width);
  at = 0;
  for (let row = 0; row < numRows; row++) {
    for (let k = 0; k < width; k++) {
      const difference = values[at++]! - mean[k]!;
      m2[k]! += difference * difference;
    }
  }
  return Array.from({ length: width }, (_, k) => ({
    count: numRows,
    nonFinite: 0,
    mean: mean[k]!,
    m2: m2[k]!,
    min: min[k]!,
    max: max[k]!,
  }));
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

/** Lower and upper end of the numbers of a bin. */
function getBinEnds(bin: number): readonly [lower: number, upper: number] {
  const magnitude = bin & (SIGN_BIN - 1);
  scratchBits[0] = magnitude << BIN_SHIFT;
  const near = scratchFloat[0]!;
  scratchBits[0] = ((magnitude + 1) << BIN_SHIFT) - 1;
  const far = scratchFloat[0]!;
  return bin < SIGN_BIN ? [near, far] : [-far, -near];
}
