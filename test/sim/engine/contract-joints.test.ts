import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { ENGINES } from './engines.ts';

const G = 9.81;
const GRAVITY = [0, 0, -G] as const;
const CARTPOLE = loadRobot('cartpole');

/** Acceleration of cart and pole, exact for a uniform rod of half-length l hinged on a cart. */
function computeCartpole(angle: number, speed: number, force: number): readonly [number, number] {
  const cart = 1;
  const pole = 0.1;
  const l = 0.5;
  const sine = Math.sin(angle);
  const cosine = Math.cos(angle);
  // Barto, Sutton and Anderson 1983, without friction; g points down, angle 0 is upright.
  const push = (force + pole * l * speed * speed * sine) / (cart + pole);
  const angular =
    (G * sine - cosine * push) / (l * (4 / 3 - (pole * cosine * cosine) / (cart + pole)));
  return [push - (pole * l * angular * cosine) / (cart + pole), angular];
}

/** The exact motion by Runge–Kutta of fourth order at 0.1 ms. */
function integrateCartpole(start: readonly number[], durationS: number, force: number): number[] {
  const h = 1e-4;
  const rate = ([, angle, v, w]: readonly number[]) => {
    const [a, b] = computeCartpole(angle!, w!, force);
    return [v!, w!, a, b];
  };
  const along = (state: readonly number[], k: readonly number[], by: number) =>
    state.map((value, i) => value + by * k[i]!);
  let state = [...start];
  for (let i = 0; i < Math.round(durationS / h); i++) {
    const k1 = rate(state);
    const k2 = rate(along(state, k1, h / 2));
    const k3 = rate(along(state, k2, h / 2));
    const k4 = rate(along(state, k3, h));
    state = state.map((v, j) => v + (h / 6) * (k1[j]! + 2 * k2[j]! + 2 * k3[j]! + k4[j]!));
  }
  return state;
}

describe.each(ENGINES)('the cartpole in $engine', ({ engine, substepS, softness }) => {
  it.each([
    { force: 10, angle: 0.05, durationS: 0.3 },
    { force: 0, angle: 0.2, durationS: 0.5 },
    { force: -4, angle: -1.5, durationS: 0.3 },
  ])('follows the exact equations from $angle rad under $force N', async (given) => {
    const bench = await makeBench(CARTPOLE, { engine, gravityW: GRAVITY });
    bench.place(0, (s) => s.jointPosition.set([0, given.angle]));
    const { jointPosition, jointVelocity } = bench.run(given.durationS, (world) => {
      world.jointEffort[0] = given.force;
    });
    const [x, angle, v, w] = integrateCartpole(
      [0, given.angle, 0, 0],
      given.durationS,
      given.force,
    ) as [number, number, number, number];
    // First-order errors of half a substep's motion, at 5 m/s or rad/s and 10 m/s² or rad/s².
    expect(Math.abs(jointPosition[0]! - x)).toBeLessThan((substepS / 2) * 5);
    expect(Math.abs(jointPosition[1]! - angle)).toBeLessThan((substepS / 2) * 5);
    expect(Math.abs(jointVelocity[0]! - v)).toBeLessThan((substepS / 2) * 10);
    expect(Math.abs(jointVelocity[1]! - w)).toBeLessThan((substepS / 2) * 10);
  });

  it('starts under 10 N as if only a quarter of the hanging pole weighed on it', async () => {
    const bench = await makeBench(CARTPOLE, { engine, gravityW: GRAVITY });
    bench.place(0, (s) => s.jointPosition.set([0, Math.PI]));
    bench.run(0.002, (world) => {
      world.jointEffort[0] = 10;
    });
    // A hinged uniform rod resists at its hinge with m/4: 10 / (1 + 0.025) = 9.756 m/s², for 2 ms.
    expect(bench.state.jointVelocity[0]! / 0.002).toBeCloseTo(10 / 1.025, 1);
    // Pushing the cart along +x leaves the hanging bob behind; about +y that is a positive rate.
    expect(bench.state.jointVelocity[1]).toBeGreaterThan(0);
  });

  it('stops at the end of its track', async () => {
    const bench = await makeBench(CARTPOLE, { engine, gravityW: GRAVITY });
    bench.place(0, (s) => s.jointPosition.set([2, Math.PI]));
    const { jointPosition } = bench.run(2, (world) => {
      world.jointEffort[0] = 10;
    });
    // Limits are soft constraints: 10 N press it in a little.
    expect(Math.abs(jointPosition[0]! - 2.4)).toBeLessThan(5 * softness);
  });

  it('moves alike to the last bit in every slot where all tiles coincide', async () => {
    const swing = async (numRobots: number, robot: number) => {
      const bench = await makeBench(CARTPOLE, {
        engine,
        numRobots,
        tileSpacing: 0,
        gravityW: GRAVITY,
      });
      for (let i = 0; i < numRobots; i++) {
        bench.place(i, (s) => s.jointPosition.set([0, i === robot ? 0.3 : -0.1 * i]));
      }
      bench.run(0.5, (world) => {
        world.jointEffort[2 * robot] = 5;
      });
      return [...bench.state.jointPosition.slice(2 * robot, 2 * robot + 2)];
    };
    expect(await swing(7, 5)).toEqual(await swing(1, 0));
  });

  it('reports effort as applied in the step before', async () => {
    const bench = await makeBench(CARTPOLE, { engine });
    bench.engine.jointEffort[0] = 3;
    bench.engine.step();
    bench.engine.readState(bench.state);
    expect([...bench.state.jointEffort]).toEqual([3, 0]);
  });
});

