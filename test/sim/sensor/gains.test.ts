import { describe, expect, it } from 'vitest';
import { computeEstimatorGains } from '../../../sim/sensor/gains.ts';
import { EXACT, GRAVITY, makeImuSpec, makeMotionCaptureSpec } from '../../kit/sensed-body.ts';

const imu = makeImuSpec({
  gyroscope: { noise: 0.01, bias: 0.005 },
  accelerometer: { noise: 0.1, bias: 0.2 },
});
const cameras = makeMotionCaptureSpec();

/** Runs the covariance recursion of the Kalman filter whose steady state the α-β gains claim to be. */
function iterateKalmanFilter(accelerationError: number, sigma: number, T: number) {
  const q = accelerationError ** 2;
  let [pp, pv, vv] = [1, 0, 1];
  let gain: [number, number] = [0, 0];
  for (let k = 0; k < 20_000; k++) {
    // Predict: F = [1 T; 0 1], process noise q [T⁴/4, T³/2; T³/2, T²].
    const ppNew = pp + 2 * T * pv + T * T * vv + (q * T ** 4) / 4;
    const pvNew = pv + T * vv + (q * T ** 3) / 2;
    const vvNew = vv + q * T * T;
    gain = [ppNew / (ppNew + sigma ** 2), pvNew / (ppNew + sigma ** 2)];
    pp = (1 - gain[0]) * ppNew;
    pv = (1 - gain[0]) * pvNew;
    vv = vvNew - gain[1] * pvNew;
  }
  return { gain, pp, pv, vv };
}

describe('estimator gains', () => {
  it('are those of the Kalman filter in its steady state, with its covariance', () => {
    const gains = computeEstimatorGains(imu, cameras, GRAVITY);
    const kalman = iterateKalmanFilter(gains.accelerationError, 0.001, 0.01);
    expect(gains.position).toBeCloseTo(kalman.gain[0], 9);
    expect(gains.velocity / gains.periodS).toBeCloseTo(kalman.gain[1], 7);
    expect(gains.positionError ** 2 / kalman.pp).toBeCloseTo(1, 6);
    expect(gains.positionVelocityCovariance / kalman.pv).toBeCloseTo(1, 6);
    expect(gains.velocityError ** 2 / kalman.vv).toBeCloseTo(1, 6);
  });

  it('add up what can be wrong with the acceleration', () => {
    const gains = computeEstimatorGains(
      makeImuSpec({ accelerometer: { noise: 0.1, bias: 0.3 } }),
      makeMotionCaptureSpec({ orientation: { noise: 0.01, bias: 0.03 } }),
      10,
    );
    // 500 / 100 = 5 samples per pose: 0.1/√5 = 0.0447; bias 0.3/√3 = 0.1732; tilt: a noiseless
    // gyroscope lets the gain vanish, so only 0.03/√3 = 0.01732 rad times 10 m/s² = 0.1732.
    expect(gains.orientation).toBeLessThan(1e-6);
    expect(gains.accelerationError).toBeCloseTo(Math.hypot(0.0447214, 0.173205, 0.173205), 5);
  });

  it('choose the orientation gain that no other gain beats', () => {
    const { orientation, orientationError } = computeEstimatorGains(imu, cameras, GRAVITY);
    // Per period of 10 ms: five samples of 0.01 rad/s over 2 ms each, 5 · (0.01 · 0.002)² = 2e-9 rad²;
    // bias deviation 0.005/√3 · 0.01 s = 2.887e-5 rad; pose (0.01 rad)² = 1e-4 rad².
    const meanSquare = (k: number) =>
      (((1 - k) * 2.88675e-5) / k) ** 2 + ((1 - k) ** 2 * 2e-9 + k * k * 1e-4) / (k * (2 - k));
    expect(orientationError ** 2 / meanSquare(orientation)).toBeCloseTo(1, 4);
    for (const factor of [0.5, 0.9, 1.1, 2]) {
      expect(meanSquare(factor * orientation)).toBeGreaterThan(orientationError ** 2);
    }
  });

  it('trust motion capture more the worse the accelerometer is', () => {
    const worse = makeImuSpec({ accelerometer: { noise: 1, bias: 2 } });
    expect(computeEstimatorGains(worse, cameras, GRAVITY).position).toBeGreaterThan(
      computeEstimatorGains(imu, cameras, GRAVITY).position,
    );
  });

  it('refuse motion capture without noise', () => {
    expect(() =>
      computeEstimatorGains(imu, makeMotionCaptureSpec({ position: EXACT }), GRAVITY),
    ).toThrow(/noise of 'cameras' must be positive/);
  });
});
