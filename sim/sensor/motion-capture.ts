import { writeIntegrated } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { MotionCaptureSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import { DelayLine } from './delay-line.ts';
import { SampleClock } from './sample-clock.ts';
import type { SensorDraw, SensorTiming } from './sensor.ts';

/** Numbers of one sample: position [m] [@frame odom], then orientation x, y, z, w. */
export const POSE_WIDTH = 7;

/**
 * Cameras that see the pose of base_link. The orientation error is a small rotation about
 * base_link's axes: measured = true · exp(error).
 */
export class MotionCapture {
  readonly line: DelayLine;
  readonly position: Channel;
  readonly orientation: Channel;
  readonly #numRobots: number;
  readonly #spec: MotionCaptureSensor;
  readonly #clock: SampleClock;
  readonly #error = new Float64Array(3);

  constructor(numRobots: number, spec: MotionCaptureSensor, timing: SensorTiming) {
    this.#numRobots = numRobots;
    this.#spec = spec;
    this.#clock = new SampleClock(numRobots, spec.rateHz, timing.physicsRateHz);
    this.line = new DelayLine({
      numRobots,
      width: POSE_WIDTH,
      rateHz: spec.rateHz,
      maxLatencyS: spec.latencyS * timing.maxLatencyScale,
      physicsRateHz: timing.physicsRateHz,
    });
    this.position = new Channel(numRobots, 3, spec.position);
    this.orientation = new Channel(numRobots, 3, spec.orientation);
  }

  /** Starts an episode of one robot at `tick`; the first pose is measured there. */
  reset(robot: number, tick: number, truth: StateBatch, rng: Rng, draw: SensorDraw): void {
    this.#clock.start(robot, tick, 'at_once');
    this.line.reset(robot, this.#spec.latencyS * draw.latencyScale);
    this.position.reset(robot, rng.fork('position'), draw.noiseScale);
    this.orientation.reset(robot, rng.fork('orientation'), draw.noiseScale);
    if (this.#clock.isDue(robot, tick)) this.#emit(robot, tick, truth);
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      if (this.#clock.isDue(robot, tick)) this.#emit(robot, tick, truth);
    }
  }

  #emit(robot: number, tick: number, truth: StateBatch): void {
    const o = this.line.push(robot, tick);
    const data = this.line.data;
    for (let k = 0; k < 3; k++) {
      data[o + k] = truth.position[3 * robot + k]! + this.position.drawError(robot, k);
      this.#error[k] = this.orientation.drawError(robot, k);
    }
    writeIntegrated(data, o + 3, truth.orientation, 4 * robot, this.#error, 0, 1);
  }
}
