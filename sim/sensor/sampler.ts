import type { Rng } from '../math/rng.ts';
import type { SensorTimingModel } from '../robot/sensor-model.ts';
import { DelayLine } from './delay-line.ts';
import { SampleClock } from './sample-clock.ts';
import type { SensorDraw, SensorTiming } from './sensor.ts';

/**
 * When a sensor samples, which samples get lost on the way, and when the others arrive. A sensor asks
 * `isDue` once per physics tick and writes its sample to `line.data` where `push` says.
 */
export class Sampler {
  readonly line: DelayLine;
  readonly #spec: SensorTimingModel;
  readonly #clock: SampleClock;
  readonly #latencyS: Float64Array;
  readonly #jitterS: Float64Array;
  /** [numRobots] [-] probability that a sample is lost */
  readonly #dropout: Float64Array;
  readonly #jitterRng: (Rng | undefined)[];
  readonly #dropoutRng: (Rng | undefined)[];

  /** @param width numbers of one sample */
  constructor(numRobots: number, width: number, spec: SensorTimingModel, timing: SensorTiming) {
    this.#spec = spec;
    this.#clock = new SampleClock(numRobots, spec.rateHz, timing.physicsRateHz);
    this.line = new DelayLine({
      numRobots,
      width,
      rateHz: spec.rateHz,
      maxLatencyS: computeMaxLatency(spec, timing),
      physicsRateHz: timing.physicsRateHz,
    });
    this.#latencyS = new Float64Array(numRobots);
    this.#jitterS = new Float64Array(numRobots);
    this.#dropout = new Float64Array(numRobots);
    this.#jitterRng = new Array<Rng | undefined>(numRobots).fill(undefined);
    this.#dropoutRng = new Array<Rng | undefined>(numRobots).fill(undefined);
  }

  /**
   * Starts an episode of one robot at `tick`; what was in flight is forgotten.
   * @param rng of the sensor; jitter and dropout draw from streams of their own
   */
  reset(
    robot: number,
    tick: number,
    rng: Rng,
    draw: SensorDraw,
    first: 'at_once' | 'after_one_period',
  ): void {
    const { latencyS, jitterS = 0, dropout = 0 } = this.#spec;
    this.#clock.start(robot, tick, first);
    this.#latencyS[robot] = latencyS * draw.latencyScale;
    this.#jitterS[robot] = jitterS * draw.latencyScale * (draw.jitterScale ?? 1);
    this.#dropout[robot] = Math.min(1, dropout * (draw.dropoutScale ?? 1));
    if (jitterS > 0) this.#jitterRng[robot] = rng.fork('jitter');
    if (dropout > 0) this.#dropoutRng[robot] = rng.fork('dropout');
    this.line.reset(robot, this.#latencyS[robot]!);
  }

  /** Whether a sample falls on this tick; to be asked once for every tick. */
  isDue(robot: number, tick: number): boolean {
    return this.#clock.isDue(robot, tick);
  }

  /** Where in `line.data` the sample of this tick belongs, whether it will arrive or not. */
  push(robot: number, tick: number): number {
    if (this.#dropoutRng[robot]?.bernoulli(this.#dropout[robot]!)) return this.line.discard();
    const jitterS = this.#jitterS[robot]!;
    const extraS = this.#jitterRng[robot]?.uniform(-jitterS, jitterS) ?? 0;
    return this.line.push(robot, tick, this.#latencyS[robot]! + extraS);
  }

  /** As `push` for a reading that the robot starts with: it is neither late nor lost. */
  pushAtOnce(robot: number, tick: number): number {
    return this.line.push(robot, tick, 0);
  }
}

/** The longest that any sample of the sensor is under way. [s] */
export function computeMaxLatency(spec: SensorTimingModel, timing: SensorTiming): number {
  const jitterS = (spec.jitterS ?? 0) * (timing.maxJitterScale ?? 1);
  return (spec.latencyS + jitterS) * timing.maxLatencyScale;
}
