import { writeInverseRotated, writeNormalized } from '../math/quat.ts';
import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { ImuSensor } from '../robot/sensor-model.ts';
import type { StateBatch } from '../robot/state.ts';
import { Channel } from './channel.ts';
import { DelayLine } from './delay-line.ts';
import { SampleClock } from './sample-clock.ts';
import type { SensorDraw, SensorTiming } from './sensor.ts';

/** Numbers of one sample: angular velocity [rad/s], then specific force [m/s²], both in base_link. */
export const IMU_WIDTH = 6;

/**
 * Gyroscope and accelerometer at base_link's origin. A sample is the mean over the sensor's period,
 * which is what a MEMS device with its anti-aliasing filter reports and what makes strapdown
 * integration of the samples close to exact.
 *
 * The accelerometer measures specific force R⁻¹(a − g), with `a` from the change of velocity over
 * each physics tick rather than from the applied forces: only the velocity knows of contacts and
 * joints too, and in a semi-implicit engine its change is exactly what the tick's forces did.
 * (The engine's 32-bit velocities blur it by about 1e-7 m/s / dt, far below any device's noise.)
 */
export class Imu {
  readonly line: DelayLine;
  readonly #numRobots: number;
  readonly #spec: ImuSensor;
  readonly #physicsRateHz: number;
  readonly #gravityW: Vec3;
  readonly #clock: SampleClock;
  readonly #gyroscope: Channel;
  readonly #accelerometer: Channel;
  readonly #previousVelocityW: Float64Array;
  readonly #previousOrientation: Float64Array;
  /** [numRobots, 6] sums over the ticks since the last sample */
  readonly #sum: Float64Array;
  readonly #ticks: Int32Array;
  readonly #middle = new Float64Array(4);
  readonly #force = new Float64Array(3);

  constructor(numRobots: number, spec: ImuSensor, timing: SensorTiming, gravityW: Vec3) {
    this.#numRobots = numRobots;
    this.#spec = spec;
    this.#physicsRateHz = timing.physicsRateHz;
    this.#gravityW = gravityW;
    this.#clock = new SampleClock(numRobots, spec.rateHz, timing.physicsRateHz);
    this.line = new DelayLine({
      numRobots,
      width: IMU_WIDTH,
      rateHz: spec.rateHz,
      maxLatencyS: spec.latencyS * timing.maxLatencyScale,
      physicsRateHz: timing.physicsRateHz,
    });
    this.#gyroscope = new Channel(numRobots, 3, spec.gyroscope);
    this.#accelerometer = new Channel(numRobots, 3, spec.accelerometer);
    this.#previousVelocityW = new Float64Array(numRobots * 3);
    this.#previousOrientation = new Float64Array(numRobots * 4);
    this.#sum = new Float64Array(numRobots * IMU_WIDTH);
    this.#ticks = new Int32Array(numRobots);
  }

  /** Starts an episode of one robot at `tick`, from its true state. */
  reset(robot: number, tick: number, truth: StateBatch, rng: Rng, draw: SensorDraw): void {
    this.#clock.start(robot, tick, 'after_one_period');
    this.line.reset(robot, this.#spec.latencyS * draw.latencyScale);
    this.#gyroscope.reset(robot, rng.fork('gyroscope'), draw.noiseScale);
    this.#accelerometer.reset(robot, rng.fork('accelerometer'), draw.noiseScale);
    this.#sum.fill(0, robot * IMU_WIDTH, (robot + 1) * IMU_WIDTH);
    this.#ticks[robot] = 0;
    this.#remember(robot, truth);
  }

  /** Takes in the true state after one physics tick. */
  sample(tick: number, truth: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#accumulate(robot, truth);
      if (this.#clock.isDue(robot, tick)) this.#emit(robot, tick);
    }
  }

  #accumulate(robot: number, truth: StateBatch): void {
    const q = robot * 4;
    const v = robot * 3;
    const s = robot * IMU_WIDTH;
    const force = this.#force;
    for (let k = 0; k < 3; k++) {
      const change = truth.linearVelocityW[v + k]! - this.#previousVelocityW[v + k]!;
      force[k] = change * this.#physicsRateHz - this.#gravityW[k]!;
    }
    this.#writeMiddleOrientation(q, truth.orientation);
    writeInverseRotated(force, 0, this.#middle, 0, force, 0);
    for (let k = 0; k < 3; k++) {
      this.#sum[s + k] = this.#sum[s + k]! + truth.angularVelocityB[v + k]!;
      this.#sum[s + 3 + k] = this.#sum[s + 3 + k]! + force[k]!;
    }
    this.#ticks[robot] = this.#ticks[robot]! + 1;
    this.#remember(robot, truth);
  }

  /** Halfway between the orientations at both ends of the tick, so that the mean is second order. */
  #writeMiddleOrientation(q: number, orientation: Float64Array): void {
    let dot = 0;
    for (let k = 0; k < 4; k++) dot += orientation[q + k]! * this.#previousOrientation[q + k]!;
    const sign = dot < 0 ? -1 : 1;
    for (let k = 0; k < 4; k++) {
      this.#middle[k] = sign * orientation[q + k]! + this.#previousOrientation[q + k]!;
    }
    writeNormalized(this.#middle, 0, this.#middle, 0);
  }

  #remember(robot: number, truth: StateBatch): void {
    for (let k = 0; k < 3; k++) {
      this.#previousVelocityW[3 * robot + k] = truth.linearVelocityW[3 * robot + k]!;
    }
    for (let k = 0; k < 4; k++) {
      this.#previousOrientation[4 * robot + k] = truth.orientation[4 * robot + k]!;
    }
  }

  #emit(robot: number, tick: number): void {
    const o = this.line.push(robot, tick);
    const s = robot * IMU_WIDTH;
    const data = this.line.data;
    const ticks = this.#ticks[robot]!;
    for (let k = 0; k < 3; k++) {
      data[o + k] = this.#sum[s + k]! / ticks + this.#gyroscope.drawError(robot, k);
      data[o + 3 + k] = this.#sum[s + 3 + k]! / ticks + this.#accelerometer.drawError(robot, k);
    }
    this.#sum.fill(0, s, s + IMU_WIDTH);
    this.#ticks[robot] = 0;
  }
}
