import { describe, expect, it } from 'vitest';
import { computeRigidBodies } from '../../sim/robot/rigid-bodies.ts';
import { makeStateBatch } from '../../sim/robot/state.ts';
import { G, makeLink, makeRobot } from './bodies.ts';
import { computeEllipticK, computeFlipInterval, computePendulumPeriod } from './exact/elliptic.ts';
import { findCrossings, integrate, type Rate } from './exact/integrate.ts';
import { computeHoldingEfforts } from './exact/statics.ts';
import {
  computeDoublePendulumEnergy,
  computeGyroscopeEnergy,
  makeDoublePendulum,
  makeFreeBody,
  makeGyroscope,
} from './exact/systems.ts';
import { computeTreeEnergy } from './exact/tree.ts';
import { GYROSCOPE } from './experiments/gyroscope.ts';
import { makeRodChain, ROD } from './experiments/pendulums.ts';

/** What thousands of steps within 1e-13 each may add up to. */
const SUMMED = 1e-10;

const oscillator: Rate = (rate, [x, v]) => {
  rate[0] = v!;
  rate[1] = -4 * x!;
};

describe('the integrator of exact equations', () => {
  it('follows an oscillator whose motion is cos 2t', () => {
    const [x, v] = integrate(oscillator, [1, 0], 10);
    expect(Math.abs(x! - Math.cos(20))).toBeLessThan(SUMMED);
    expect(Math.abs(v! + 2 * Math.sin(20))).toBeLessThan(SUMMED);
  });

  it('gets closer as the tolerance shrinks', () => {
    const error = (tolerance: number) =>
      Math.abs(integrate(oscillator, [1, 0], 10, { tolerance })[0]! - Math.cos(20));
    expect(error(1e-9)).toBeLessThan(error(1e-6) / 100);
  });

  it('hands the time to equations that depend on it', () => {
    // x′ = 3t²: x(2) = 8.
    const cubed: Rate = (rate, _, timeS) => {
      rate[0] = 3 * timeS * timeS;
    };
    expect(integrate(cubed, [0], 2)[0]).toBeCloseTo(8, 12);
  });

  it('finds the zeros of cos 2t at π/4 and every π/2 from there', () => {
    const times = findCrossings(oscillator, [1, 0], 4, ([x]) => x!);
    expect(times).toHaveLength(3);
    for (const [n, time] of times.entries()) {
      expect(Math.abs(time - (Math.PI / 4 + (n * Math.PI) / 2))).toBeLessThan(SUMMED);
    }
  });
});

describe('elliptic integrals', () => {
  it('give π/2 at modulus 0 and the lemniscate constant’s 1.8540746773 at 1/√2', () => {
    expect(computeEllipticK(0)).toBeCloseTo(Math.PI / 2, 14);
    // Γ(1/4)²/(4√π) = 1.854074677301372.
    expect(computeEllipticK(Math.SQRT1_2)).toBeCloseTo(1.854074677301372, 13);
  });

  it('give the period of an integrated pendulum', () => {
    const swing: Rate = (rate, [angle, speed]) => {
      rate[0] = speed!;
      rate[1] = -9 * Math.sin(angle!);
    };
    const [first, second] = findCrossings(swing, [1.5, 0], 3, ([angle]) => angle!);
    expect(2 * (second! - first!)).toBeCloseTo(computePendulumPeriod(9, 1.5), 10);
  });

  it.each([
    { rate: [0.06, 6, 0.06] as const, around: 'the last axis' },
    { rate: [1, 6, 0.06] as const, around: 'the first axis' },
  ])('give the time between flips of an integrated body that circles $around', ({ rate }) => {
    const moments = [0.001, 0.012, 0.013] as const;
    const times = findCrossings(makeFreeBody(moments), rate, 20, ([, y]) => y!);
    expect(times[2]! - times[1]!).toBeCloseTo(computeFlipInterval(moments, rate), 8);
  });
});

