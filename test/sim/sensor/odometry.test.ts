import { describe, expect, it } from 'vitest';
import { wrapAngle } from '../../../sim/math/quat.ts';
import { Rng } from '../../../sim/math/rng.ts';
import type { OdometrySensor } from '../../../sim/robot/sensor-model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { checkWheels, computeWheels } from '../../../sim/robot/wheels.ts';
import { Odometry } from '../../../sim/sensor/odometry.ts';
import { makeRover, RADIUS, type RoverOptions, SEPARATION } from '../../kit/rover.ts';
import { computeDeviation, deviationBand } from '../../kit/sampled.ts';
import { EXACT } from '../../kit/sensed-body.ts';

const RATE_HZ = 500;
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };
/** [m] or [rad] what doubles leave of a few thousand steps */
const ROUNDING = 1e-9;

function makeSpec(changes: Partial<OdometrySensor> = {}): OdometrySensor {
  return { kind: 'odometry', name: 'odom', rateHz: 50, latencyS: 0, wheel: EXACT, ...changes };
}

interface Drive {
  readonly spec?: Partial<OdometrySensor>;
  readonly rover?: RoverOptions;
  /** [rad/s] forward turn of the wheels; how the base really moves is the test's business */
  readonly wheelRates: readonly [left: number, right: number];
  readonly durationS: number;
  readonly yaw?: number;
  readonly seed?: number;
}

/** Turns the wheels at constant rates, each about its own axis, and returns the last reading. */
function drive({ spec, rover, wheelRates, durationS, yaw = 0, seed = 1 }: Drive) {
  const model = makeRover(rover);
  const odometry = new Odometry(model, 1, makeSpec(spec), {
    physicsRateHz: RATE_HZ,
    maxLatencyScale: 1,
  });
  const { left, right } = computeWheels(model);
  const truth = makeStateBatch(1, model.jointNames.length);
  truth.orientation.set([0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)]);
  odometry.reset(0, 0, truth, new Rng(seed), AS_DESCRIBED, (robot, _stamp, data, o) =>
    odometry.take(robot, data, o),
  );
  for (let tick = 1; tick <= durationS * RATE_HZ; tick++) {
    for (const [side, rate] of [
      [left, wheelRates[0]],
      [right, wheelRates[1]],
    ] as const) {
      for (const { jointIndex, forward } of side) {
        truth.jointPosition[jointIndex] = wrapAngle((forward * rate * tick) / RATE_HZ);
      }
    }
    odometry.sample(tick, truth);
    odometry.line.deliver(0, tick, (robot, _stamp, data, o) => odometry.take(robot, data, o));
  }
  const { position, yaw: heading, linearVelocityB, yawRate } = odometry.reading;
  return {
    x: position[0]!,
    y: position[1]!,
    yaw: heading[0]!,
    forward: linearVelocityB[0]!,
    sideways: linearVelocityB[1]!,
    yawRate: yawRate[0]!,
  };
}

