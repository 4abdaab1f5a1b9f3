import { describe, expect, it } from 'vitest';
import { computeTilt, computeYaw, wrapAngle } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import type { Vec3 } from '../../../sim/math/vec3.ts';
import type { ImuSensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { ATTITUDE_GAINS, AttitudeFilter } from '../../../sim/sensor/attitude-filter.ts';
import { Imu } from '../../../sim/sensor/imu.ts';
import {
  computeAngleBetween,
  GRAVITY,
  GRAVITY_W,
  makeImuSpec,
  makeSensedBody,
  Path,
} from '../../kit/sensed-body.ts';

const RATE_HZ = 100;
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };

function makeFilter(spec: ImuSensor = makeImuSpec({ rateHz: RATE_HZ })) {
  const timing = { physicsRateHz: RATE_HZ, maxLatencyScale: 1 };
  const imu = new Imu(makeSensedBody([]), 1, spec, timing, GRAVITY_W);
  return { imu, filter: new AttitudeFilter(1, imu, GRAVITY_W, RATE_HZ) };
}

/** A robot that rests, level, read with constant gyroscope bias and accelerometer bias. */
function rest(options: {
  readonly startTilt: number;
  readonly gyroscope: Vec3;
  readonly accelerometer: Vec3;
  readonly durationS: number;
}): { tilt: number; bias: Float64Array; orientation: Float64Array } {
  const { filter } = makeFilter();
  const start = makeStateBatch(1, 0);
  const half = options.startTilt / 2;
  start.orientation.set([Math.sin(half), 0, 0, Math.cos(half)]);
  filter.reset(0, 0, start);
  const [ax, ay, az] = options.accelerometer;
  const sample = Float64Array.from([...options.gyroscope, ax, ay, GRAVITY + az]);
  const numTicks = options.durationS * RATE_HZ;
  for (let tick = 1; tick <= numTicks; tick++) filter.take(0, tick, sample, 0);
  const orientation = new Float64Array(4);
  filter.writeOrientation(orientation, 0, 0, numTicks);
  return { tilt: computeTilt(orientation), bias: filter.bias, orientation };
}

