/**
 * Distributions of durations in constant memory: buckets that grow geometrically, so that a microsecond
 * and a second are known to the same relative precision. One thread writes, any may read.
 */

/** [s] the first bucket holds everything up to here */
const SMALLEST_S = 1e-7;
/** [1] factor of 2 spanned by the buckets: 0.1 µs to 107 s */
const NUM_OCTAVES = 30;
/** Buckets per factor of 2: neighbours are 1.1 % apart. */
const PER_OCTAVE = 64;
const NUM_BUCKETS = NUM_OCTAVES * PER_OCTAVE + 1;

/** What is measured of each tick. All in seconds. */
export const TIMING_CHANNELS = ['period', 'lateness', 'tick', 'observationAge'] as const;
export type TimingChannel = (typeof TIMING_CHANNELS)[number];
/** Place of each channel in {@link Timing.sample}. */
export const CHANNEL = { period: 0, lateness: 1, tick: 2, observationAge: 3 } as const satisfies {
  [Name in TimingChannel]: number;
};

/** [s] Quantiles are the upper edge of their bucket: at most 1.1 % too large, never too small. */
export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** [s] exact */
  readonly max: number;
}

export interface TimingSnapshot extends Readonly<Record<TimingChannel, Distribution>> {
  readonly ticks: number;
  /** Ticks that ended after the next deadline. */
  readonly overruns: number;
  /** Deadlines passed over because of them. */
  readonly skipped: number;
  /** References that were not taken because a number in them, or their stamp, was not finite. */
  readonly rejectedReferences: number;
}

const COUNTERS = ['ticks', 'overruns', 'skipped', 'rejectedReferences'] as const;
const NUM_CHANNELS = TIMING_CHANNELS.length;

/** Allocates the memory of one {@link Timing}, all zero; it can be shared with another thread. */
export function makeTimingBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(
    NUM_CHANNELS * 8 + (COUNTERS.length + NUM_CHANNELS * NUM_BUCKETS) * 4,
  );
}

/**
 * Records ticks without allocating, and reads them out from any thread that has the buffer. Durations are
 * handed over in `sample`, because a number that is passed to a function may become an object.
 */
export class Timing {
  readonly buffer: SharedArrayBuffer;
  /** [NUM_CHANNELS] s, by {@link CHANNEL}: fill in, then `add` */
  readonly sample = new Float64Array(NUM_CHANNELS);
  /** [NUM_CHANNELS] s */
  readonly #max: Float64Array;
  readonly #counters: Uint32Array;
  /** [NUM_CHANNELS, NUM_BUCKETS] */
  readonly #buckets: Uint32Array;

  constructor(buffer: SharedArrayBuffer = makeTimingBuffer()) {
    this.buffer = buffer;
    this.#max = new Float64Array(buffer, 0, NUM_CHANNELS);
    this.#counters = new Uint32Array(buffer, NUM_CHANNELS * 8, COUNTERS.length);
    this.#buckets = new Uint32Array(buffer, NUM_CHANNELS * 8 + COUNTERS.length * 4);
  }

  /** Adds one channel's sample; a negative one counts as 0, one that is not finite is left out. */
  add(channel: number): void {
    const sample = this.sample[channel]!;
    if (!Number.isFinite(sample)) return;
    const seconds = Math.max(sample, 0);
    if (seconds > this.#max[channel]!) this.#max[channel] = seconds;
    // Bucket b > 0 holds (edge(b - 1), edge(b)], with edge(b) = SMALLEST_S * 2^(b / PER_OCTAVE).
    let bucket = 0;
    if (seconds > SMALLEST_S) {
      bucket = Math.ceil(Math.log2(seconds / SMALLEST_S) * PER_OCTAVE);
      if (bucket > NUM_BUCKETS - 1) bucket = NUM_BUCKETS - 1;
    }
    this.#buckets[channel * NUM_BUCKETS + bucket]! += 1;
  }

  count(counter: (typeof COUNTERS)[number], by = 1): void {
    this.#counters[COUNTERS.indexOf(counter)]! += by;
  }

  copySnapshot(): TimingSnapshot {
    const channels = TIMING_CHANNELS.map((name, row) => [name, this.#copyDistribution(row)]);
    const counters = COUNTERS.map((name, i) => [name, this.#counters[i]!]);
    return Object.fromEntries([...channels, ...counters]) as TimingSnapshot;
  }

  clear(): void {
    this.#max.fill(0);
    this.#counters.fill(0);
    this.#buckets.fill(0);
  }

  #copyDistribution(row: number): Distribution {
    const buckets = this.#buckets.slice(row * NUM_BUCKETS, (row + 1) * NUM_BUCKETS);
    const max = this.#max[row]!;
    const count = buckets.reduce((sum, n) => sum + n, 0);
    const quantile = (q: number): number => {
      if (count === 0) return Number.NaN;
      // The smallest duration that at least a fraction q of all samples do not exceed.
      let left = Math.ceil(q * count);
      let bucket = 0;
      while (bucket < NUM_BUCKETS - 1 && left > buckets[bucket]!) left -= buckets[bucket++]!;
      return Math.min(max, SMALLEST_S * 2 ** (bucket / PER_OCTAVE));
    };
    return {
      count,
      p50: quantile(0.5),
      p99: quantile(0.99),
      p999: quantile(0.999),
      max: count === 0 ? Number.NaN : max,
    };
  }
}
