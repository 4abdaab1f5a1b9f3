import type { RobotModel } from '../robot/model.ts';
import { makePixelDirections } from '../robot/ray-directions.ts';
import type { DepthCameraSensor } from '../robot/sensor-model.ts';
import { RayInstrument } from './ray-instrument.ts';
import { type DepthReading, makeStamps, makeUnread } from './reading.ts';
import type { SensorTiming, Surroundings } from './sensor.ts';

/** An image of depths along the optical axis (not of distances from the lens), as depth cameras publish it (REP-118). */
export class DepthCamera extends RayInstrument {
  readonly reading: DepthReading;

  constructor(
    model: RobotModel,
    numRobots: number,
    spec: DepthCameraSensor,
    timing: SensorTiming,
    surroundings: Surroundings,
  ) {
    const numPixels = spec.width * spec.height;
    const directions = makePixelDirections(spec);
    // The z part of a ray is its depth per distance; the ray in the corner is the longest for its depth.
    super({
      model,
      numRobots,
      spec,
      timing,
      surroundings,
      directions,
      reach: spec.maxRange / directions[2]!,
      width: numPixels,
      numBiases: 1,
      write: (out, offset, robot, distance, first) => {
        for (let p = 0; p < numPixels; p++) {
          const depth = distance[first + p]! * directions[3 * p + 2]!;
          out[offset + p] = this.rays.measure(robot, 0, depth);
        }
      },
    });
    this.reading = {
      kind: 'depth_camera',
      sensor: spec,
      depth: makeUnread(numRobots * numPixels),
      ...makeStamps(numRobots),
    };
  }

  protected get values(): Float32Array | Float64Array {
    return this.reading.depth;
  }
}