describe.each(ENGINES)('a pendulum in $engine', ({ engine, energy }) => {
  const crossings = async (amplitude: number, durationS: number) => {
    const bench = await makeBench(makeTestRobot('pendulum'), { engine, gravityW: GRAVITY });
    bench.place(0, (s) => s.jointPosition.set([amplitude]));
    const times: number[] = [];
    let before = amplitude;
    for (let i = 1; i <= durationS / 0.002; i++) {
      const angle = bench.run(0.002).jointPosition[0]!;
      // Downward crossings of 0, interpolated inside the step.
      if (before > 0 && angle <= 0) times.push((i - 1 + before / (before - angle)) * 0.002);
      before = angle;
    }
    return { times, bench };
  };

  it('swings with the period of a mathematical pendulum', async () => {
    const { times } = await crossings(0.05, 9);
    const periods = (times.at(-1)! - times[0]!) / (times.length - 1);
    // 2π √(l/g) = 2π √(1/9.81) = 2.00607 s, longer by θ²/16 = 0.016 % at 0.05 rad.
    const exact = 2 * Math.PI * Math.sqrt(1 / G) * (1 + 0.05 ** 2 / 16);
    expect(times.length).toBeGreaterThanOrEqual(4);
    expect(Math.abs(periods / exact - 1)).toBeLessThan(1e-3);
  });

  it('keeps its energy over 10 s of wide swings', async () => {
    const { bench } = await crossings(1.5, 10);
    const angle = bench.state.jointPosition[0]!;
    const rate = bench.state.jointVelocity[0]!;
    // 1 kg, 1 m: E = ω²/2 − g cos θ; at the start −9.81·cos 1.5. The swing spans g (1 − cos 1.5) = 9.12 J.
    const drift = rate ** 2 / 2 - G * Math.cos(angle) + G * Math.cos(1.5);
    expect(Math.abs(drift)).toBeLessThan(energy * G * (1 - Math.cos(1.5)));
  });

  it('turns about +y by the right hand: a positive effort swings a hanging bob towards −x', async () => {
    const bench = await makeBench(makeTestRobot('pendulum'), { engine });
    bench.run(0.5, (world) => {
      world.jointEffort[0] = 0.2;
    });
    // 0.2 N·m on 1 kg·m² for 0.5 s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(0.1, 3);
    expect(bench.state.jointPosition[0]).toBeCloseTo(0.025, 3);
  });

  it('reports a continuous joint’s angle in (−π, π] and its rate without jumps', async () => {
    const bench = await makeBench(makeTestRobot('pendulum'), { engine });
    bench.place(0, (s) => {
      s.jointPosition.set([3]);
      s.jointVelocity.set([2]);
    });
    // 3 + 2·0.1 = 3.2 rad, which is 3.2 − 2π = −3.083.
    bench.run(0.1);
    expect(bench.state.jointPosition[0]).toBeCloseTo(3.2 - 2 * Math.PI, 3);
    expect(bench.state.jointVelocity[0]).toBeCloseTo(2, 3);
  });
});

