/**
 * Says at which physics ticks a sensor of a given rate samples. Sample n of robot i falls on the
 * first tick at or after n / rateHz since the start: ticks are counted, never summed up as
 * seconds, so the long-run rate is exact even where it does not divide the physics rate.
 */
export class SampleClock {
  readonly #rateHz: number;
  readonly #physicsRateHz: number;
  readonly #startTick: Float64Array;
  readonly #count: Float64Array;

  /** @throws RangeError if the sensor is asked for more samples than there are physics ticks */
  constructor(numRobots: number, rateHz: number, physicsRateHz: number) {
    if (!(rateHz > 0 && rateHz <= physicsRateHz)) {
      throw new RangeError(
        `SampleClock: rateHz must lie in (0, ${physicsRateHz}], the physics rate, got ${rateHz}`,
      );
    }
    this.#rateHz = rateHz;
    this.#physicsRateHz = physicsRateHz;
    this.#startTick = new Float64Array(numRobots);
    this.#count = new Float64Array(numRobots);
  }

  /** Sample 0 falls on `tick` itself; `after_one_period` skips it, for sensors that average. */
  start(robot: number, tick: number, first: 'at_once' | 'after_one_period'): void {
    this.#startTick[robot] = tick;
    this.#count[robot] = first === 'at_once' ? 0 : 1;
  }

  /** Whether a sample falls on this tick; to be asked once for every tick. */
  isDue(robot: number, tick: number): boolean {
    const count = this.#count[robot]!;
    // tick / physicsRateHz >= count / rateHz, without a division that rounds.
    if ((tick - this.#startTick[robot]!) * this.#rateHz < count * this.#physicsRateHz) return false;
    this.#count[robot] = count + 1;
    return true;
  }
}
