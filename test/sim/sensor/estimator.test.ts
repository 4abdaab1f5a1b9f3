import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { Estimator } from '../../../sim/sensor/estimator.ts';
import { computeEstimatorGains } from '../../../sim/sensor/gains.ts';
import { SensorSuite } from '../../../sim/sensor/sensor-suite.ts';
import {
  computeAngleBetween,
  GRAVITY,
  GRAVITY_W,
  makeImuSpec,
  makeMotionCaptureSpec,
  makeSensedBody,
  NO_SURROUNDINGS,
  Path,
} from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
const imu = makeImuSpec({
  latencyS: 0.004,
  gyroscope: { noise: 0.005, bias: 0.003 },
  accelerometer: { noise: 0.05, bias: 0.2 },
});
const cameras = makeMotionCaptureSpec({
  latencyS: 0.02,
  position: { noise: 0.001, bias: 0.002 },
  orientation: { noise: 0.008, bias: 0.015 },
});
const gains = computeEstimatorGains(imu, cameras, GRAVITY);

function makeSuite(numRobots: number): SensorSuite {
  return new SensorSuite({
    model: makeSensedBody([imu, cameras]),
    numRobots,
    gravityW: GRAVITY_W,
    surroundings: NO_SURROUNDINGS,
    timing: { physicsRateHz: RATE_HZ, maxLatencyScale: 1 },
  });
}

const HOVER = (numRobots: number) => new Path(RATE_HZ, undefined, undefined, numRobots);
/** A circle of 1 m/s and 2 rad/s (2 m/s² inwards), rocking by ±1.5 rad/s in roll, yawing at 2 rad/s. */
const MANOEUVRE = (numRobots: number) =>
  new Path(
    RATE_HZ,
    (t) => [Math.cos(2 * t), Math.sin(2 * t), 0],
    (t) => [1.5 * Math.cos(4 * t), 0, 2],
    numRobots,
  );

/** Root mean square errors over many robots, each with draws of its own, once they have settled. */
function measureErrors(makePath: (numRobots: number) => Path) {
  const numRobots = 400;
  const path = makePath(numRobots);
  const suite = makeSuite(numRobots);
  for (let robot = 0; robot < numRobots; robot++) {
    const draw = { noiseScale: 1, latencyScale: 1 };
    suite.reset(robot, 0, path.truth, new Rng(3, robot), draw);
  }
  const sums = { position: 0, velocity: 0, angle: 0 };
  for (let tick = 1; tick <= 2 * RATE_HZ; tick++) {
    path.step();
    suite.sample(tick, path.truth);
  }
  suite.writeMeasured(2 * RATE_HZ);
  const { measured } = suite;
  for (let r = 0; r < numRobots; r++) {
    for (let k = 0; k < 3; k++) {
      const i = 3 * r + k;
      sums.position += (measured.position[i]! - path.truth.position[i]!) ** 2;
      sums.velocity += (measured.linearVelocityW[i]! - path.truth.linearVelocityW[i]!) ** 2;
    }
    const q = measured.orientation.subarray(4 * r, 4 * r + 4);
    sums.angle += computeAngleBetween(q, path.truth.orientation.subarray(4 * r, 4 * r + 4)) ** 2;
  }
  const perAxis = (sum: number) => Math.sqrt(sum / (3 * numRobots));
  return {
    position: perAxis(sums.position),
    velocity: perAxis(sums.velocity),
    angle: perAxis(sums.angle),
  };
}

/**
 * What the gains promise, per axis. White errors as the α-β filter's covariance says. A constant
 * error b of the acceleration (bias and gravity seen through a tilted pose, deviations 0.2/√3 = 0.115 and
 * 9.81 · 0.015/√3 = 0.085 m/s²) leaves an innovation ν with βν/T = bT, hence position off by
 * (1−α)ν = (1−α)bT²/β and velocity by bT(α/β − 1/2). Motion capture's own bias comes on top.
 */
const T = gains.periodS;
const constant = Math.hypot(0.2, GRAVITY * 0.015) / Math.sqrt(3);
const BOUND = {
  position: Math.hypot(
    gains.positionError,
    ((1 - gains.position) * constant * T * T) / gains.velocity,
    0.002 / Math.sqrt(3),
  ),
  velocity: Math.hypot(gains.velocityError, constant * T * (gains.position / gains.velocity - 0.5)),
  angle: Math.hypot(gains.orientationError, 0.015 / Math.sqrt(3)),
};
/** 1200 draws estimate a deviation to 1/√2400 = 2 %; four of those. */
const SAMPLING = 1.08;
/** Carrying on for up to 6 ms of IMU latency with the sample held adds v·dt and a·dt of the errors. */
const CARRIED_S = 0.006;

