import { writeInverseRotated, writeNormalized } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import type { ImuSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import type { DelayLine } from './delay-line.ts';
import { Mount } from './mount.ts';
import { type InertialReading, makeStamps, makeUnread } from './reading.ts';
import { Sampler } from './sampler.ts';
import type { Instrument, SensorDraw, SensorTiming } from './sensor.ts';

/** Numbers of one sample: angular velocity [rad/s], then specific force [m/s²], both in the sensor's link. */
export const IMU_WIDTH = 6;

/**
 * Gyroscope and accelerometer at the origin of any link. A sample is the mean over the sensor's period,
 * which is what a MEMS device with its anti-aliasing filter reports and what makes strapdown
 * integration of the samples close to exact.
 *
 * The accelerometer measures specific force R⁻¹(a − g), with `a` from the change of velocity over
 * each physics tick rather than from the applied forces: only the velocity knows of contacts and
 * joints too, and in a semi-implicit engine its change is exactly what the tick's forces did. It is the
 * velocity of the sensor's own point, so what a lever arm r adds, ω̇ × r + ω × (ω × r), is in it.
 * (The engine's 32-bit velocities blur it by about 1e-7 m/s / dt, far below any device's noise.)
 */
export class Imu implements Instrument {
  readonly reading: InertialReading;
  readonly gyroscope: Channel;
  readonly accelerometer: Channel;
  readonly mount: Mount;
  readonly #numRobots: number;
  readonly #physicsRateHz: number;
  readonly #gravityW: Vec3;
  /** [numRobots, 3] m/s² by which a robot's own gravity differs; its computer does not know of it */
  readonly #gravityOffsetW: Float64Array;
  readonly #sampler: Sampler;
  readonly #previousVelocityW: Float64Array;
  readonly #previousOrientation: Float64Array;
  /** [numRobots, 6] sums over the ticks since the last sample */
  readonly #sum: Float64Array;
  readonly #ticks: Int32Array;
  readonly #middle = new Float64Array(4);
  readonly #force = new Float64Array(3);

  constructor(
    model: RobotModel,
    numRobots: number,
    spec: ImuSensor,
    timing: SensorTiming,
    gravityW: Vec3,
    gravityOffsetW: Float64Array = new Float64Array(3 * numRobots),
  ) {
    this.#numRobots = numRobots;
    this.#physicsRateHz = timing.physicsRateHz;
    this.#gravityW = gravityW;
    this.#gravityOffsetW = gravityOffsetW;
    this.#sampler = new Sampler(numRobots, IMU_WIDTH, spec, timing);
    this.mount = new Mount(model, spec.link);
    this.gyroscope = new Channel(numRobots, 3, spec.gyroscope, spec.rateHz);
    this.accelerometer = new Channel(numRobots, 3, spec.accelerometer, spec.rateHz);
    this.reading = {
      kind: 'imu',
      sensor: spec,
      angularVelocityS: makeUnread(numRobots * 3),
      specificForceS: makeUnread(numRobots * 3),
      ...makeStamps(numRobots),
    };
    this.#previousVelocityW = new Float64Array(numRobots * 3);
    this.#previousOrientation = new Float64Array(numRobots * 4);
    this.#sum = new Float64Array(numRobots * IMU_WIDTH);
    this.#ticks = new Int32Array(numRobots);
  }

  get line(): DelayLine {
    return this.#sampler.line;
  }

  /** Starts an episode of one robot at `tick`, from its true state. The first sample comes after one period. */
  reset(robot: number, tick: number, truth: StateBatch, rng: Rng, draw: SensorDraw): void {
    this.#sampler.reset(robot, tick, rng, draw, 'after_one_period');
    this.gyroscope.reset(robot, rng.fork('gyroscope'), draw);
    this.accelerometer.reset(robot, rng.fork('accelerometer'), draw);
    this.#sum.fill(0, robot * IMU_WIDTH, (robot + 1) * IMU_WIDTH);
    this.#ticks[robot] = 0;
    this.#feel(robot, truth, 'start');
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#feel(robot, truth, 'go on');
      if (this.#sampler.isDue(robot, tick)) this.#emit(robot, tick);
    }
  }

  take(robot: number, data: Float64Array, offset: number): void {
    const { angularVelocityS, specificForceS } = this.reading;
    for (let k = 0; k < 3; k++) {
      angularVelocityS[3 * robot + k] = data[offset + k]!;
      specificForceS[3 * robot + k] = data[offset + 3 + k]!;
    }
  }

  /** Follows the sensor's frame: base_link's rows where it is that, or else the mount's only row. */
  #feel(robot: number, truth: StateBatch, how: 'start' | 'go on'): void {
    if (this.mount.isBase) {
      const { linearVelocityW, orientation, angularVelocityB } = truth;
      if (how === 'go on') {
        this.#accumulate(robot, robot, linearVelocityW, orientation, angularVelocityB);
      }
      this.#remember(robot, robot, linearVelocityW, orientation);
    } else {
      const { linearVelocityW, orientation, angularVelocityS } = this.mount.compute(truth, robot);
      if (how === 'go on') {
        this.#accumulate(robot, 0, linearVelocityW, orientation, angularVelocityS);
      }
      this.#remember(robot, 0, linearVelocityW, orientation);
    }
  }

  #accumulate(
    robot: number,
    row: number,
    velocityW: Float64Array,
    orientation: Float64Array,
    rateS: Float64Array,
  ): void {
    const s = robot * IMU_WIDTH;
    const force = this.#force;
    for (let k = 0; k < 3; k++) {
      const change = velocityW[3 * row + k]! - this.#previousVelocityW[3 * robot + k]!;
      const gravity = this.#gravityW[k]! + this.#gravityOffsetW[3 * robot + k]!;
      force[k] = change * this.#physicsRateHz - gravity;
    }
    this.#writeMiddleOrientation(robot, orientation, 4 * row);
    writeInverseRotated(force, 0, this.#middle, 0, force, 0);
    for (let k = 0; k < 3; k++) {
      this.#sum[s + k] = this.#sum[s + k]! + rateS[3 * row + k]!;
      this.#sum[s + 3 + k] = this.#sum[s + 3 + k]! + force[k]!;
    }
    this.#ticks[robot] = this.#ticks[robot]! + 1;
  }

  /** Halfway between the orientations at both ends of the tick, so that the mean is second order. */
  #writeMiddleOrientation(robot: number, orientation: Float64Array, o: number): void {
    const q = 4 * robot;
    let dot = 0;
    for (let k = 0; k < 4; k++) dot += orientation[o + k]! * this.#previousOrientation[q + k]!;
    const sign = dot < 0 ? -1 : 1;
    for (let k = 0; k < 4; k++) {
      this.#middle[k] = sign * orientation[o + k]! + this.#previousOrientation[q + k]!;
    }
    writeNormalized(this.#middle, 0, this.#middle, 0);
  }

  #remember(robot: number, row: number, velocityW: Float64Array, orientation: Float64Array): void {
    for (let k = 0; k < 3; k++) this.#previousVelocityW[3 * robot + k] = velocityW[3 * row + k]!;
    for (let k = 0; k < 4; k++)
      this.#previousOrientation[4 * robot + k] = orientation[4 * row + k]!;
  }

  #emit(robot: number, tick: number): void {
    const o = this.#sampler.push(robot, tick);
    const s = robot * IMU_WIDTH;
    const { data } = this.line;
    const ticks = this.#ticks[robot]!;
    this.gyroscope.walk(robot);
    this.accelerometer.walk(robot);
    for (let k = 0; k < 3; k++) {
      data[o + k] = this.#sum[s + k]! / ticks;
      data[o + 3 + k] = this.#sum[s + 3 + k]! / ticks;
    }
    this.gyroscope.measureSample(robot, data, o);
    this.accelerometer.measureSample(robot, data, o + 3);
    this.#sum.fill(0, s, s + IMU_WIDTH);
    this.#ticks[robot] = 0;
  }
}
