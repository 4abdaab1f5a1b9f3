import type { RobotModel } from '../robot/model.ts';
import { makeLidarDirections } from '../robot/ray-directions.ts';
import type { LidarSensor } from '../robot/sensor-model.ts';
import { RayInstrument } from './ray-instrument.ts';
import { type LidarReading, makeStamps, makeUnread } from './reading.ts';
import type { SensorTiming, Surroundings } from './sensor.ts';

/** Ranges all around, in one ring or several. Each ring is a laser of its own, with a bias of its own. */
export class Lidar extends RayInstrument {
  readonly reading: LidarReading;
  readonly #numAzimuths: number;
  readonly #numRays: number;

  constructor(
    model: RobotModel,
    numRobots: number,
    spec: LidarSensor,
    timing: SensorTiming,
    surroundings: Surroundings,
  ) {
    const numRays = spec.numAzimuths * spec.elevations.length;
    super({
      model,
      numRobots,
      spec,
      timing,
      surroundings,
      directions: makeLidarDirections(spec),
      width: numRays,
      numBiases: spec.elevations.length,
      write: (out, offset, robot, distance, first) =>
        this.#write(out, offset, robot, distance, first),
    });
    this.#numAzimuths = spec.numAzimuths;
    this.#numRays = numRays;
    this.reading = {
      kind: 'lidar',
      sensor: spec,
      range: makeUnread(numRobots * numRays),
      ...makeStamps(numRobots),
    };
  }

  protected get values(): Float32Array | Float64Array {
    return this.reading.range;
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
      out[offset + r] = this.rays.measure(robot, ring, distance[first + r]!);
    }
  }
}
