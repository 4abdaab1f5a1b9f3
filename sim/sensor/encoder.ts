import type { Rng } from '../math/rng.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import type { EncoderSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import { DelayLine } from './delay-line.ts';
import { SampleClock } from './sample-clock.ts';
import type { SensorDraw, SensorTiming } from './sensor.ts';

/** Position and velocity of some joints. */
export class Encoder {
  /** One sample: positions of the encoder's joints, then their velocities. */
  readonly line: DelayLine;
  readonly #numRobots: number;
  readonly #spec: EncoderSensor;
  readonly #joints: readonly number[];
  readonly #clock: SampleClock;
  readonly #position: Channel;
  readonly #velocity: Channel;

  constructor(model: RobotModel, numRobots: number, spec: EncoderSensor, timing: SensorTiming) {
    this.#numRobots = numRobots;
    this.#spec = spec;
    this.#joints = spec.joints.map((name) => getJointIndex(model, name));
    this.#clock = new SampleClock(numRobots, spec.rateHz, timing.physicsRateHz);
    this.line = new DelayLine({
      numRobots,
      width: 2 * spec.joints.length,
      rateHz: spec.rateHz,
      maxLatencyS: spec.latencyS * timing.maxLatencyScale,
      physicsRateHz: timing.physicsRateHz,
    });
    this.#position = new Channel(numRobots, spec.joints.length, spec.position);
    this.#velocity = new Channel(numRobots, spec.joints.length, spec.velocity);
  }

  /**
   * Starts an episode of one robot at `tick`, as after a long rest in that state: `measured` starts
   * at a first reading, and the next ones arrive after their latency.
   */
  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    draw: SensorDraw,
    measured: StateBatch,
  ): void {
    this.#clock.start(robot, tick, 'at_once');
    this.line.reset(robot, 0);
    this.#position.reset(robot, rng.fork('position'), draw.noiseScale);
    this.#velocity.reset(robot, rng.fork('velocity'), draw.noiseScale);
    this.#emit(robot, tick, truth);
    this.line.deliver(robot, tick, (_robot, _stamp, data, offset) =>
      this.writeMeasured(measured, robot, data, offset),
    );
    this.line.reset(robot, this.#spec.latencyS * draw.latencyScale);
    if (this.#clock.isDue(robot, tick)) this.#emit(robot, tick, truth);
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      if (this.#clock.isDue(robot, tick)) this.#emit(robot, tick, truth);
    }
  }

  /** Writes a sample of {@link line} into the robot's row of `out`. */
  writeMeasured(out: StateBatch, robot: number, data: Float64Array, offset: number): void {
    const count = this.#joints.length;
    for (let k = 0; k < count; k++) {
      const joint = robot * out.numJoints + this.#joints[k]!;
      out.jointPosition[joint] = data[offset + k]!;
      out.jointVelocity[joint] = data[offset + count + k]!;
    }
  }

  #emit(robot: number, tick: number, truth: StateBatch): void {
    const o = this.line.push(robot, tick);
    const count = this.#joints.length;
    for (let k = 0; k < count; k++) {
      const joint = robot * truth.numJoints + this.#joints[k]!;
      this.line.data[o + k] = truth.jointPosition[joint]! + this.#position.drawError(robot, k);
      this.line.data[o + count + k] =
        truth.jointVelocity[joint]! + this.#velocity.drawError(robot, k);
    }
  }
}
