import { computeYaw, wrapAngle } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import { type DifferentialDrive, getJoint, type RobotModel } from '../robot/model.ts';
import type { OdometrySensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { computeWheels, type Wheel, type Wheels } from '../robot/wheels.ts';
import { Channel } from './channel.ts';
import type { DelayLine, SampleSink } from './delay-line.ts';
import { makeStamps, makeUnread, type OdometryReading } from './reading.ts';
import { Sampler } from './sampler.ts';
import type { Instrument, SensorDraw, SensorTiming } from './sensor.ts';

/** Numbers of one sample: x, y [m], yaw [rad], forward and leftward speed [m/s], yaw rate [rad/s]. */
export const ODOMETRY_WIDTH = 6;

/**
 * Dead reckoning from wheel encoders. Between two samples each side is taken to roll without slip at constant
 * speed, so the axle's middle moves on an arc (exact for that): by d = (l + r)/2 and the turn a = (r − l)/b
 * its chord is d·sin(a/2)/(a/2), along the heading halfway. It starts each episode where the robot is.
 */
export class Odometry implements Instrument {
  readonly reading: OdometryReading;
  readonly #numRobots: number;
  readonly #spec: OdometrySensor;
  readonly #physicsRateHz: number;
  readonly #drive: DifferentialDrive;
  readonly #wheels: Wheels;
  readonly #all: readonly Wheel[];
  /** Per wheel: its angle comes wrapped into (−π, π]. */
  readonly #wraps: readonly boolean[];
  readonly #sampler: Sampler;
  readonly #channel: Channel;
  /** [numRobots, wheels] rad true angle at the last tick, as the state has it */
  readonly #angle: Float64Array;
  /** [numRobots, wheels] rad true turn since reset, through whole turns */
  readonly #turn: Float64Array;
  /** [numRobots, wheels] rad the last reading */
  readonly #read: Float64Array;
  /** [numRobots, 3] m, m, rad the axle's middle and the heading, as reckoned; the heading is not wrapped */
  readonly #pose: Float64Array;
  /** [numRobots, 3] factors of left radius, right radius and separation [-] */
  readonly #scale: Float64Array;
  readonly #lastTick: Float64Array;

  /** @throws RangeError if the robot has no differential drive */
  constructor(model: RobotModel, numRobots: number, spec: OdometrySensor, timing: SensorTiming) {
    this.#wheels = computeWheels(model);
    this.#drive = model.drive!;
    this.#all = [...this.#wheels.left, ...this.#wheels.right];
    const numWheels = this.#all.length;
    this.#wraps = this.#all.map(({ jointIndex }) => {
      return getJoint(model, model.jointNames[jointIndex]!).type === 'continuous';
    });
    this.#numRobots = numRobots;
    this.#spec = spec;
    this.#physicsRateHz = timing.physicsRateHz;
    this.#sampler = new Sampler(numRobots, ODOMETRY_WIDTH, spec, timing);
    this.#channel = new Channel(numRobots, numWheels, spec.wheel, spec.rateHz);
    this.#angle = new Float64Array(numRobots * numWheels);
    this.#turn = new Float64Array(numRobots * numWheels);
    this.#read = new Float64Array(numRobots * numWheels);
    this.#pose = new Float64Array(numRobots * 3);
    this.#scale = new Float64Array(numRobots * 3);
    this.#lastTick = new Float64Array(numRobots);
    this.reading = {
      kind: 'odometry',
      sensor: spec,
      position: makeUnread(numRobots * 2),
      yaw: makeUnread(numRobots),
      linearVelocityB: makeUnread(numRobots * 2),
      yawRate: makeUnread(numRobots),
      ...makeStamps(numRobots),
    };
  }

  get line(): DelayLine {
    return this.#sampler.line;
  }

  /** Starts an episode of one robot at `tick`, where it truly is, with a reading of that place and no speed. */
  reset(
    robot: number,
    tick: number,
    truth: StateBatch,
    rng: Rng,
    draw: SensorDraw,
    show: SampleSink,
  ): void {
    this.#sampler.reset(robot, tick, rng, draw, 'after_one_period');
    this.#channel.reset(robot, rng.fork('wheel'), draw);
    this.#drawScales(robot, rng.fork('scale'), draw.noiseScale * (draw.biasScale ?? 1));
    const numWheels = this.#all.length;
    for (let w = 0; w < numWheels; w++) {
      const i = robot * numWheels + w;
      this.#angle[i] = this.#getAngle(truth, robot, w);
      this.#turn[i] = 0;
      this.#read[i] = this.#channel.measure(robot, w, 0);
    }
    const yaw = computeYaw(truth.orientation, 4 * robot);
    const [x, y] = this.#wheels.axleB;
    const pose = this.#pose;
    pose[3 * robot] = truth.position[3 * robot]! + x * Math.cos(yaw) - y * Math.sin(yaw);
    pose[3 * robot + 1] = truth.position[3 * robot + 1]! + x * Math.sin(yaw) + y * Math.cos(yaw);
    pose[3 * robot + 2] = yaw;
    this.#lastTick[robot] = tick;
    this.#write(this.#sampler.pushAtOnce(robot, tick), robot, 0, 0);
    this.line.deliver(robot, tick, show);
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#count(robot, truth);
      if (this.#sampler.isDue(robot, tick)) this.#emit(robot, tick);
    }
  }

  take(robot: number, data: Float64Array, offset: number): void {
    const { position, yaw, linearVelocityB, yawRate } = this.reading;
    for (let k = 0; k < 2; k++) {
      position[2 * robot + k] = data[offset + k]!;
      linearVelocityB[2 * robot + k] = data[offset + 3 + k]!;
    }
    yaw[robot] = data[offset + 2]!;
    yawRate[robot] = data[offset + 5]!;
  }

  #drawScales(robot: number, rng: Rng, factor: number): void {
    const radius = (this.#spec.radiusError ?? 0) * factor;
    const separation = (this.#spec.separationError ?? 0) * factor;
    this.#scale[3 * robot] = 1 + rng.uniform(-radius, radius);
    this.#scale[3 * robot + 1] = 1 + rng.uniform(-radius, radius);
    this.#scale[3 * robot + 2] = 1 + rng.uniform(-separation, separation);
  }

  #getAngle(truth: StateBatch, robot: number, wheel: number): number {
    return truth.jointPosition[robot * truth.numJoints + this.#all[wheel]!.jointIndex]!;
  }

  /** Follows the wheels through whole turns, tick by tick: no wheel makes half a turn in one. */
  #count(robot: number, truth: StateBatch): void {
    const numWheels = this.#all.length;
    for (let w = 0; w < numWheels; w++) {
      const i = robot * numWheels + w;
      const angle = this.#getAngle(truth, robot, w);
      const change = angle - this.#angle[i]!;
      this.#turn[i] = this.#turn[i]! + (this.#wraps[w]! ? wrapAngle(change) : change);
      this.#angle[i] = angle;
    }
  }

  #emit(robot: number, tick: number): void {
    this.#channel.walk(robot);
    const numLeft = this.#wheels.left.length;
    const { wheelRadius, wheelSeparation } = this.#drive;
    const left = this.#readSide(robot, 0, numLeft) * wheelRadius * this.#scale[3 * robot]!;
    const right =
      this.#readSide(robot, numLeft, this.#all.length) * wheelRadius * this.#scale[3 * robot + 1]!;
    const turn = (right - left) / (wheelSeparation * this.#scale[3 * robot + 2]!);
    const way = (left + right) / 2;
    this.#advance(robot, way, turn);
    const dt = (tick - this.#lastTick[robot]!) / this.#physicsRateHz;
    this.#lastTick[robot] = tick;
    this.#write(this.#sampler.push(robot, tick), robot, way / dt, turn / dt);
  }

  /** Mean forward turn of some wheels since their last readings. [rad] */
  #readSide(robot: number, from: number, to: number): number {
    let sum = 0;
    for (let w = from; w < to; w++) {
      const i = robot * this.#all.length + w;
      const reading = this.#channel.measure(robot, w, this.#turn[i]!);
      sum += this.#all[w]!.forward * (reading - this.#read[i]!);
      this.#read[i] = reading;
    }
    return sum / (to - from);
  }

  #advance(robot: number, way: number, turn: number): void {
    const pose = this.#pose;
    const p = 3 * robot;
    const half = turn / 2;
    const chord = way * (Math.abs(half) > 1e-6 ? Math.sin(half) / half : 1);
    pose[p] = pose[p]! + chord * Math.cos(pose[p + 2]! + half);
    pose[p + 1] = pose[p + 1]! + chord * Math.sin(pose[p + 2]! + half);
    pose[p + 2] = pose[p + 2]! + turn;
  }

  /** Writes base_link's pose and twist from those of the axle's middle. */
  #write(o: number, robot: number, speed: number, yawRate: number): void {
    const { data } = this.line;
    const x = this.#wheels.axleB[0];
    const y = this.#wheels.axleB[1];
    const p = 3 * robot;
    const yaw = this.#pose[p + 2]!;
    data[o] = this.#pose[p]! - (x * Math.cos(yaw) - y * Math.sin(yaw));
    data[o + 1] = this.#pose[p + 1]! - (x * Math.sin(yaw) + y * Math.cos(yaw));
    data[o + 2] = wrapAngle(yaw);
    // Velocity of base_link's origin: that of the axle, less ω × arm.
    data[o + 3] = speed + yawRate * y;
    data[o + 4] = -yawRate * x;
    data[o + 5] = yawRate;
  }
}