describe('state estimator', () => {
  it('stays within the error that its gains promise at rest', () => {
    const error = measureErrors(HOVER);
    expect(error.position).toBeLessThan(SAMPLING * (BOUND.position + CARRIED_S * BOUND.velocity));
    expect(error.velocity).toBeLessThan(SAMPLING * (BOUND.velocity + CARRIED_S * constant));
    expect(error.angle).toBeLessThan(SAMPLING * BOUND.angle);
    // And it does more than pass motion capture on: differences of poses would give √2 · 0.001 / 0.01.
    expect(error.velocity).toBeLessThan((0.5 * Math.SQRT2 * 0.001) / 0.01);
  });

  it('stays within it in a manoeuvre too', () => {
    const error = measureErrors(MANOEUVRE);
    // The held sample is up to 4 ms old: jerk 4 m/s³ · 0.004 s · 0.006 s, roll 6 rad/s² · 0.004² / 2 rad.
    const held = { velocity: 4 * 0.004 * CARRIED_S, angle: (6 * 0.004 ** 2) / 2 };
    expect(error.position).toBeLessThan(SAMPLING * (BOUND.position + CARRIED_S * BOUND.velocity));
    expect(error.velocity).toBeLessThan(
      SAMPLING * (BOUND.velocity + CARRIED_S * constant) + held.velocity,
    );
    expect(error.angle).toBeLessThan(SAMPLING * BOUND.angle + held.angle);
  });

  it('forgets a wrong start', () => {
    const path = HOVER(1);
    const estimator = makeEstimator(0);
    const wrong = makeStateBatch(1, 0);
    wrong.position.set([0.5, -0.3, 0.2]);
    wrong.linearVelocityW.set([0.4, 0, -0.4]);
    wrong.orientation.set([0, Math.sin(0.15), 0, Math.cos(0.15)]);
    estimator.reset(0, 0, wrong, new Rng(1), EXACT_BIAS);
    const estimate = makeStateBatch(1, 0);
    // The slowest mode decays by the gain per pose: after 30/K poses by e^-30, whatever its size.
    const numPoses = Math.ceil(30 / Math.min(gains.orientation, gains.position / 2));
    for (let pose = 1; pose <= numPoses; pose++) {
      for (let k = 1; k <= 5; k++) estimator.predict(0, 5 * (pose - 1) + k, STILL_SAMPLE, 0);
      estimator.correct(0, 5 * pose, HOME_POSE, 0);
    }
    estimator.writeEstimate(estimate, 0, 5 * numPoses);
    for (const value of [...estimate.position, ...estimate.linearVelocityW]) {
      expect(Math.abs(value)).toBeLessThan(1e-6);
    }
    expect(computeAngleBetween(estimate.orientation, path.truth.orientation)).toBeLessThan(1e-6);
  });

  it('gets from late poses exactly what it would have got from the same poses in time', () => {
    const prompt = makeEstimator(0.04);
    const late = makeEstimator(0.04);
    const start = makeStateBatch(1, 0);
    start.linearVelocityW.set([1, 0, 0]);
    for (const estimator of [prompt, late]) estimator.reset(0, 0, start, new Rng(1), EXACT_BIAS);
    // A turning, accelerating flight, and poses at ticks 10, 15 and 20 that disagree with it; the late
    // ones are all still under way when the first of them arrives.
    const sample = Float64Array.from([0.5, -1, 2, 1, -2, 12]);
    const pose = Float64Array.from([0.05, 0.02, 0.1, 0, 0, Math.sin(0.1), Math.cos(0.1)]);
    for (let tick = 1; tick <= 30; tick++) {
      for (const estimator of [prompt, late]) estimator.predict(0, tick, sample, 0);
      if (POSE_TICKS.includes(tick)) prompt.correct(0, tick, pose, 0);
    }
    for (const tick of POSE_TICKS) late.correct(0, tick, pose, 0);
    const [a, b] = [makeStateBatch(1, 0), makeStateBatch(1, 0)];
    prompt.writeEstimate(a, 0, 30);
    late.writeEstimate(b, 0, 30);
    const disagreement = (key: 'position' | 'linearVelocityW' | 'orientation') =>
      Math.max(...a[key].map((value, k) => Math.abs(value - b[key][k]!)));
    // Equal but for the rounding of 20 steps.
    expect(disagreement('position')).toBeLessThan(1e-12);
    expect(disagreement('linearVelocityW')).toBeLessThan(1e-12);
    expect(disagreement('orientation')).toBeLessThan(1e-12);
  });

  it('does not lag behind a moving robot, however late motion capture is', () => {
    const speed = 2;
    const path = new Path(RATE_HZ, () => [speed, 0, 0]);
    const suite = new SensorSuite({
      model: makeSensedBody([imu, { ...cameras, latencyS: 0.1 }]),
      numRobots: 1,
      gravityW: GRAVITY_W,
      surroundings: NO_SURROUNDINGS,
      timing: { physicsRateHz: RATE_HZ, maxLatencyScale: 1 },
    });
    suite.reset(0, 0, path.truth, new Rng(1), { noiseScale: 0, latencyScale: 1 });
    for (let tick = 1; tick <= RATE_HZ; tick++) {
      path.step();
      suite.sample(tick, path.truth);
    }
    suite.writeMeasured(RATE_HZ);
    // The last pose seen is 2 m/s · 0.1 s = 0.2 m behind; the estimate is not.
    expect(path.truth.position[0]! - suite.motionCapture.position[0]!).toBeGreaterThan(0.19);
    expect(Math.abs(path.truth.position[0]! - suite.measured.position[0]!)).toBeLessThan(1e-9);
  });
});

const EXACT_BIAS = {
  position: new Float64Array(3),
  orientation: new Float64Array(3),
  noiseScale: 0,
};
const POSE_TICKS: readonly number[] = [10, 15, 20];
const STILL_SAMPLE = Float64Array.from([0, 0, 0, 0, 0, GRAVITY]);
const HOME_POSE = Float64Array.from([0, 0, 0, 0, 0, 0, 1]);

function makeEstimator(maxLatencyS: number): Estimator {
  return new Estimator({
    numRobots: 1,
    gains,
    gravityW: GRAVITY_W,
    imuRateHz: RATE_HZ,
    maxLatencyS,
    physicsRateHz: RATE_HZ,
  });
}
