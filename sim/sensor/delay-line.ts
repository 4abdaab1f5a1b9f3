/** Takes one sample that has become visible; `data[offset …]` is borrowed until it returns. */
export type SampleSink = (
  robot: number,
  stampTick: number,
  data: Float64Array,
  offset: number,
) => void;

/**
 * Holds samples until their latency has passed: one ring per robot, in the order of measurement, in which
 * they also arrive. A sample keeps the tick at which it was measured. A latency between two ticks is rounded up.
 */
export class DelayLine {
  readonly #width: number;
  readonly #capacity: number;
  readonly #physicsRateHz: number;
  /** [numRobots, capacity, width], then one sample that nobody reads */
  readonly #data: Float64Array;
  /** [numRobots, capacity] tick of measurement, tick of arrival */
  readonly #stampTick: Float64Array;
  readonly #arrivalTick: Float64Array;
  readonly #head: Int32Array;
  readonly #length: Int32Array;
  /** [numRobots] s */
  readonly #latencyS: Float64Array;

  /**
   * @param options.maxLatencyS largest latency that any sample will be given
   * @param options.rateHz how many samples per second enter
   */
  constructor(options: {
    readonly numRobots: number;
    readonly width: number;
    readonly rateHz: number;
    readonly maxLatencyS: number;
    readonly physicsRateHz: number;
  }) {
    const { numRobots, width, rateHz, maxLatencyS, physicsRateHz } = options;
    this.#width = width;
    this.#physicsRateHz = physicsRateHz;
    // Samples in flight: those of the latency, one more by rounding up to a tick, one being written.
    this.#capacity = Math.ceil(maxLatencyS * rateHz) + 2;
    this.#data = new Float64Array((numRobots * this.#capacity + 1) * width);
    this.#stampTick = new Float64Array(numRobots * this.#capacity);
    this.#arrivalTick = new Float64Array(numRobots * this.#capacity);
    this.#head = new Int32Array(numRobots);
    this.#length = new Int32Array(numRobots);
    this.#latencyS = new Float64Array(numRobots);
  }

  /** Forgets what is in flight and sets the robot's latency. [s] */
  reset(robot: number, latencyS: number): void {
    this.#head[robot] = 0;
    this.#length[robot] = 0;
    this.#latencyS[robot] = latencyS;
  }

  /** Where {@link push} and {@link discard} tell callers to write. */
  get data(): Float64Array {
    return this.#data;
  }

  /**
   * Makes room for a sample measured at `tick`; returns the offset in `data` to write it to.
   * @param latencyS of this sample; it never overtakes the one before
   */
  push(robot: number, tick: number, latencyS = this.#latencyS[robot]!): number {
    const length = this.#length[robot]!;
    if (length === this.#capacity) {
      throw new RangeError(`DelayLine: more than ${this.#capacity} samples in flight`);
    }
    const slot = this.#getSlot(robot, length);
    const arrival = tick + computeLatencyTicks(latencyS, this.#physicsRateHz);
    const before = length > 0 ? this.#arrivalTick[this.#getSlot(robot, length - 1)]! : arrival;
    this.#length[robot] = length + 1;
    this.#stampTick[slot] = tick;
    this.#arrivalTick[slot] = Math.max(arrival, before);
    return slot * this.#width;
  }

  /** As {@link push} for a sample that never arrives. */
  discard(): number {
    return this.#data.length - this.#width;
  }

  /** Hands every sample that is visible at `tick` to `sink`, oldest first. */
  deliver(robot: number, tick: number, sink: SampleSink): void {
    while (this.#length[robot]! > 0) {
      const slot = this.#getSlot(robot, 0);
      if (this.#arrivalTick[slot]! > tick) return;
      this.#head[robot] = (this.#head[robot]! + 1) % this.#capacity;
      this.#length[robot] = this.#length[robot]! - 1;
      sink(robot, this.#stampTick[slot]!, this.#data, slot * this.#width);
    }
  }

  /** Slot of the sample that is `place` behind the oldest in flight. */
  #getSlot(robot: number, place: number): number {
    return robot * this.#capacity + ((this.#head[robot]! + place) % this.#capacity);
  }
}

/** Physics ticks that pass before a sample is visible: the latency, rounded up to a whole tick. */
export function computeLatencyTicks(latencyS: number, physicsRateHz: number): number {
  // 1e-9 ticks: what rounding makes of a latency that is meant as a whole number of ticks.
  return Math.max(0, Math.ceil(latencyS * physicsRateHz - 1e-9));
}
