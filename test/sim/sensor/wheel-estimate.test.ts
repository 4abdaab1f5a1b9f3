import { describe, expect, it } from 'vitest';
import { computeYaw, wrapAngle } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import type { OdometrySensor, Sensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { SensorSuite } from '../../../sim/sensor/sensor-suite.ts';
import { makeRover, RADIUS, SEPARATION } from '../../kit/rover.ts';
import { EXACT, GRAVITY_W, makeImuSpec, NO_SURROUNDINGS } from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
const ODOMETRY: OdometrySensor = {
  kind: 'odometry',
  name: 'odom',
  rateHz: 50,
  latencyS: 0,
  wheel: EXACT,
};
/** Left 6, right 10 rad/s: 0.4 m/s and 1 rad/s on a circle of 0.4 m. */
const SPEED = 0.4;
const TURN = 1;
/**
 * [rad] On a circle the accelerometer feels 0.4 m/s² inwards, 0.041 of gravity, and tilts the estimate by up to
 * 0.2/s · 0.041 / (1 rad/s) = 0.0082 rad; the gyroscope's turn about a tilted vertical adds a heading of
 * 0.0082²/2 rad/s · 4 s = 1.3e-4 rad.
 */
const TILTED_HEADING = 2e-4;

/**
 * Drives the circle for `durationS`. Wheels may turn faster than the base rolls.
 * @param slip [-] how much further both wheels turn than they would without; and the right one alone
 */
function drive(options: {
  readonly sensors: readonly Sensor[];
  readonly durationS: number;
  readonly rightSlip?: number;
  readonly seed?: number;
}) {
  const { sensors, durationS, rightSlip = 0, seed = 1 } = options;
  const model = makeRover({ sensors });
  const suite = new SensorSuite({
    model,
    numRobots: 1,
    gravityW: GRAVITY_W,
    surroundings: NO_SURROUNDINGS,
    timing: { physicsRateHz: RATE_HZ, maxLatencyScale: 1 },
  });
  const truth = makeStateBatch(1, 2);
  const place = (t: number) => {
    const yaw = TURN * t;
    truth.position.set([
      (SPEED / TURN) * Math.sin(yaw),
      (SPEED / TURN) * (1 - Math.cos(yaw)),
      0.07,
    ]);
    truth.orientation.set([0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)]);
    truth.linearVelocityW.set([SPEED * Math.cos(yaw), SPEED * Math.sin(yaw), 0]);
    truth.angularVelocityB.set([0, 0, TURN]);
    const rate = (side: 1 | -1) => (SPEED + (side * TURN * SEPARATION) / 2) / RADIUS;
    truth.jointPosition.set([wrapAngle(rate(-1) * t), wrapAngle(rate(1) * t * (1 + rightSlip))]);
  };
  place(0);
  suite.reset(0, 0, truth, new Rng(seed), { noiseScale: 1, latencyScale: 1 });
  for (let tick = 1; tick <= durationS * RATE_HZ; tick++) {
    place(tick / RATE_HZ);
    suite.sample(tick, truth);
  }
  suite.writeMeasured(durationS * RATE_HZ);
  const { measured } = suite;
  return {
    suite,
    measured,
    truth,
    distance: Math.hypot(
      measured.position[0]! - truth.position[0]!,
      measured.position[1]! - truth.position[1]!,
    ),
    yawError: wrapAngle(computeYaw(measured.orientation) - computeYaw(truth.orientation)),
  };
}

describe('a driving robot without motion capture', () => {
  it('knows where it is from its wheels alone, on its plane', () => {
    const { distance, yawError, measured } = drive({ sensors: [ODOMETRY], durationS: 4 });
    expect(distance).toBeLessThan(1e-9);
    expect(Math.abs(yawError)).toBeLessThan(1e-9);
    expect(measured.position[2]).toBe(0.07);
    const heading = TURN * 4;
    expect(measured.linearVelocityW[0]).toBeCloseTo(SPEED * Math.cos(heading), 9);
    expect(measured.linearVelocityW[1]).toBeCloseTo(SPEED * Math.sin(heading), 9);
    expect([...measured.angularVelocityB.subarray(0, 2)]).toEqual([0, 0]);
    expect(measured.angularVelocityB[2]).toBeCloseTo(TURN, 9);
  });

  it('is led astray by a wheel that slips, heading first', () => {
    // The right wheel turns 5 % too far: the turn is read 0.05 · 0.5 / 0.2 = 0.125 rad/s too fast.
    const { yawError } = drive({ sensors: [ODOMETRY], durationS: 2, rightSlip: 0.05 });
    expect(yawError).toBeCloseTo(0.25, 9);
  });

  it('keeps its heading through slip where it has a gyroscope', () => {
    const imu = makeImuSpec();
    const blind = drive({ sensors: [ODOMETRY], durationS: 4, rightSlip: 0.05 });
    const { distance, yawError } = drive({
      sensors: [ODOMETRY, imu],
      durationS: 4,
      rightSlip: 0.05,
    });
    expect(Math.abs(yawError)).toBeLessThan(TILTED_HEADING);
    // Only the length of the way is wrong: 0.05 · 0.5 / 2 of 0.4 m/s, 3.1 %; on an arc of 4 rad the way
    // from its start to its end is 2 · 0.4 · sin 2 = 0.73 m.
    expect(distance).toBeCloseTo(0.73 * 0.03125, 3);
    expect(distance).toBeLessThan(blind.distance / 5);
  });

  it('drifts with the bias of its gyroscope about the vertical, which nothing corrects', () => {
    const imu = makeImuSpec({ gyroscope: { noise: 0, bias: 0.02 } });
    const { suite, yawError } = drive({ sensors: [ODOMETRY, imu], durationS: 4, seed: 2 });
    const bias = suite.imu.angularVelocityB[2]! - TURN;
    expect(Math.abs(bias)).toBeGreaterThan(1e-3);
    expect(Math.abs(yawError - bias * 4)).toBeLessThan(TILTED_HEADING);
  });

  it('loses nothing with a sample that is lost: the next one tells the whole way', () => {
    const imu = makeImuSpec();
    const lossy = { ...ODOMETRY, dropout: 0.4 };
    const ends = [1, 2, 3, 4].map((seed) => {
      const { suite, distance, yawError } = drive({ sensors: [lossy, imu], durationS: 4, seed });
      expect(Math.abs(yawError)).toBeLessThan(TILTED_HEADING);
      return { distance, age: 4 - suite.readings.get('odom')!.stampS[0]! };
    });
    // What was not told yet is the way since the last sample that came, and chords of up to 0.2 s of an
    // arc of 0.4 m, (0.2 rad)²/24 of their 0.08 m.
    for (const { distance, age } of ends) {
      expect(distance).toBeLessThan(SPEED * age + 1e-3);
    }
    expect(Math.max(...ends.map(({ age }) => age))).toBeGreaterThan(0.01);
  });
});