describe('the exact equations', () => {
  it('keep energy and momentum of a free body', () => {
    const moments = [0.001, 0.012, 0.013] as const;
    const end = integrate(makeFreeBody(moments), [0.06, 6, 0.06], 10);
    const energy = (w: ArrayLike<number>) => moments.reduce((sum, m, k) => sum + m * w[k]! ** 2, 0);
    const momentum = (w: ArrayLike<number>) =>
      moments.reduce((sum, m, k) => sum + (m * w[k]!) ** 2, 0);
    expect(energy(end) / energy([0.06, 6, 0.06])).toBeCloseTo(1, 10);
    expect(momentum(end) / momentum([0.06, 6, 0.06])).toBeCloseTo(1, 10);
  });

  it('keep the energy of a double pendulum, and start it as a stiff rod would from level', () => {
    const system = makeDoublePendulum(ROD, ROD, G);
    const start = [Math.PI / 2, Math.PI / 2, 0, 0];
    const end = integrate(system, start, 1);
    expect(computeDoublePendulumEnergy([ROD, ROD], G, [...end])).toBeCloseTo(
      computeDoublePendulumEnergy([ROD, ROD], G, start),
      9,
    );
    // Level, at rest: 4/3 a + 1/2 b = −3/2 g and 1/2 a + 1/3 b = −1/2 g, so a = −9/7 g and b = 3/7 g.
    const rate = new Float64Array(4);
    system(rate, Float64Array.from(start), 0);
    expect(rate[2]).toBeCloseTo((-9 / 7) * G, 12);
    expect(rate[3]).toBeCloseTo((3 / 7) * G, 12);
  });

  it('keep a gyroscope’s energy, its spin momentum and its vertical momentum', () => {
    const start = [0, 0.2, 0, 0.3, -0.1, 150];
    const end = integrate(makeGyroscope(GYROSCOPE, G), start, 2);
    const energy = (of: ArrayLike<number>) => computeGyroscopeEnergy(GYROSCOPE, G, of);
    expect(energy(end) / energy(start)).toBeCloseTo(1, 10);
    const { outer, inner, wheel, wheelMass, arm } = GYROSCOPE;
    const spin = ([, pitch, , yawRate, , rate]: ArrayLike<number> & Iterable<number>) =>
      wheel[0] * (rate! - yawRate! * Math.sin(pitch!));
    const vertical = (of: ArrayLike<number> & Iterable<number>) => {
      const [, pitch, , yawRate] = of;
      const sine = Math.sin(pitch!);
      const across = inner[2] + wheel[1] + wheelMass * arm * arm;
      const moment = outer + inner[0] * sine * sine + across * (1 - sine * sine);
      return moment * yawRate! - spin(of) * sine;
    };
    expect(spin(end)).toBeCloseTo(spin(start), 9);
    expect(vertical(end)).toBeCloseTo(vertical(start), 9);
  });

  it('let a fast gyroscope precess at m·g·l/(I·ω)', () => {
    const [yaw] = integrate(makeGyroscope(GYROSCOPE, G), [0, 0, 0, 0, 0, 3000], 2, {
      tolerance: 1e-10,
    });
    // 1 kg · 9.80665 m/s² · 0.1 m / (0.0032 kg·m² · 3000 rad/s) = 0.10215 rad/s; nutation adds its size, 4e-4 rad.
    expect(Math.abs(yaw! - 2 * 0.1021526)).toBeLessThan(4e-4);
  });
});

describe('the energy of a tree of bodies', () => {
  it('is that of the double pendulum in Lagrange’s coordinates', () => {
    const model = makeRodChain(2);
    const state = makeStateBatch(1, 2);
    state.jointPosition.set([0.7, -1.1]);
    state.jointVelocity.set([2, 3]);
    // Absolute angles and rates are sums of the joints'.
    const expected = computeDoublePendulumEnergy([ROD, ROD], G, [0.7, -0.4, 2, 5]);
    expect(computeTreeEnergy(model, computeRigidBodies(model), state, G)).toBeCloseTo(expected, 12);
  });

  it('of a moving body is that of its centre of mass and of its turning', () => {
    const model = makeRobot('body', 'floating', [
      makeLink('body', { mass: 2, moments: [0.1, 0.2, 0.3], centre: [0.5, 0, 0] }),
    ]);
    const state = makeStateBatch(1, 0);
    state.position.set([0, 0, 3]);
    state.linearVelocityW.set([1, 0, 0]);
    state.angularVelocityB.set([0, 0, 4]);
    // Centre at (1, 4·0.5, 0) m/s: ½·2·5 = 5 J; turning ½·0.3·16 = 2.4 J; height 2·G·3.
    expect(computeTreeEnergy(model, computeRigidBodies(model), state, G)).toBeCloseTo(
      7.4 + 6 * G,
      12,
    );
  });
});

describe('what the drives of a robot at rest have to hold', () => {
  it('is the weight of two level rods, each about its hinge', () => {
    const model = makeRodChain(2);
    const state = makeStateBatch(1, 2);
    // Turned by −π/2 about y, a rod that hangs along −z points along +x.
    state.jointPosition.set([-Math.PI / 2, 0]);
    const efforts = computeHoldingEfforts(computeRigidBodies(model), state, [], G);
    // Upper hinge: 1 kg at 0.5 m and 1 kg at 1.5 m; weight at +x turns about +y, so the drives turn about −y.
    expect(efforts[0]).toBeCloseTo(-2 * G, 12);
    expect(efforts[1]).toBeCloseTo(-0.5 * G, 12);
  });

  it('is nothing where a force at the end carries what hangs there', () => {
    const model = makeRodChain(2);
    const state = makeStateBatch(1, 2);
    state.jointPosition.set([-Math.PI / 2, 0]);
    // The lower rod, level, carried at its far end by half of its weight; the rest hangs on its hinge.
    const force = { body: 2, force: [0, 0, G / 2] as const, at: [2, 0, 0] as const };
    const efforts = computeHoldingEfforts(computeRigidBodies(model), state, [force], G);
    expect(efforts[1]).toBeCloseTo(0, 12);
    // 1 kg at 0.5 m, 1 kg at 1.5 m, less ½ G at 2 m: 2 G − G.
    expect(efforts[0]).toBeCloseTo(-G, 12);
  });
});
