import { computeYaw, wrapAngle } from '../math/quat.ts';
import type { StateBatch } from '../robot/state.ts';
import type { AttitudeFilter } from './attitude-filter.ts';
import type { BaseEstimator } from './base-estimator.ts';

/**
 * A driving robot's computer: place and speed from its wheels, on a plane at the height where the episode began.
 * With an IMU the heading is the gyroscope's, which knows nothing of slip, and each step of the odometry is
 * turned into it; roll and pitch are the IMU's too. Without one the heading is the wheels' and the robot is taken to
 * be level. All is as old as the newest sample, but for an orientation from an IMU, which is carried to now.
 */
export class WheelEstimate implements BaseEstimator {
  readonly #filter: AttitudeFilter | undefined;
  /** [numRobots, 3] m [@frame odom] */
  readonly #position: Float64Array;
  /** [numRobots] rad heading at the last odometry sample */
  readonly #yaw: Float64Array;
  /** [numRobots, 3] m, m, rad pose of the last odometry sample */
  readonly #last: Float64Array;
  /** [numRobots, 3] m/s, m/s, rad/s twist of the last odometry sample [@frame base_link] */
  readonly #twistB: Float64Array;
  readonly #orientation = new Float64Array(4);

  /** @param filter of the IMU, if there is one */
  constructor(numRobots: number, filter: AttitudeFilter | undefined) {
    this.#filter = filter;
    this.#position = new Float64Array(numRobots * 3);
    this.#yaw = new Float64Array(numRobots);
    this.#last = new Float64Array(numRobots * 3);
    this.#twistB = new Float64Array(numRobots * 3);
  }

  reset(robot: number, tick: number, truth: StateBatch): void {
    const yaw = computeYaw(truth.orientation, 4 * robot);
    for (let k = 0; k < 3; k++) {
      this.#position[3 * robot + k] = truth.position[3 * robot + k]!;
      this.#last[3 * robot + k] = k < 2 ? truth.position[3 * robot + k]! : yaw;
      this.#twistB[3 * robot + k] = 0;
    }
    this.#yaw[robot] = yaw;
    this.#filter?.reset(robot, tick, truth);
  }

  takeImu(robot: number, stampTick: number, data: Float64Array, offset: number): void {
    this.#filter?.take(robot, stampTick, data, offset);
  }

  takeOdometry(robot: number, stampTick: number, data: Float64Array, offset: number): void {
    const r = 3 * robot;
    const last = this.#last;
    const stepX = data[offset]! - last[r]!;
    const stepY = data[offset + 1]! - last[r + 1]!;
    const turn = wrapAngle(data[offset + 2]! - last[r + 2]!);
    const yaw = this.#computeYaw(robot, stampTick, data[offset + 2]!);
    const ownTurn = wrapAngle(yaw - this.#yaw[robot]!);
    // The step was made along the heading halfway, in the one reckoning as in the other.
    const between = this.#yaw[robot]! + ownTurn / 2 - (last[r + 2]! + turn / 2);
    const position = this.#position;
    position[r] = position[r]! + stepX * Math.cos(between) - stepY * Math.sin(between);
    position[r + 1] = position[r + 1]! + stepX * Math.sin(between) + stepY * Math.cos(between);
    this.#yaw[robot] = yaw;
    for (let k = 0; k < 3; k++) {
      last[r + k] = data[offset + k]!;
      this.#twistB[r + k] = data[offset + 3 + k]!;
    }
  }

  writeEstimate(out: StateBatch, robot: number, tick: number): void {
    const r = 3 * robot;
    const q = 4 * robot;
    const filter = this.#filter;
    if (filter === undefined) writeLevel(out.orientation, q, this.#yaw[robot]!);
    else filter.writeOrientation(out.orientation, q, robot, tick);
    const yaw = computeYaw(out.orientation, q);
    const vx = this.#twistB[r]!;
    const vy = this.#twistB[r + 1]!;
    out.linearVelocityW[r] = vx * Math.cos(yaw) - vy * Math.sin(yaw);
    out.linearVelocityW[r + 1] = vx * Math.sin(yaw) + vy * Math.cos(yaw);
    out.linearVelocityW[r + 2] = 0;
    for (let k = 0; k < 3; k++) {
      out.position[r + k] = this.#position[r + k]!;
      const levelRate = k === 2 ? this.#twistB[r + 2]! : 0;
      out.angularVelocityB[r + k] = filter === undefined ? levelRate : filter.rateB[r + k]!;
    }
  }

  /** The heading at a stamp: the IMU's, or else what the wheels say. */
  #computeYaw(robot: number, stampTick: number, wheelYaw: number): number {
    if (this.#filter === undefined) return wheelYaw;
    this.#filter.writeOrientation(this.#orientation, 0, robot, stampTick);
    return computeYaw(this.#orientation);
  }
}

function writeLevel(out: Float64Array, o: number, yaw: number): void {
  out[o] = 0;
  out[o + 1] = 0;
  out[o + 2] = Math.sin(yaw / 2);
  out[o + 3] = Math.cos(yaw / 2);
}
