import { describe, expect, it } from 'vitest';
import { type ActuatorBank, makeActuatorBank } from '../../../sim/actuator/actuators.ts';
import {
  AIR_DENSITY,
  computeGroundFactor,
  computeInducedSpeed,
  computeWakeSpeed,
} from '../../../sim/actuator/wake.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeFakeEngine } from '../../kit/actuator-stand.ts';
import { makeMotorRobot } from '../../kit/motor-robots.ts';

const R = 0.1;

describe('a wake', () => {
  it('starts at the induced speed of momentum theory', () => {
    // T = 2 ρ A v²: 1 N over 2 · 1.225 · π · 0.01 gives v² = 12.99.
    expect(computeInducedSpeed(1, R)).toBeCloseTo(Math.sqrt(1 / (2 * 1.225 * Math.PI * 0.01)), 12);
    expect(computeInducedSpeed(-1, R)).toBe(0);
  });

  it.each([
    { what: 'v at the disc', below: 1e-9, speed: 1 },
    { what: 'v (1 + 1/√2) one radius down', below: R, speed: 1 + Math.SQRT1_2 },
    // z = 6 radii, still inside the core of 6 · √2 radii: 1 + 6/√37.
    { what: '1.986 v in the core', below: 6 * R, speed: 1 + 6 / Math.sqrt(37) },
    // Twice the core's length: all but 2v, halved.
    {
      what: 'half of 2v at twice the length of the core',
      below: 12 * Math.SQRT2 * R,
      speed: 0.9991,
    },
  ])('has on its axis $what', ({ below, speed }) => {
    expect(computeWakeSpeed(1, R, below, 0, 0)).toBeCloseTo(speed, 3);
  });

  it('keeps its momentum flux, which is the thrust, however far down', () => {
    const v = computeInducedSpeed(1, R);
    for (const below of [10 * R, 20 * R, 60 * R]) {
      // ρ ∫ u² 2πr dr with u at a point, that is a rotor without size.
      let flux = 0;
      const step = below / 2000;
      for (let r = step / 2; r < below; r += step) {
        flux += AIR_DENSITY * computeWakeSpeed(v, R, below, r, 0) ** 2 * 2 * Math.PI * r * step;
      }
      // 2 %: at 10 radii the disc's own field has come to 1.995 v.
      expect(flux).toBeCloseTo(1, 1);
      expect(Math.abs(flux - 1)).toBeLessThan(0.02);
    }
  });

  it('is felt less by a rotor as wide as itself than by a point: two thirds of it just below', () => {
    // Far enough to be narrow: variance R²/2; with R²/4 more, (1/2)/(3/4) = 2/3.
    const point = computeWakeSpeed(1, R, 6 * R, 0, 0);
    expect(computeWakeSpeed(1, R, 6 * R, 0, R) / point).toBeCloseTo(2 / 3, 2);
  });
});

describe('the ground effect', () => {
  it.each([
    // c = 1: 1 + 1/16 one radius up, where Cheeseman and Bennett have 1/(1 − 1/16) = 1.067.
    { coefficient: 1, heights: 1, factor: 1 + 1 / 16 },
    { coefficient: 1, heights: 2, factor: 1 + 1 / 64 },
    { coefficient: 1, heights: 0.5, factor: 1.25 },
    { coefficient: 1, heights: 0.01, factor: 1.25 },
    { coefficient: 11, heights: 2, factor: 1 + 11 / 64 },
    { coefficient: 1, heights: Number.POSITIVE_INFINITY, factor: 1 },
  ])('with c = $coefficient, $heights radii up, is $factor', ({ coefficient, heights, factor }) => {
    expect(computeGroundFactor(coefficient, R, heights * R)).toBeCloseTo(factor, 12);
  });
});

const makeTwin = (wake: string, drag = '[0, 2.0e-5]') =>
  makeMotorRobot('twin-rotor', {
    commandKind: 'velocity',
    actuators:
      '{ kind: rotor, spin: { left_joint: clockwise, right_joint: counterclockwise }, ' +
      'thrustCoefficient: 1.0e-6, torqueCoefficient: 2.0e-8, minSpeed: 100, maxSpeed: 4000, ' +
      `timeConstantS: 0.05, dragCoefficient: ${drag}, wake: ${wake} }`,
  });

/** One step of both rotors of every robot at 1000 rad/s, 1 N each in free air; returns the vertical forces. */
function lift(
  model: RobotModel,
  bank: ActuatorBank,
  positions: readonly (readonly number[])[],
): number[] {
  const engine = makeFakeEngine(model, positions.length);
  const state = makeStateBatch(positions.length, model.jointNames.length);
  for (const [robot, position] of positions.entries()) {
    state.position.set(position, 3 * robot);
    bank.reset(robot, { command: [1000, 1000] });
  }
  bank.apply(engine, state, 0, 0.002);
  return positions.map((_, robot) => engine.baseForceB[3 * robot + 2]!);
}

describe('a robot with wakes', () => {
  const GROUND = '{ radius: 0.1, groundCoefficient: 1, downwashCoefficient: 0 }';
  const DOWNWASH = '{ radius: 0.1, groundCoefficient: 0, downwashCoefficient: 1 }';

  it('is lifted by the ground under each of its rotors', () => {
    const model = makeTwin(GROUND);
    // Rotors at y = ±0.2, hubs 0.1 m above base_link; the ground is at 0.2 on the left side alone.
    const bank = makeActuatorBank(model, 1, {
      computeGroundHeight: (_robot, _x, y) => (y > 0 ? 0.2 : Number.NEGATIVE_INFINITY),
    });
    // Left hub at 0.4 m: 0.2 m = two radii above the ground, 1 + 1/64.
    expect(lift(model, bank, [[0, 0, 0.3]])[0]).toBeCloseTo(2 + 1 / 64, 9);
  });

  it('feels the wake of a robot above it where they share one air, and none where they do not', () => {
    const model = makeTwin(DOWNWASH);
    const nothing = { computeGroundHeight: () => Number.NEGATIVE_INFINITY };
    const mapFromOdom = new Float64Array([0, 0, 0, 4, 0, 0]);
    const alone = makeActuatorBank(model, 2, nothing);
    const together = makeActuatorBank(model, 2, { ...nothing, sharedAir: { mapFromOdom } });
    // In the map the second hangs 0.6 m under the first, though both are at x = 0 and −4 of their odom frames.
    const positions = [
      [0, 0, 1],
      [-4, 0, 0.4],
    ];
    expect(lift(model, alone, positions)).toEqual([2, 2]);
    const [upper, lower] = lift(model, together, positions);
    expect(upper).toBeCloseTo(2, 12);
    // Each rotor straight under one of the other robot's: 6 radii down, drag 2e-5 · 1000 · w; the other rotor's wake is
    // 4 radii aside of a jet 0.87 R wide and adds e^(−16/1.5) of it to the root of squares: nothing.
    const w = computeWakeSpeed(computeInducedSpeed(1, R), R, 0.6, 0, R);
    expect(lower).toBeCloseTo(2 - 2 * 2e-5 * 1000 * w, 6);
  });

  it('does not blow at itself with rotors side by side', () => {
    const model = makeTwin(DOWNWASH);
    const bank = makeActuatorBank(model, 1, { computeGroundHeight: () => 0 });
    expect(lift(model, bank, [[0, 0, 1]])[0]).toBe(2);
  });

  it('asks for its surroundings', () => {
    expect(() => makeActuatorBank(makeTwin(GROUND), 1)).toThrow(/need to know their surroundings/);
  });
});
