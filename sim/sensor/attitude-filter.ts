import {
  writeIntegrated,
  writeInverseRotated,
  writeNormalized,
  writeQuatProduct,
  writeRotated,
} from '../math/quat.ts';
import { computeDot, computeNorm, type Vec3, writeCross } from '../math/vec3.ts';
import type { StateBatch } from '../robot/state.ts';
import type { Imu } from './imu.ts';

/**
 * [1/s] and [1/s²] how fast the accelerometer's up corrects the tilt and the gyroscope's bias. They are those of
 * PX4's filter of the same kind: its weights 0.2 of the accelerometer and 0.1 × 0.2 of the bias
 * (attitude_estimator_q, ATT_W_ACC and ATT_W_GYRO_BIAS). Small errors decay as s² + kP s + kI: over
 * 10 s, with a damping ratio of 0.2 / (2 √0.02) = 0.71.
 */
export const ATTITUDE_GAINS = { tilt: 0.2, bias: 0.02 } as const;

/** [-] the accelerometer is looked at while it feels gravity within this share, as in the same filter of PX4. */
export const GRAVITY_TOLERANCE = 0.1;

/**
 * Orientation from an IMU alone: the explicit complementary filter with bias estimate of R. Mahony, T. Hamel and
 * J.-M. Pflimlin, "Nonlinear Complementary Filters on the Special Orthogonal Group", IEEE Trans. Automatic
 * Control 53(5), 2008, with one vector, up. With a the measured and v the estimated up, both in the body, and
 * the error e = a × v: R' = R (ω − b + kP e)×, b' = −kI e. Gravity says nothing about the heading, so heading
 * and the gyroscope's bias about the vertical are what the gyroscope makes of them.
 */
export class AttitudeFilter {
  readonly #imu: Imu;
  /** Rotation from the IMU's axes. */
  readonly #baseFromImu: Float64Array;
  readonly #tickS: number;
  readonly #gravity: number;
  /** Unit vector [@frame odom]; whatever without gravity. */
  readonly #upW: Float64Array;
  /** [numRobots, 4] odom from base_link, at `#tick` */
  readonly #orientation: Float64Array;
  /** [numRobots, 3] rad/s [@frame base_link] estimated bias of the gyroscope */
  readonly bias: Float64Array;
  /** [numRobots, 3] rad/s [@frame base_link] the newest rate, less the bias */
  readonly rateB: Float64Array;
  readonly #tick: Float64Array;
  readonly #forceB = new Float64Array(3);
  readonly #upB = new Float64Array(3);
  readonly #error = new Float64Array(3);
  readonly #turn = new Float64Array(3);
  readonly #middle = new Float64Array(4);

  /** @param imu on a link that cannot move against base_link */
  constructor(numRobots: number, imu: Imu, gravityW: Vec3, physicsRateHz: number) {
    this.#imu = imu;
    this.#baseFromImu = Float64Array.from(imu.mount.baseFromSensor!.rotation);
    this.#tickS = 1 / physicsRateHz;
    this.#gravity = computeNorm(gravityW);
    const scale = this.#gravity > 0 ? -1 / this.#gravity : 0;
    this.#upW = Float64Array.from(gravityW, (g) => g * scale);
    this.#orientation = new Float64Array(numRobots * 4);
    this.bias = new Float64Array(numRobots * 3);
    this.rateB = new Float64Array(numRobots * 3);
    this.#tick = new Float64Array(numRobots);
  }