describe.each(ENGINES)('the crane in $engine', ({ engine, substepS }) => {
  it('reads back joint positions and rates through two joints and a weld', async () => {
    const bench = await makeBench(makeTestRobot('crane'), { engine, numRobots: 2 });
    bench.place(1, (s) => {
      s.jointPosition.set([0.7, -0.3]);
      s.jointVelocity.set([1.5, -0.4]);
    });
    bench.engine.restore(bench.engine.snapshot());
    const read = makeStateBatch(2, 2);
    bench.engine.readState(read);
    for (const [k, wanted] of [0, 0, 0.7, -0.3].entries()) {
      expect(read.jointPosition[k]).toBeCloseTo(wanted, 5);
    }
    for (const [k, wanted] of [0, 0, 1.5, -0.4].entries()) {
      expect(read.jointVelocity[k]).toBeCloseTo(wanted, 5);
    }
  });

  it('keeps its angular momentum while its trolley is pushed outwards', async () => {
    const bench = await makeBench(makeTestRobot('crane'), { engine });
    bench.place(0, (s) => s.jointVelocity.set([1, 0]));
    // Boom 0.5 + 1·0.5² = 0.75, trolley 0.1 + 2·r²; r = 0.75 at slide 0.
    const momentum = (slide: number, rate: number) => (0.85 + 2 * (0.75 + slide) ** 2) * rate;
    const before = momentum(0, 1);
    bench.run(0.3, (world) => {
      world.jointEffort[1] = 4;
    });
    const [, slide] = bench.state.jointPosition;
    const [rate] = bench.state.jointVelocity;
    // 4 N on 2 kg plus the centrifugal pull: more than 2·0.3²/2 = 0.09 m.
    expect(slide).toBeGreaterThan(0.09);
    // Positions are one substep ahead of rates: 2·0.6 m/s outwards over 0.85 m, in 2·1.45 of 1.98 kg·m².
    expect(Math.abs(momentum(slide!, rate!) / before - 1)).toBeLessThan(2 * substepS);
  });

  it('spins up by effort over its moment, trolley included', async () => {
    const bench = await makeBench(makeTestRobot('crane'), { engine });
    bench.run(0.002, (world) => {
      world.jointEffort[0] = 5;
    });
    // 0.85 + 2·0.75² = 1.975 kg·m²: 5/1.975 = 2.532 rad/s².
    expect(bench.state.jointVelocity[0]! / 0.002).toBeCloseTo(5 / 1.975, 1);
  });

  it('spins up half as fast when every mass and moment is doubled', async () => {
    const bench = await makeBench(makeTestRobot('crane'), { engine });
    bench.engine.setScales(0, { mass: 2, inertia: [2, 2, 2] });
    bench.run(0.002, (world) => {
      world.jointEffort[0] = 5;
    });
    expect(bench.state.jointVelocity[0]! / 0.002).toBeCloseTo(5 / 3.95, 1);
  });
});

describe.each(ENGINES)('a fixed base in $engine', ({ engine }) => {
  it('stands where it was put, and gravity pulls at its joints accordingly', async () => {
    const bench = await makeBench(makeTestRobot('pendulum'), { engine, gravityW: GRAVITY });
    bench.place(0, (s) => {
      s.position.set([1, 2, 3]);
      // Pitched by 90°: the bob, below its hinge in the base, lies at −x in odom.
      s.orientation.set([0, Math.SQRT1_2, 0, Math.SQRT1_2]);
    });
    const { position, orientation, jointVelocity } = bench.run(0.002);
    expect([...position]).toEqual([1, 2, 3]);
    for (const [k, value] of [0, Math.SQRT1_2, 0, Math.SQRT1_2].entries()) {
      expect(orientation[k]).toBeCloseTo(value, 6);
    }
    // Torque (−1, 0, 0) × (0, 0, −9.81) = (0, −9.81, 0) N·m on 1 kg·m².
    expect(jointVelocity[0]! / 0.002).toBeCloseTo(-G, 2);
  });
});

describe.each(ENGINES)('joint losses in $engine', ({ engine }) => {
  const spin = async (name: 'damped' | 'rubbing' | 'damped-rubbing', rate: number) => {
    const bench = await makeBench(makeTestRobot(name), { engine });
    bench.place(0, (s) => s.jointVelocity.set([rate]));
    return bench;
  };

  it('damps in proportion to the rate', async () => {
    const bench = await spin('damped', 2);
    bench.run(1);
    // e^(−0.2/0.5 · 1) = 0.6703.
    expect(bench.state.jointVelocity[0]! / 2).toBeCloseTo(Math.exp(-0.4), 3);
  });

  it('rubs with a constant torque until it stands', async () => {
    const bench = await spin('rubbing', 1);
    bench.run(1);
    // 1 − 0.3/0.5·1 = 0.4 rad/s after 1 s; it stands after 1.67 s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(0.4, 3);
    bench.run(1);
    expect(Math.abs(bench.state.jointVelocity[0]!)).toBeLessThan(1e-3);
  });

  it('sticks below the friction and slides above it', async () => {
    const bench = await spin('rubbing', 0);
    bench.run(1, (world) => {
      world.jointEffort[0] = 0.25;
    });
    expect(Math.abs(bench.state.jointVelocity[0]!)).toBeLessThan(1e-5);
    bench.run(1, (world) => {
      world.jointEffort[0] = 0.5;
    });
    // (0.5 − 0.3)/0.5 = 0.4 rad/s².
    expect(bench.state.jointVelocity[0]).toBeCloseTo(0.4, 2);
  });

  it('adds friction and damping where a joint has both', async () => {
    const bench = await spin('damped-rubbing', 2);
    bench.run(1);
    // ω' = −0.4 ω − 0.6: ω = (2 + 1.5) e^(−0.4 t) − 1.5 = 0.846 rad/s after 1 s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(3.5 * Math.exp(-0.4) - 1.5, 2);
  });
});
