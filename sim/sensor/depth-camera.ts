import type { RobotModel } from '../robot/model.ts';
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

/** Focal length in pixels: half the width is half the field of view away. [1] */
export function computeFocalLength(
  spec: Pick<DepthCameraSensor, 'width' | 'horizontalFieldOfView'>,
): number {
  return spec.width / 2 / Math.tan(spec.horizontalFieldOfView / 2);
}

/** [height, width, 3] unit vectors through the middles of the pixels [@frame optical] */
export function makePixelDirections(spec: DepthCameraSensor): Float64Array {
  const { width, height } = spec;
  const focalLength = computeFocalLength(spec);
  const directions = new Float64Array(width * height * 3);
  for (let p = 0; p < width * height; p++) {
    const x = ((p % width) + 0.5 - width / 2) / focalLength;
    const y = (Math.floor(p / width) + 0.5 - height / 2) / focalLength;
    const length = Math.hypot(x, y, 1);
    directions[3 * p] = x / length;
    directions[3 * p + 1] = y / length;
    directions[3 * p + 2] = 1 / length;
  }
  return directions;
}
