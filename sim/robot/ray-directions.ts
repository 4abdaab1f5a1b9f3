import { computeAzimuthStep, type DepthCameraSensor, type LidarSensor } from './sensor-model.ts';

// Where the rays of sensors go, in their own frames.

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
