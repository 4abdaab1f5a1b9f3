import { writeIntegrated } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { MotionCaptureSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import type { DelayLine } from './delay-line.ts';
import { type MotionCaptureReading, makeStamps } from './reading.ts';
import { Sampler } from './sampler.ts';
import type { Instrument, SensorDraw, SensorTiming } from './sensor.ts';

/** Numbers of one sample: position [m] [@frame odom], then orientation x, y, z, w. */
export const POSE_WIDTH = 7;

/**
 * Cameras that see the pose of base_link. The orientation error is a small rotation about
 * base_link's axes: measured = true · exp(error).
 */
export class MotionCapture implements Instrument {
  readonly reading: MotionCaptureReading;
  readonly position: Channel;
  readonly orientation: Channel;
  readonly #numRobots: number;
  readonly #sampler: Sampler;
  readonly #error = new Float64Array(3);

  constructor(numRobots: number, spec: MotionCaptureSensor, timing: SensorTiming) {
    this.#numRobots = numRobots;
    this.#sampler = new Sampler(numRobots, POSE_WIDTH, spec, timing);
    this.position = new Channel(numRobots, 3, spec.position, spec.rateHz);
    this.orientation = new Channel(numRobots, 3, spec.orientation, spec.rateHz);
    this.reading = makeMotionCaptureReading(numRobots, spec);
  }

  get line(): DelayLine {
    return this.#sampler.line;
  }

  /** Starts an episode of one robot at `tick`; the first pose is measured there. */
  reset(robot: number, tick: number, truth: StateBatch, rng: Rng, draw: SensorDraw): void {
    this.#sampler.reset(robot, tick, rng, draw, 'at_once');
    this.position.reset(robot, rng.fork('position'), draw);
    this.orientation.reset(robot, rng.fork('orientation'), draw);
    if (this.#sampler.isDue(robot, tick)) this.#emit(robot, tick, truth);
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      if (!this.#sampler.isDue(robot, tick)) continue;
      this.position.walk(robot);
      this.orientation.walk(robot);
      this.#emit(robot, tick, truth);
    }
  }

  take(robot: number, data: Float64Array, offset: number): void {
    const { position, orientation } = this.reading;
    for (let k = 0; k < 3; k++) position[3 * robot + k] = data[offset + k]!;
    for (let k = 0; k < 4; k++) orientation[4 * robot + k] = data[offset + 3 + k]!;
  }

  #emit(robot: number, tick: number, truth: StateBatch): void {
    const o = this.#sampler.push(robot, tick);
    const { data } = this.line;
    for (let k = 0; k < 3; k++) {
      data[o + k] = truth.position[3 * robot + k]!;
      this.#error[k] = this.orientation.drawError(robot, k);
    }
    this.position.measureSample(robot, data, o);
    writeIntegrated(data, o + 3, truth.orientation, 4 * robot, this.#error, 0, 1);
  }
}

function makeMotionCaptureReading(
  numRobots: number,
  sensor: MotionCaptureSensor,
): MotionCaptureReading {
  const orientation = new Float64Array(numRobots * 4);
  for (let robot = 0; robot < numRobots; robot++) orientation[4 * robot + 3] = 1;
  return {
    kind: 'motion_capture',
    sensor,
    position: new Float64Array(numRobots * 3),
    orientation,
    ...makeStamps(numRobots),
  };
}
