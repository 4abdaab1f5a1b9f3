import type { Vec3 } from '../math/vec3.ts';
import { chooseBaseEstimation, findBaseImu } from '../robot/known-state.ts';
import type { RobotModel } from '../robot/model.ts';
import { makeAttitudeEstimate } from './attitude-estimate.ts';
import { AttitudeFilter } from './attitude-filter.ts';
import type { BaseEstimator } from './base-estimator.ts';
import { Imu } from './imu.ts';
import { MotionCapture } from './motion-capture.ts';
import { makePoseEstimate } from './pose-estimate.ts';
import type { Instrument, SensorTiming } from './sensor.ts';
import { WheelEstimate } from './wheel-estimate.ts';

/** What makes the most of the sensors that a robot has; undefined where its base needs none, or has none. */
export function makeBaseEstimator(options: {
  readonly model: RobotModel;
  readonly numRobots: number;
  readonly gravityW: Vec3;
  readonly timing: SensorTiming;
  readonly instruments: readonly Instrument[];
}): BaseEstimator | undefined {
  const { model, numRobots, gravityW, timing, instruments } = options;
  const imu = findBaseImuInstrument(model, instruments);
  const makeFilter = () =>
    imu && new AttitudeFilter(numRobots, imu, gravityW, timing.physicsRateHz);
  switch (chooseBaseEstimation(model)) {
    case 'mount':
    case 'none':
      return undefined;
    case 'pose': {
      const motionCapture = instruments.find((one) => one instanceof MotionCapture)!;
      return makePoseEstimate({ numRobots, imu: imu!, motionCapture, gravityW, timing });
    }
    case 'wheels':
      return new WheelEstimate(numRobots, makeFilter());
    case 'attitude':
      return makeAttitudeEstimate(makeFilter()!);
  }
}

/** The instrument of the IMU that feels the base. */
export function findBaseImuInstrument(
  model: RobotModel,
  instruments: readonly Instrument[],
): Imu | undefined {
  const sensor = findBaseImu(model);
  if (sensor === undefined) return undefined;
  return instruments.find((one): one is Imu => one instanceof Imu && one.reading.sensor === sensor);
}
