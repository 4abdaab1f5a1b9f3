import { computeNorm, type Vec3 } from '../math/vec3.ts';
import type { BaseEstimator } from './base-estimator.ts';
import { Estimator } from './estimator.ts';
import { computeEstimatorGains } from './gains.ts';
import type { Imu } from './imu.ts';
import type { MotionCapture } from './motion-capture.ts';
import { computeMaxLatency } from './sampler.ts';
import type { SensorTiming } from './sensor.ts';

/** A flying robot's computer: IMU and motion capture through the filter of estimator.ts. */
export function makePoseEstimate(options: {
  readonly numRobots: number;
  readonly imu: Imu;
  readonly motionCapture: MotionCapture;
  readonly gravityW: Vec3;
  readonly timing: SensorTiming;
}): BaseEstimator {
  const { numRobots, imu, motionCapture, gravityW, timing } = options;
  const cameras = motionCapture.reading.sensor;
  const { sensor } = imu.reading;
  const estimator = new Estimator({
    numRobots,
    gains: computeEstimatorGains(sensor, cameras, computeNorm(gravityW)),
    gravityW,
    imuRateHz: sensor.rateHz,
    maxLatencyS: computeMaxLatency(cameras, timing),
    physicsRateHz: timing.physicsRateHz,
  });
  return {
    reset(robot, tick, truth, rng, draw) {
      estimator.reset(robot, tick, truth, rng, {
        position: motionCapture.position.bias,
        orientation: motionCapture.orientation.bias,
        noiseScale: draw.noiseScale,
      });
    },
    takeImu: (robot, stampTick, data, offset) => estimator.predict(robot, stampTick, data, offset),
    takePose: (robot, stampTick, data, offset) => estimator.correct(robot, stampTick, data, offset),
    writeEstimate: (out, robot, tick) => estimator.writeEstimate(out, robot, tick),
  };
}
