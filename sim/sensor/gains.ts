import type { ImuSensor, MotionCaptureSensor } from '../robot/sensor-model.ts';

/**
 * Constant gains of the state estimator, from the sensors' figures alone.
 *
 * Orientation: the gyroscope predicts, motion capture corrects a fraction K of the difference. Per
 * motion capture period T the prediction gains a white error of variance q (gyroscope noise) and,
 * from a bias of standard deviation s, a constant drift sT. The error's mean settles at
 * (1−K)sT/K and its variance at ((1−K)²q + K²r)/(K(2−K)), r being the variance of a motion
 * capture sample; K is where the sum of squares is smallest.
 *
 * Position and velocity: the α-β filter, which is the steady-state Kalman filter of a double
 * integrator whose acceleration is wrong by σa, newly drawn every T: with the tracking index
 * λ = σa T²/σp, ρ = (4 + λ − √(8λ + λ²))/4, α = 1 − ρ², β = 2(2 − α) − 4√(1 − α). Its error
 * covariance per axis is σp² [α, β/T; β/T, β(α − β/2)/((1 − α)T²)].
 * P. R. Kalata, "The tracking index: a generalized parameter for α-β and α-β-γ target trackers",
 * IEEE Trans. Aerospace and Electronic Systems 20(2), 1984; Y. Bar-Shalom, X. R. Li, T. Kirubarajan,
 * "Estimation with Applications to Tracking and Navigation", 2001, section 6.5.
 */
export interface EstimatorGains {
  /** [s] motion capture period that the gains hold for */
  readonly periodS: number;
  /** [-] of orientation, K */
  readonly orientation: number;
  /** [-] of position, α */
  readonly position: number;
  /** [-] of velocity, β; the velocity moves by β/T times the difference */
  readonly velocity: number;
  /** [rad] root mean square orientation error about each axis, without motion capture's own bias */
  readonly orientationError: number;
  /** [m] standard deviation of the position error of each axis, without motion capture's own bias */
  readonly positionError: number;
  /** [m/s] standard deviation of the velocity error of each axis */
  readonly velocityError: number;
  /** [m²/s] covariance of both */
  readonly positionVelocityCovariance: number;
  /** [m/s²] σa: how wrong the predicted acceleration of each axis is */
  readonly accelerationError: number;
}

/**
 * @param gravity magnitude [m/s²]: a tilted estimate mistakes part of it for acceleration
 * @throws RangeError if motion capture is noiseless: no constant gain belongs to it
 */
export function computeEstimatorGains(
  imu: ImuSensor,
  motionCapture: MotionCaptureSensor,
  gravity: number,
): EstimatorGains {
  if (!(motionCapture.position.noise > 0 && motionCapture.orientation.noise > 0)) {
    throw new RangeError(
      `computeEstimatorGains: the noise of '${motionCapture.name}' must be positive`,
    );
  }
  const periodS = 1 / motionCapture.rateHz;
  const samples = imu.rateHz * periodS;
  const orientation = computeOrientationGain({
    // n samples of noise σ, each integrated over T/n, add up to σ²T²/n.
    white: (imu.gyroscope.noise * periodS) ** 2 / samples,
    drift: computeUniformDeviation(imu.gyroscope.bias) * periodS,
    measured: motionCapture.orientation.noise ** 2,
  });
  const tilt = Math.hypot(
    orientation.error,
    computeUniformDeviation(motionCapture.orientation.bias),
  );
  const accelerationError = Math.hypot(
    imu.accelerometer.noise / Math.sqrt(samples),
    computeUniformDeviation(imu.accelerometer.bias),
    gravity * tilt,
  );
  const sigma = motionCapture.position.noise;
  const index = (accelerationError * periodS ** 2) / sigma;
  const rho = (4 + index - Math.sqrt(8 * index + index ** 2)) / 4;
  const alpha = 1 - rho ** 2;
  const beta = 2 * (2 - alpha) - 4 * rho;
  return {
    periodS,
    orientation: orientation.gain,
    position: alpha,
    velocity: beta,
    orientationError: orientation.error,
    positionError: sigma * Math.sqrt(alpha),
    velocityError: (sigma / periodS) * Math.sqrt((beta * (alpha - beta / 2)) / rho ** 2),
    positionVelocityCovariance: (sigma ** 2 * beta) / periodS,
    accelerationError,
  };
}

/** Standard deviation of a uniform distribution over ± halfWidth. */
function computeUniformDeviation(halfWidth: number): number {
  return halfWidth / Math.sqrt(3);
}

const GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;

/** The gain with the smallest mean square error, by golden-section search over (0, 1]. */
function computeOrientationGain(variance: {
  /** [rad²] per period */
  readonly white: number;
  /** [rad] per period */
  readonly drift: number;
  /** [rad²] per sample */
  readonly measured: number;
}): { readonly gain: number; readonly error: number } {
  const computeMeanSquare = (gain: number): number => {
    const lag = ((1 - gain) * variance.drift) / gain;
    const spread =
      ((1 - gain) ** 2 * variance.white + gain ** 2 * variance.measured) / (gain * (2 - gain));
    return lag ** 2 + spread;
  };
  let lower = 0;
  let upper = 1;
  // Each round keeps 0.618 of the interval: 80 rounds reach the resolution of a double.
  for (let round = 0; round < 80; round++) {
    const left = upper - GOLDEN_SECTION * (upper - lower);
    const right = lower + GOLDEN_SECTION * (upper - lower);
    if (computeMeanSquare(left) < computeMeanSquare(right)) upper = right;
    else lower = left;
  }
  const gain = (lower + upper) / 2;
  return { gain, error: Math.sqrt(computeMeanSquare(gain)) };
}
