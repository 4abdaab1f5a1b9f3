import type { AttitudeFilter } from './attitude-filter.ts';
import type { BaseEstimator } from './base-estimator.ts';

/** A robot with nothing but an IMU: it knows up and how it turns. Place and speed stay unwritten. */
export function makeAttitudeEstimate(filter: AttitudeFilter): BaseEstimator {
  return {
    reset: (robot, tick, truth) => filter.reset(robot, tick, truth),
    takeImu: (robot, stampTick, data, offset) => filter.take(robot, stampTick, data, offset),
    writeEstimate(out, robot, tick) {
      filter.writeOrientation(out.orientation, 4 * robot, robot, tick);
      for (let k = 0; k < 3; k++)
        out.angularVelocityB[3 * robot + k] = filter.rateB[3 * robot + k]!;
    },
  };
}
