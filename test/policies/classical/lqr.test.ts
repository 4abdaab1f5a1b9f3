import { describe, expect, it } from 'vitest';
import {
  CartpoleLqr,
  computeCartpoleParameters,
  computeCartpoleSystem,
} from '../../../policies/classical/cartpole-lqr.ts';
import { discretize, solveLqr } from '../../../policies/classical/lqr.ts';
import { add, multiply, solve, transpose } from '../../../policies/classical/matrix.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeFullRangeAction } from '../../../sim/task/action.ts';

const cartpole = loadRobot('cartpole');

describe('solve', () => {
  it('solves a system that needs pivoting', () => {
    // 0x + 2y = 4, 3x + y = 5: y = 2, x = 1
    expect(
      solve(
        [
          [0, 2],
          [3, 1],
        ],
        [[4], [5]],
      ),
    ).toEqual([[1], [2]]);
  });

  it('refuses a singular matrix', () => {
    const singular = [
      [1, 2],
      [2, 4],
    ];
    expect(() => solve(singular, [[1], [1]])).toThrow(/singular at column 1/);
  });
});

describe('discretize', () => {
  it('samples a double integrator exactly', () => {
    const system = {
      a: [
        [0, 1],
        [0, 0],
      ],
      b: [[0], [1]],
    };
    const { a, b } = discretize(system, 0.1);
    // x + 0.1 v + 0.005 u, v + 0.1 u
    const got = [...a.flat(), ...b.flat()];
    [1, 0.1, 0, 1, 0.005, 0.1].forEach((value, k) => {
      expect(got[k]).toBeCloseTo(value, 12);
    });
  });

  it('samples a decay as the exponential', () => {
    const { a, b } = discretize({ a: [[-2]], b: [[3]] }, 0.5);
    expect(a[0]![0]).toBeCloseTo(Math.exp(-1), 12);
    expect(b[0]![0]).toBeCloseTo(1.5 * (1 - Math.exp(-1)), 12);
  });
});

describe('solveLqr', () => {
  it('finds the golden ratio for a = b = q = r = 1', () => {
    // p = 1 + p − p²/(1 + p): p² − p − 1 = 0; gain p/(1 + p) = 1/p
    const golden = (1 + Math.sqrt(5)) / 2;
    const { gain, cost } = solveLqr({ a: [[1]], b: [[1]] }, [[1]], [[1]]);
    expect(cost[0]![0]).toBeCloseTo(golden, 10);
    expect(gain[0]![0]).toBeCloseTo(1 / golden, 10);
  });

  it('leaves no residual in the Riccati equation of the cartpole', () => {
    const { a, b } = discretize(computeCartpoleSystem(computeCartpoleParameters(cartpole)), 0.02);
    const q = [1, 2, 3, 4].map((weight, i) => [0, 1, 2, 3].map((j) => (i === j ? weight : 0)));
    const { gain, cost } = solveLqr({ a, b }, q, [[0.5]]);
    const bTp = multiply(transpose(b), cost);
    const kT = multiply(multiply(transpose(a), transpose(bTp)), gain);
    const right = add(add(q, multiply(multiply(transpose(a), cost), a)), kT, -1);
    const size = Math.max(...cost.flat().map(Math.abs));
    const residual = Math.max(...add(right, cost, -1).flat().map(Math.abs));
    expect(residual / size).toBeLessThan(1e-9);
    const optimal = solve(add([[0.5]], multiply(bTp, b)), multiply(bTp, a));
    gain[0]!.forEach((value, k) => {
      expect(value).toBeCloseTo(optimal[0]![k]!, 6);
    });
  });

  it('says so when the input cannot hold the system', () => {
    expect(() => solveLqr({ a: [[2]], b: [[0]] }, [[1]], [[1]])).toThrow(/steady/);
  });
});

describe('the cartpole', () => {
  it('is read off the robot', () => {
    const { cartMass, poleMass, poleLength, poleInertia } = computeCartpoleParameters(cartpole);
    expect([cartMass, poleMass, poleLength]).toEqual([1, 0.1, 0.5]);
    expect(poleInertia).toBeCloseTo(0.1 / 12, 6);
    expect(() => computeCartpoleParameters(loadRobot('crazyflie'))).toThrow(/not a cart/);
  });

  it('falls at the rate of its equations', () => {
    const { a, b } = computeCartpoleSystem(computeCartpoleParameters(cartpole));
    // Thin rod of length 2l: θ̈ = (M+m)·m·g·l·θ/D, D = (M+m)(I+ml²) − (ml)²
    // = 1.1 · (0.0083333 + 0.025) − 0.0025 = 0.0341667; θ̈ = 1.1 · 0.1 · 9.80665 · 0.5 / D = 15.786 θ
    expect(a[3]![1]).toBeCloseTo(15.786, 2);
    // Pushing the cart ahead tips the pole back: −ml/D = −0.05 / 0.0341667 = −1.4634
    expect(b[3]![0]).toBeCloseTo(-1.4634, 3);
  });

  it('is pushed under a pole that leans ahead', () => {
    const controller = new CartpoleLqr(cartpole, makeFullRangeAction(cartpole), 0.02);
    // force = −gain · state: to drive under a pole leaning to +x, the force is positive.
    expect(controller.gain[1]).toBeLessThan(0);
    expect(controller.gain[3]).toBeLessThan(0);
  });
});