  /**
   * Starts an episode as if the robot had long rested in its start pose: the tilt is off by what the accelerometer's
   * bias makes of up, the gyroscope's bias is known but for its part about the vertical.
   */
  reset(robot: number, tick: number, truth: StateBatch): void {
    const q = 4 * robot;
    const upB = this.#upB;
    this.#tick[robot] = tick;
    for (let k = 0; k < 4; k++) this.#orientation[q + k] = truth.orientation[q + k]!;
    this.bias.fill(0, 3 * robot, 3 * robot + 3);
    this.#rotateIntoBase(this.#turn, this.#imu.gyroscope.bias, 3 * robot);
    if (this.#gravity > 0) {
      this.#settle(robot, truth);
      const vertical = computeDot(this.#turn, 0, upB, 0);
      for (let k = 0; k < 3; k++) {
        this.bias[3 * robot + k] = this.#turn[k]! - vertical * upB[k]!;
      }
    }
    for (let k = 0; k < 3; k++) {
      const i = 3 * robot + k;
      this.rateB[i] = truth.angularVelocityB[i]! + this.#turn[k]! - this.bias[i]!;
    }
  }

  /** Takes in an IMU sample: mean angular velocity and specific force since the one before, in its link. */
  take(robot: number, stampTick: number, data: Float64Array, offset: number): void {
    const r = 3 * robot;
    const dt = (stampTick - this.#tick[robot]!) * this.#tickS;
    this.#tick[robot] = stampTick;
    this.#rotateIntoBase(this.#turn, data, offset);
    this.#rotateIntoBase(this.#forceB, data, offset + 3);
    for (let k = 0; k < 3; k++) this.rateB[r + k] = this.#turn[k]! - this.bias[r + k]!;
    this.#writeError(robot, dt);
    for (let k = 0; k < 3; k++) {
      this.bias[r + k] = this.bias[r + k]! - ATTITUDE_GAINS.bias * this.#error[k]! * dt;
      this.rateB[r + k] = this.#turn[k]! - this.bias[r + k]!;
    }
    for (let k = 0; k < 3; k++) {
      this.#turn[k] = this.rateB[r + k]! + ATTITUDE_GAINS.tilt * this.#error[k]!;
    }
    const q = this.#orientation;
    writeIntegrated(q, 4 * robot, q, 4 * robot, this.#turn, 0, dt);
  }

  /** Writes the orientation at `tick`, with the newest rate held since its sample. */
  writeOrientation(out: Float64Array, o: number, robot: number, tick: number): void {
    const dt = (tick - this.#tick[robot]!) * this.#tickS;
    writeIntegrated(out, o, this.#orientation, 4 * robot, this.rateB, 3 * robot, dt);
  }

  /** Measured up against estimated up, in the middle of the sample's period, where its means belong. */
  #writeError(robot: number, dt: number): void {
    const length = computeNorm(this.#forceB);
    this.#error.fill(0);
    const off = Math.abs(length - this.#gravity);
    if (this.#gravity === 0 || off > GRAVITY_TOLERANCE * this.#gravity) return;
    const q = this.#orientation;
    writeIntegrated(this.#middle, 0, q, 4 * robot, this.rateB, 3 * robot, dt / 2);
    writeInverseRotated(this.#upB, 0, this.#middle, 0, this.#upW, 0);
    writeCross(this.#error, 0, this.#forceB, 0, this.#upB, 0);
    for (let k = 0; k < 3; k++) this.#error[k] = this.#error[k]! / length;
  }

  /** Tilts the true orientation by the shortest turn that makes the accelerometer's up the estimated one. */
  #settle(robot: number, truth: StateBatch): void {
    const q = 4 * robot;
    writeInverseRotated(this.#upB, 0, truth.orientation, q, this.#upW, 0);
    this.#rotateIntoBase(this.#forceB, this.#imu.accelerometer.bias, 3 * robot);
    for (let k = 0; k < 3; k++) {
      this.#forceB[k] = this.#forceB[k]! + this.#gravity * this.#upB[k]!;
    }
    const length = computeNorm(this.#forceB);
    for (let k = 0; k < 3; k++) this.#forceB[k] = this.#forceB[k]! / length;
    const turn = this.#middle;
    writeCross(turn, 0, this.#forceB, 0, this.#upB, 0);
    turn[3] = 1 + computeDot(this.#forceB, 0, this.#upB, 0);
    writeNormalized(turn, 0, turn, 0);
    writeQuatProduct(this.#orientation, q, truth.orientation, q, turn, 0);
    writeInverseRotated(this.#upB, 0, this.#orientation, q, this.#upW, 0);
  }

  #rotateIntoBase(out: Float64Array, vectorS: Float64Array, o: number): void {
    writeRotated(out, 0, this.#baseFromImu, 0, vectorS, o);
  }
}
