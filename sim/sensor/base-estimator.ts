import type { Rng } from '../math/rng.ts';
import type { StateBatch } from '../robot/state.ts';
import type { SensorDraw } from './sensor.ts';

/**
 * What a robot's computer makes of its sensors' samples about its base. Samples come in the order in which they
 * become visible; those it has no use for it ignores.
 */
export interface BaseEstimator {
  /** Starts an episode of one robot. Its sensors have been reset already. */
  reset(robot: number, tick: number, truth: StateBatch, rng: Rng, draw: SensorDraw): void;
  /** A sample of the IMU on the base, see IMU_WIDTH. */
  takeImu?(robot: number, stampTick: number, data: Float64Array, offset: number): void;
  /** A sample of motion capture, see POSE_WIDTH. */
  takePose?(robot: number, stampTick: number, data: Float64Array, offset: number): void;
  /** A sample of odometry, see ODOMETRY_WIDTH. */
  takeOdometry?(robot: number, stampTick: number, data: Float64Array, offset: number): void;
  /** Writes what is known at `tick` into the robot's row of `out`; leaves alone what is not. */
  writeEstimate(out: StateBatch, robot: number, tick: number): void;
}