describe('the attitude filter', () => {
  it('lets a wrong tilt decay as its gains promise', () => {
    // Small errors obey e'' + kP e' + kI e = 0: e(t) = e0 exp(−t kP/2) (cos wt − kP/(2w) sin wt) with
    // w² = kI − kP²/4 = 0.02 − 0.01, from e' = −kP e0 at the start, where the bias estimate is 0.
    const { tilt: kP, bias: kI } = ATTITUDE_GAINS;
    const w = Math.sqrt(kI - kP ** 2 / 4);
    for (const t of [2, 5, 10, 20]) {
      const expected =
        Math.exp((-t * kP) / 2) * (Math.cos(w * t) - (kP / (2 * w)) * Math.sin(w * t));
      const { tilt } = rest({
        startTilt: 0.05,
        gyroscope: [0, 0, 0],
        accelerometer: [0, 0, 0],
        durationS: t,
      });
      // e³/6 of the sine of the error, and steps of 10 ms: a thousandth of the start.
      expect(Math.abs(tilt - Math.abs(0.05 * expected))).toBeLessThan(0.05 * 1e-3);
    }
  });

  it('comes back from any tilt but upside down', () => {
    const { tilt } = rest({
      startTilt: 3,
      gyroscope: [0, 0, 0],
      accelerometer: [0, 0, 0],
      durationS: 120,
    });
    expect(tilt).toBeLessThan(1e-3);
  });

  it('learns the bias of the gyroscope, but for its part about the vertical', () => {
    const durationS = 120;
    const { tilt, bias, orientation } = rest({
      startTilt: 0,
      gyroscope: [0.02, -0.01, 0.005],
      accelerometer: [0, 0, 0],
      durationS,
    });
    // exp(−120 · 0.1) = 6e-6 of the first error is left.
    expect(Math.abs(bias[0]! - 0.02)).toBeLessThan(1e-5);
    expect(Math.abs(bias[1]! + 0.01)).toBeLessThan(1e-5);
    expect(tilt).toBeLessThan(1e-5);
    // Gravity cannot see a turn about itself: 0.005 rad/s for 120 s, but for a coupling of second
    // order, 0.02 rad/s · 0.1 rad of tilt while it settled.
    const missed = wrapAngle(computeYaw(orientation) - 0.005 * durationS);
    expect(Math.abs(missed)).toBeLessThan(0.02);
  });

  it('takes the accelerometer at its word: its bias is a tilt', () => {
    const { tilt } = rest({
      startTilt: 0,
      gyroscope: [0, 0, 0],
      accelerometer: [0.2, 0, 0],
      durationS: 120,
    });
    expect(Math.abs(tilt - Math.atan(0.2 / GRAVITY))).toBeLessThan(1e-4);
  });

  it('does not look at an accelerometer that feels a push, and goes by the gyroscope', () => {
    // 5 m/s² forward for 3 s: |f| = 11.0 is 12 % more than gravity. Up would seem 0.47 rad off.
    const { tilt } = rest({
      startTilt: 0,
      gyroscope: [0, 0, 0],
      accelerometer: [5, 0, 0],
      durationS: 3,
    });
    expect(tilt).toBe(0);
  });

  it('follows a turn that it is told of, to the last bit of its size', () => {
    const { imu, filter } = makeFilter();
    const path = new Path(
      RATE_HZ,
      () => [0, 0, 0],
      (t) => [0.8 * Math.cos(3 * t), 0.5 * Math.sin(2 * t), 0.4],
    );
    imu.reset(0, 0, path.truth, new Rng(1), AS_DESCRIBED);
    filter.reset(0, 0, path.truth);
    for (let k = 0; k < 500; k++) {
      path.step();
      imu.sample(path.tick, path.truth);
      imu.line.deliver(0, path.tick, (robot, stamp, data, o) => filter.take(robot, stamp, data, o));
    }
    const orientation = new Float64Array(4);
    filter.writeOrientation(orientation, 0, 0, path.tick);
    expect(computeAngleBetween(orientation, path.truth.orientation)).toBeLessThan(1e-6);
  });

  it('starts settled: where it begins is where it would have come to', () => {
    const spec = makeImuSpec({
      rateHz: RATE_HZ,
      gyroscope: { noise: 0, bias: 0.02 },
      accelerometer: { noise: 0, bias: 0.3 },
    });
    const { imu, filter } = makeFilter(spec);
    const path = new Path(RATE_HZ);
    imu.reset(0, 0, path.truth, new Rng(5), AS_DESCRIBED);
    filter.reset(0, 0, path.truth);
    const tiltAt = (tick: number) => {
      const orientation = new Float64Array(4);
      filter.writeOrientation(orientation, 0, 0, tick);
      return computeTilt(orientation);
    };
    const first = tiltAt(0);
    // A bias of up to 0.3 m/s² on each axis.
    const [ax, ay, az] = imu.accelerometer.bias;
    expect(first).toBeCloseTo(Math.atan2(Math.hypot(ax!, ay!), GRAVITY + az!), 9);
    expect(first).toBeGreaterThan(0.001);
    for (let k = 0; k < 60 * RATE_HZ; k++) {
      path.step();
      imu.sample(path.tick, path.truth);
      imu.line.deliver(0, path.tick, (robot, stamp, data, o) => filter.take(robot, stamp, data, o));
      // What is left of the vertical bias turns the tilted estimate: second order, 0.02 rad/s · 0.03 rad / kP.
      expect(Math.abs(tiltAt(path.tick) - first)).toBeLessThan((0.02 * 0.03) / ATTITUDE_GAINS.tilt);
    }
  });
});
