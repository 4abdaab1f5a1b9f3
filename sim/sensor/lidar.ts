import type { Rng } from '../math/rng.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeAzimuthStep, type LidarSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import type { DelayLine, SampleSink } from './delay-line.ts';
import { RaySampler } from './ray-sampler.ts';
import { type LidarReading, makeStamps, makeUnread } from './reading.ts';
import type { Instrument, SensorDraw, SensorTiming, Surroundings } from './sensor.ts';

/** Ranges all around, in one ring or several. Each ring is a laser of its own, with a bias of its own. */
export class Lidar implements Instrument {
  readonly reading: LidarReading;
  readonly #rays: RaySampler;
  readonly #numAzimuths: number;
  readonly #numRays: number;

  constructor(
    model: RobotModel,
    numRobots: number,
    spec: LidarSensor,
    timing: SensorTiming,
    surroundings: Surroundings,
  ) {
    this.#numAzimuths = spec.numAzimuths;
    this.#numRays = spec.numAzimuths * spec.elevations.length;
    this.#rays = new RaySampler({
      model,
      numRobots,
      spec,
      timing,
      surroundings,
      directions: makeLidarDirections(spec),
      width: this.#numRays,
      numBiases: spec.elevations.length,
      write: (out, offset, robot, distance, first) =>
        this.#write(out, offset, robot, distance, first),
    });
    this.reading = {
      kind: 'lidar',
      sensor: spec,
      range: makeUnread(numRobots * this.#numRays),
      ...makeStamps(numRobots),
    };
  }

  get line(): DelayLine {
    return this.#rays.line;
  }

  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    draw: SensorDraw,
    show: SampleSink,
  ): void {
    this.#rays.reset(robot, tick, truth, rng, draw, show);
  }

  sample(tick: number, truth: StateBatch): void {
    this.#rays.sample(tick, truth);
  }

  take(robot: number, data: Float64Array, offset: number): void {
    const { range } = this.reading;
    const row = robot * this.#numRays;
    for (let r = 0; r < this.#numRays; r++) range[row + r] = data[offset + r]!;
  }

  #write(
    out: Float64Array,
    offset: number,
    robot: number,
    distance: Float64Array,
    first: number,
  ): void {
    for (let r = 0; r < this.#numRays; r++) {
      const ring = Math.floor(r / this.#numAzimuths);
      out[offset + r] = this.#rays.measure(robot, ring, distance[first + r]!);
    }
  }
}

/** [elevations, numAzimuths, 3] unit vectors [@frame sensor] */
export function makeLidarDirections(spec: LidarSensor): Float64Array {
  const step = computeAzimuthStep(spec);
  const directions = new Float64Array(spec.elevations.length * spec.numAzimuths * 3);
  let o = 0;
  for (const elevation of spec.elevations) {
    for (let a = 0; a < spec.numAzimuths; a++) {
      const azimuth = spec.azimuth[0] + a * step;
      directions[o] = Math.cos(elevation) * Math.cos(azimuth);
      directions[o + 1] = Math.cos(elevation) * Math.sin(azimuth);
      directions[o + 2] = Math.sin(elevation);
      o += 3;
    }
  }
  return directions;
}
