import type { RobotModel } from '../robot/model.ts';
import type { RangeSensor } from '../robot/sensor-model.ts';
import { RayInstrument } from './ray-instrument.ts';
import { makeStamps, makeUnread, type RangeReading } from './reading.ts';
import type { SensorTiming, Surroundings } from './sensor.ts';

/** One distance: along a beam, or to the nearest surface in a cone, as sonar and wide infrared tell it. */
export class RangeFinder extends RayInstrument {
  readonly reading: RangeReading;

  constructor(
    model: RobotModel,
    numRobots: number,
    spec: RangeSensor,
    timing: SensorTiming,
    surroundings: Surroundings,
  ) {
    const directions = makeConeDirections(spec);
    const numRays = directions.length / 3;
    super({
      model,
      numRobots,
      spec,
      timing,
      surroundings,
      directions,
      width: 1,
      numBiases: 1,
      write: (out, offset, robot, distance, first) => {
        let nearest = Infinity;
        for (let r = first; r < first + numRays; r++) nearest = Math.min(nearest, distance[r]!);
        out[offset] = this.rays.measure(robot, 0, nearest);
      },
    });
    this.reading = {
      kind: 'range',
      sensor: spec,
      range: makeUnread(numRobots),
      ...makeStamps(numRobots),
    };
  }

  protected get values(): Float32Array | Float64Array {
    return this.reading.range;
  }
}

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/**
 * Unit vectors about x from the axis to the rim, evenly spread over the cap: a sunflower's spiral
 * (H. Vogel, "A better way to construct the sunflower head", Mathematical Biosciences 44, 1979).
 */
export function makeConeDirections({
  fieldOfView,
  numRays,
}: Pick<RangeSensor, 'fieldOfView' | 'numRays'>): Float64Array {
  if (fieldOfView === 0 || numRays === 1) return Float64Array.from([1, 0, 0]);
  const directions = new Float64Array(numRays * 3);
  for (let r = 0; r < numRays; r++) {
    // Equal areas of a sphere lie between equal steps of the cosine.
    const cosine = 1 - (r / (numRays - 1)) * (1 - Math.cos(fieldOfView / 2));
    const sine = Math.sqrt(1 - cosine * cosine);
    directions[3 * r] = cosine;
    directions[3 * r + 1] = sine * Math.cos(r * GOLDEN_ANGLE);
    directions[3 * r + 2] = sine * Math.sin(r * GOLDEN_ANGLE);
  }
  return directions;
}