describe('odometry', () => {
  it('closes a circle that the wheels roll without slip, on both sides of a full turn of the wheels', () => {
    // Left 6, right 10 rad/s: v = 0.05 · 8 = 0.4 m/s, ω = 0.05 · 4 / 0.2 = 1 rad/s, radius 0.4 m.
    const quarter = drive({ wheelRates: [6, 10], durationS: 1 });
    const angle = 1;
    expect(Math.abs(quarter.x - 0.4 * Math.sin(angle))).toBeLessThan(ROUNDING);
    expect(Math.abs(quarter.y - 0.4 * (1 - Math.cos(angle)))).toBeLessThan(ROUNDING);
    expect(Math.abs(quarter.yaw - angle)).toBeLessThan(ROUNDING);
    expect(Math.abs(quarter.forward - 0.4)).toBeLessThan(ROUNDING);
    expect(Math.abs(quarter.yawRate - 1)).toBeLessThan(ROUNDING);
    // 6.28 s: nearly round, the wheels have turned ten times, angles were wrapped all along.
    const round = drive({ wheelRates: [6, 10], durationS: 6.28 });
    expect(Math.abs(round.x - 0.4 * Math.sin(6.28))).toBeLessThan(ROUNDING);
    expect(Math.abs(round.y - 0.4 * (1 - Math.cos(6.28)))).toBeLessThan(ROUNDING);
    expect(Math.abs(round.yaw - wrapAngle(6.28))).toBeLessThan(ROUNDING);
  });

  it('believes wheels that slip: turns on the spot read as a circle stay an error', () => {
    // The right wheel spins on ice at 10 rad/s, the base stands: it reads 0.25 m/s and 2.5 rad/s.
    const read = drive({ wheelRates: [0, 10], durationS: 1 });
    expect(Math.abs(read.yaw - 2.5)).toBeLessThan(ROUNDING);
    expect(Math.abs(read.x - 0.1 * Math.sin(2.5))).toBeLessThan(ROUNDING);
  });

  it('starts where the robot is and drives along its heading', () => {
    const read = drive({ wheelRates: [4, 4], durationS: 1, yaw: Math.PI / 2 });
    expect(Math.abs(read.x)).toBeLessThan(ROUNDING);
    expect(Math.abs(read.y - 0.2)).toBeLessThan(ROUNDING);
  });

  it('knows which way each wheel turns, wherever its axis points', () => {
    const read = drive({ rover: { flippedRight: true }, wheelRates: [6, 10], durationS: 1 });
    expect(Math.abs(read.yaw - 1)).toBeLessThan(ROUNDING);
    expect(Math.abs(read.forward - 0.4)).toBeLessThan(ROUNDING);
  });

  it('tells base_link, not the axle, where the two are apart', () => {
    // Axle 0.1 m behind base_link; turning on the spot base_link circles around it.
    const read = drive({ rover: { axleX: -0.1 }, wheelRates: [-4, 4], durationS: 1 });
    // ω = 0.05 · 8 / 0.2 = 2 rad/s about (−0.1, 0).
    expect(Math.abs(read.x - (-0.1 + 0.1 * Math.cos(2)))).toBeLessThan(ROUNDING);
    expect(Math.abs(read.y - 0.1 * Math.sin(2))).toBeLessThan(ROUNDING);
    expect(Math.abs(read.sideways - 0.2)).toBeLessThan(ROUNDING);
    expect(Math.abs(read.forward)).toBeLessThan(ROUNDING);
  });

  it('counts in steps without losing any: the error stays within a step however long the way', () => {
    const quantisation = (2 * Math.PI) / 64;
    const wheel = { noise: 0, bias: 0, quantisation };
    for (const durationS of [1, 20]) {
      const read = drive({ spec: { wheel }, wheelRates: [0.7, 0.7], durationS });
      const way = RADIUS * 0.7 * durationS;
      expect(Math.abs(read.x - way)).toBeLessThanOrEqual((RADIUS * quantisation) / 2 + ROUNDING);
    }
  });

  it('does not add up the noise of its readings either', () => {
    const wheel = { noise: 0.01, bias: 0.5 };
    const n = 500;
    const ends = Array.from({ length: n }, (_, seed) =>
      drive({ spec: { wheel }, wheelRates: [3, 3], durationS: 0.2, seed }),
    );
    // First and last reading count: heading off by √2 · √2 · 0.01 · r/b = 0.02 · 0.25 rad, the bias not at all.
    const deviation = (2 * 0.01 * RADIUS) / SEPARATION;
    const yaws = ends.map(({ yaw }) => yaw);
    expect(Math.abs(computeDeviation(yaws) - deviation)).toBeLessThan(deviationBand(deviation, n));
  });

  it('errs by its radii and separation, the same way all through an episode', () => {
    const spec = { radiusError: 0.05 };
    const near = drive({ spec, wheelRates: [5, 5], durationS: 1, seed: 3 });
    const far = drive({ spec, wheelRates: [5, 5], durationS: 2, seed: 3 });
    // Unequal wheels drive a circle: twice the time, twice the turn.
    expect(Math.abs(near.yaw)).toBeGreaterThan(1e-3);
    expect(Math.abs(far.yaw - 2 * near.yaw)).toBeLessThan(1e-9);
    const turn = drive({
      spec: { separationError: 0.1 },
      wheelRates: [-4, 4],
      durationS: 1,
      seed: 3,
    });
    expect(Math.abs(turn.yaw - 2)).toBeGreaterThan(1e-3);
    expect(turn.yaw).toBeGreaterThan(2 / 1.1 - ROUNDING);
    expect(turn.yaw).toBeLessThan(2 / 0.9 + ROUNDING);
  });
});

describe('the wheels of a drive', () => {
  it('are found with their sides and senses', () => {
    expect(checkWheels(makeRover())).toEqual([]);
    const { left, right, axleB } = computeWheels(makeRover({ flippedRight: true, axleX: 0.05 }));
    expect([left[0]!.forward, right[0]!.forward]).toEqual([1, -1]);
    expect(axleB[0]).toBeCloseTo(0.05, 12);
    expect(axleB[1]).toBeCloseTo(0, 12);
  });

  it('must be on their sides and roll forwards', () => {
    const rover = makeRover();
    const { left, right } = rover.drive!;
    const swapped = { ...rover, drive: { ...rover.drive!, left: right, right: left } };
    expect(checkWheels(swapped).map(({ message }) => message)).toEqual([
      expect.stringMatching(/left wheels stand to the right.*Exchange/),
    ]);
    const joints = rover.joints.map((joint) => ({ ...joint, axis: [1, 0, 0] as const }));
    expect(checkWheels({ ...rover, joints }).map(({ message }) => message)).toEqual([
      expect.stringMatching(/'left_wheel_joint' does not roll forwards/),
      expect.stringMatching(/'right_wheel_joint' does not roll forwards/),
    ]);
  });
});
