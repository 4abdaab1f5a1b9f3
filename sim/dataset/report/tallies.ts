import type { Binning } from './binning.ts';

/** Counts of one number of the context by the parts of its distribution. */
export class ParameterTally {
  readonly name: string;
  readonly binning: Binning;
  readonly episodes: Int32Array;
  readonly successes: Int32Array;
  /** Sums of the values in each part. */
  readonly sums: Float64Array;
  outside = 0;

  constructor(name: string, binning: Binning) {
    this.name = name;
    this.binning = binning;
    this.episodes = new Int32Array(binning.numBins);
    this.successes = new Int32Array(binning.numBins);
    this.sums = new Float64Array(binning.numBins);
  }

  add(value: number, success: boolean): void {
    const bin = this.binning.find(value);
    if (bin === undefined) {
      this.outside++;
      return;
    }
    this.episodes[bin]!++;
    this.sums[bin]! += value;
    if (success) this.successes[bin]!++;
  }
}

/** Which combinations of two numbers of the context there are. */
export class PairTally {
  readonly names: readonly [string, string];
  readonly #binnings: readonly [Binning, Binning];
  readonly #seen: Uint8Array;

  constructor(names: readonly [string, string], binnings: readonly [Binning, Binning]) {
    this.names = names;
    this.#binnings = binnings;
    this.#seen = new Uint8Array(this.numCells);
  }

  get numCells(): number {
    return this.#binnings[0].numBins * this.#binnings[1].numBins;
  }

  get numEmpty(): number {
    return this.#seen.reduce((sum, seen) => sum + 1 - seen, 0);
  }

  /**
   * How many combinations chance leaves empty if the two are independent: each with probability (1 − its share) to the
   * power of the episodes; undefined where how likely the parts are is not known.
   */
  computeExpectedEmpty(episodes: number): number | undefined {
    const [rows, columns] = this.#binnings.map(({ shares }) => shares);
    if (rows === undefined || columns === undefined) return undefined;
    return rows
      .flatMap((row) => columns.map((column) => (1 - row * column) ** episodes))
      .reduce((sum, probability) => sum + probability, 0);
  }

  add(a: number, b: number): void {
    const [first, second] = this.#binnings;
    const row = first.find(a);
    const column = second.find(b);
    if (row === undefined || column === undefined) return;
    this.#seen[row * second.numBins + column] = 1;
  }
}

/** Counts of numbers in equal parts of a range. */
export class Histogram {
  readonly lower: number;
  readonly upper: number;
  readonly counts: Int32Array;

  constructor([lower, upper]: readonly [number, number], numBins: number) {
    this.lower = lower;
    this.upper = upper > lower ? upper : lower + 1;
    this.counts = new Int32Array(numBins);
  }

  add(value: number): void {
    const share = (value - this.lower) / (this.upper - this.lower);
    const last = this.counts.length - 1;
    const bin = Math.min(Math.max(Math.floor(share * this.counts.length), 0), last);
    this.counts[bin]!++;
  }
}

/** Counts values that were there before, with 8 bytes for each. */
export class DuplicateTally {
  #hashes = new BigUint64Array(1024);
  #length = 0;

  /** @param hex beginning of a hash, 16 digits at least */
  add(hex: string): void {
    if (this.#length === this.#hashes.length) {
      const longer = new BigUint64Array(2 * this.#length);
      longer.set(this.#hashes);
      this.#hashes = longer;
    }
    this.#hashes[this.#length++] = BigInt(`0x${hex.slice(0, 16)}`);
  }

  /** How many were equal to one before them. */
  count(): number {
    const sorted = this.#hashes.slice(0, this.#length).sort();
    let count = 0;
    for (let k = 1; k < sorted.length; k++) if (sorted[k] === sorted[k - 1]) count++;
    return count;
  }
}

/** Mean and standard deviation of a stream of numbers: B. P. Welford, Technometrics 4, 1962. */
export class RunningMean {
  count = 0;
  mean = 0;
  #m2 = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.count++;
    const difference = value - this.mean;
    this.mean += difference / this.count;
    this.#m2 += difference * (value - this.mean);
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  get deviation(): number {
    return this.count === 0 ? 0 : Math.sqrt(this.#m2 / this.count);
  }
}
