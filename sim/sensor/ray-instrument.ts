import type { Rng } from '../math/rng.ts';
import type { StateBatch } from '../robot/state.ts';
import type { DelayLine, SampleSink } from './delay-line.ts';
import { RaySampler, type RaySamplerOptions } from './ray-sampler.ts';
import type { SensorReading } from './reading.ts';
import type { Instrument, SensorDraw } from './sensor.ts';

/** What sensors that cast rays share: when they sample, and how a sample becomes their reading. */
export abstract class RayInstrument implements Instrument {
  abstract readonly reading: SensorReading;
  protected readonly rays: RaySampler;
  readonly #width: number;

  constructor(options: RaySamplerOptions) {
    this.rays = new RaySampler(options);
    this.#width = options.width;
  }

  /** [numRobots, width] where a sample goes that has become visible */
  protected abstract get values(): Float32Array | Float64Array;

  get line(): DelayLine {
    return this.rays.line;
  }

  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    draw: SensorDraw,
    show: SampleSink,
  ): void {
    this.rays.reset(robot, tick, truth, rng, draw, show);
  }

  sample(tick: number, truth: StateBatch): void {
    this.rays.sample(tick, truth);
  }

  take(robot: number, data: Float64Array, offset: number): void {
    const { values } = this;
    const row = robot * this.#width;
    for (let k = 0; k < this.#width; k++) values[row + k] = data[offset + k]!;
  }
}
