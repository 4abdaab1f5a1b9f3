import type { Rng } from '../math/rng.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import type { EncoderSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import type { DelayLine, SampleSink } from './delay-line.ts';
import { type EncoderReading, makeStamps, makeUnread } from './reading.ts';
import { Sampler } from './sampler.ts';
import type { Instrument, SensorDraw, SensorTiming } from './sensor.ts';

/** Position and velocity of some joints. */
export class Encoder implements Instrument {
  readonly reading: EncoderReading;
  readonly #numRobots: number;
  readonly #joints: readonly number[];
  /** One sample: positions of the encoder's joints, then their velocities. */
  readonly #sampler: Sampler;
  readonly #position: Channel;
  readonly #velocity: Channel;

  constructor(model: RobotModel, numRobots: number, spec: EncoderSensor, timing: SensorTiming) {
    const count = spec.joints.length;
    this.#numRobots = numRobots;
    this.#joints = spec.joints.map((name) => getJointIndex(model, name));
    this.#sampler = new Sampler(numRobots, 2 * count, spec, timing);
    this.#position = new Channel(numRobots, count, spec.position, spec.rateHz);
    this.#velocity = new Channel(numRobots, count, spec.velocity, spec.rateHz);
    this.reading = {
      kind: 'encoder',
      sensor: spec,
      position: makeUnread(numRobots * count),
      velocity: makeUnread(numRobots * count),
      ...makeStamps(numRobots),
    };
  }

  get line(): DelayLine {
    return this.#sampler.line;
  }

  /**
   * Starts an episode of one robot at `tick`, as after a long rest in that state: it starts with a reading, and
   * the next ones arrive after their latency.
   */
  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    draw: SensorDraw,
    show: SampleSink,
  ): void {
    this.#sampler.reset(robot, tick, rng, draw, 'at_once');
    this.#position.reset(robot, rng.fork('position'), draw);
    this.#velocity.reset(robot, rng.fork('velocity'), draw);
    this.#write(this.#sampler.pushAtOnce(robot, tick), robot, truth);
    this.line.deliver(robot, tick, show);
    if (this.#sampler.isDue(robot, tick)) {
      this.#write(this.#sampler.push(robot, tick), robot, truth);
    }
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      if (!this.#sampler.isDue(robot, tick)) continue;
      this.#position.walk(robot);
      this.#velocity.walk(robot);
      this.#write(this.#sampler.push(robot, tick), robot, truth);
    }
  }

  take(robot: number, data: Float64Array, offset: number): void {
    const { position, velocity } = this.reading;
    const count = this.#joints.length;
    for (let k = 0; k < count; k++) {
      position[robot * count + k] = data[offset + k]!;
      velocity[robot * count + k] = data[offset + count + k]!;
    }
  }

  /** Writes what was read last into the robot's row of `out`, in joint order. */
  writeMeasured(out: StateBatch, robot: number): void {
    const { position, velocity } = this.reading;
    const count = this.#joints.length;
    for (let k = 0; k < count; k++) {
      const joint = robot * out.numJoints + this.#joints[k]!;
      out.jointPosition[joint] = position[robot * count + k]!;
      out.jointVelocity[joint] = velocity[robot * count + k]!;
    }
  }

  #write(o: number, robot: number, truth: StateBatch): void {
    const { data } = this.line;
    const count = this.#joints.length;
    for (let k = 0; k < count; k++) {
      const joint = robot * truth.numJoints + this.#joints[k]!;
      data[o + k] = truth.jointPosition[joint]!;
      data[o + count + k] = truth.jointVelocity[joint]!;
    }
    this.#position.measureSample(robot, data, o);
    this.#velocity.measureSample(robot, data, o + count);
  }
}
