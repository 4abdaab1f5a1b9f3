import { describe, expect, it } from 'vitest';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';
import { makeTinyRobot, type TinyRobot } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

type TinyJoint = NonNullable<TinyRobot['joints']>[number];

/** Flywheel about z on a fixed base, 0.5 kg·m². */
const makeWheel = (joint: Partial<TinyJoint> = {}) =>
  makeTinyRobot({
    base: 'fixed',
    links: [
      { name: 'base', mass: 0 },
      { name: 'wheel', moment: 0.5 },
    ],
    joints: [{ name: 'axle', parent: 'base', child: 'wheel', axis: [0, 0, 1], ...joint }],
  });

describe.each(ENGINES)('armature in $engine', ({ engine, rounding }) => {
  /** Hull of 0.2 kg·m² about z, wheel of 0.1 in its middle, rotor of 0.05 behind the wheel's gears. */
  const SATELLITE = makeTinyRobot({
    links: [
      { name: 'hull', moment: 0.2 },
      { name: 'wheel', moment: 0.1 },
    ],
    joints: [{ name: 'axle', parent: 'hull', child: 'wheel', axis: [0, 0, 1], armature: 0.05 }],
  });

  it('adds to what effort has to accelerate', async () => {
    const bench = await makeBench(makeWheel({ armature: 0.3 }), { engine });
    bench.run(0.1, (world) => {
      world.jointEffort[0] = 4;
    });
    // 4/(0.5 + 0.3) = 5 rad/s² for 0.1 s.
    expect(Math.abs(bench.state.jointVelocity[0]! - 0.5)).toBeLessThan(0.5 * 10 * rounding);
  });

  it('drags the wheel along with the hull only as far as the rotor resists', async () => {
    const bench = await makeBench(SATELLITE, { engine });
    bench.run(0.1, (world) => {
      world.baseTorqueB[2] = 1;
    });
    // Hull: 0.3·w' + 0.1·q'' = 1; joint: 0.1·w' + 0.15·q'' = 0. So q'' = −w'/1.5 and w' = 1/(0.3 − 0.1/1.5).
    const hull = 1 / (0.3 - 0.1 / 1.5);
    const { angularVelocityB, jointVelocity } = bench.state;
    expect(Math.abs(angularVelocityB[2]! / (0.1 * hull) - 1)).toBeLessThan(10 * rounding);
    expect(Math.abs(jointVelocity[0]! / ((-0.1 * hull) / 1.5) - 1)).toBeLessThan(10 * rounding);
  });

  it('does not change how a spinning hull and its wheel go on', async () => {
    const bench = await makeBench(SATELLITE, { engine });
    bench.place(0, (s) => {
      s.angularVelocityB.set([0, 0, 5]);
      s.jointVelocity.set([3]);
    });
    bench.run(0.5);
    expect(Math.abs(bench.state.angularVelocityB[2]! - 5)).toBeLessThan(50 * rounding);
    expect(Math.abs(bench.state.jointVelocity[0]! - 3)).toBeLessThan(50 * rounding);
  });
});

describe.each(ENGINES)('the limits of a joint in $engine', ({ engine, limitGive }) => {
  const push = async (model: RobotModel, start: number, effort: number) => {
    const bench = await makeBench(model, { engine });
    bench.place(0, (s) => s.jointPosition.set([start]));
    bench.run(1.5, (world) => {
      world.jointEffort[0] = effort;
    });
    return bench.state.jointPosition[0]!;
  };

  it.each([
    { lower: -4, upper: 4, start: 3.8, effort: 5, end: 4 },
    { lower: -4, upper: 4, start: -3.8, effort: -5, end: -4 },
    { lower: 3.3, upper: 9, start: 3.4, effort: -5, end: 3.3 },
    { lower: 3.3, upper: 9, start: 8.8, effort: 5, end: 9 },
    { lower: -0.3, upper: 0.4, start: 0, effort: -5, end: -0.3 },
  ])('hold at $end of $lower … $upper', async ({ lower, upper, start, effort, end }) => {
    const model = makeWheel({ type: 'revolute', lower, upper });
    // 5 N·m on 0.5 kg·m²: 10 rad/s², 2 rad/s at the end of 0.2 rad.
    expect(Math.abs((await push(model, start, effort)) - end)).toBeLessThan(limitGive);
  });

  it('hold against a motor at its best', async () => {
    const model = makeWheel({ type: 'revolute', lower: -0.5, upper: 0.5 });
    const bench = await makeBench(model, { engine });
    bench.engine.setDrive(0, 0, { stiffness: 500, damping: 20, maxEffort: 20 });
    bench.engine.drivePosition[0] = 2;
    bench.run(2);
    expect(Math.abs(bench.state.jointPosition[0]! - 0.5)).toBeLessThan(5 * limitGive);
    expect(bench.state.jointEffort[0]).toBeCloseTo(20, 3);
  });

  it('let a revolute joint turn round and round, and its turns are counted', async () => {
    const bench = await makeBench(makeWheel({ type: 'revolute', lower: -30, upper: 30 }), {
      engine,
    });
    bench.place(0, (s) => s.jointVelocity.set([10]));
    bench.run(2);
    // 10 rad/s for 2 s: more than three turns.
    expect(Math.abs(bench.state.jointPosition[0]! - 20)).toBeLessThan(0.01);
    bench.place(0, (s) => {
      s.jointPosition.set([-15]);
      s.jointVelocity.set([-10]);
    });
    expect(Math.abs(bench.state.jointPosition[0]! + 15)).toBeLessThan(1e-5);
    bench.run(0.5);
    expect(Math.abs(bench.state.jointPosition[0]! + 20)).toBeLessThan(0.01);
    bench.run(2);
    expect(bench.state.jointPosition[0]).toBeGreaterThan(-30 - 10 * limitGive);
  });
});

describe.each(ENGINES)('a joint that mimics another in $engine', ({ engine, mimicError }) => {
  /** Two wheels of 0.5 kg·m², the second at −2 times the first plus 0.1, a third at half the second. */
  const makeGears = (numFollowers: 1 | 2) =>
    makeTinyRobot({
      base: 'fixed',
      links: [
        { name: 'base', mass: 0 },
        ...['a', 'b', 'c'].slice(0, 1 + numFollowers).map((name) => ({ name, moment: 0.5 })),
      ],
      joints: [
        { name: 'lead', parent: 'base', child: 'a' },
        {
          ...{ name: 'follow', parent: 'base', child: 'b', at: [0, 1, 0] as const },
          ...{ type: 'revolute' as const },
          mimic: { joint: 'lead', multiplier: -2, offset: 0.1 },
        },
        {
          ...{ name: 'last', parent: 'base', child: 'c', at: [0, 2, 0] as const },
          ...{ type: 'revolute' as const },
          mimic: { joint: 'follow', multiplier: 0.5, offset: 0 },
        },
      ].slice(0, 1 + numFollowers),
    });

  it('loads the one that it mimics with its own inertia', async () => {
    const bench = await makeBench(makeGears(1), { engine });
    bench.run(0.4, (world) => {
      world.jointEffort[0] = 5;
    });
    // 5/(0.5 + 2²·0.5) = 2 rad/s² for 0.4 s.
    const [lead, follow] = bench.state.jointVelocity;
    expect(Math.abs(lead! - 0.8)).toBeLessThan(0.8 * mimicError);
    expect(Math.abs(follow! + 1.6)).toBeLessThan(1.6 * mimicError);
  });

  it('moves the one that it mimics', async () => {
    const bench = await makeBench(makeGears(1), { engine });
    bench.run(0.4, (world) => {
      world.jointEffort[1] = 2.5;
    });
    // −2·2.5 = −5 N·m at the leader.
    expect(Math.abs(bench.state.jointVelocity[0]! + 0.8)).toBeLessThan(0.8 * mimicError);
  });

  it('keeps to its line under load, chains of them too', async () => {
    const bench = await makeBench(makeGears(2), { engine });
    bench.engine.setDrive(0, 0, { stiffness: 100, damping: 20, maxEffort: 100 });
    bench.engine.drivePosition[0] = 0.5;
    let worst = 0;
    for (let i = 0; i < 400; i++) {
      bench.run(0.002, (world) => world.jointEffort.set([0, 3, -2]));
      const [lead, follow, last] = bench.state.jointPosition as unknown as number[];
      worst = Math.max(worst, Math.abs(follow! + 2 * lead! - 0.1), Math.abs(last! - follow! / 2));
    }
    expect(worst).toBeLessThan(mimicError);
  });

  it('is put on its line by a write, whatever the row says', async () => {
    const bench = await makeBench(makeGears(2), { engine });
    bench.place(0, (s) => {
      s.jointPosition.set([0.3, 9, 9]);
      s.jointVelocity.set([0.5, 9, 9]);
    });
    bench.engine.restore(bench.engine.snapshot());
    bench.engine.readState(bench.state);
    // 0.1 − 2·0.3 = −0.5, half of it −0.25.
    for (const [k, wanted] of [0.3, -0.5, -0.25].entries()) {
      expect(bench.state.jointPosition[k]).toBeCloseTo(wanted, 5);
    }
    for (const [k, wanted] of [0.5, -1, -0.5].entries()) {
      expect(bench.state.jointVelocity[k]).toBeCloseTo(wanted, 5);
    }
  });
});

describe.each(ENGINES)('scales of joints in $engine', ({ engine }) => {
  it('multiply damping', async () => {
    const bench = await makeBench(makeTestRobot('damped'), { engine, numRobots: 2 });
    bench.engine.setScales(1, { jointDamping: 2 });
    for (const robot of [0, 1]) bench.place(robot, (s) => s.jointVelocity.set([2]));
    bench.run(1);
    // e^(−0.2/0.5) = 0.670 and e^(−0.4/0.5) = 0.449.
    expect(bench.state.jointVelocity[0]! / 2).toBeCloseTo(Math.exp(-0.4), 3);
    expect(bench.state.jointVelocity[1]! / 2).toBeCloseTo(Math.exp(-0.8), 3);
  });

  it('multiply friction', async () => {
    const bench = await makeBench(makeTestRobot('rubbing'), { engine });
    bench.engine.setScales(0, { jointFriction: 0.5 });
    bench.place(0, (s) => s.jointVelocity.set([1]));
    bench.run(1);
    // 1 − 0.15/0.5·1 = 0.7 rad/s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(0.7, 3);
    bench.engine.setScales(0, {});
    bench.run(1);
    // 0.7 − 0.3/0.5·1 = 0.1 rad/s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(0.1, 2);
  });

  it('multiply armature', async () => {
    const bench = await makeBench(makeWheel({ armature: 0.3 }), { engine });
    bench.engine.setScales(0, { armature: 5 });
    bench.run(0.1, (world) => {
      world.jointEffort[0] = 4;
    });
    // 4/(0.5 + 1.5) = 2 rad/s² for 0.1 s.
    expect(bench.state.jointVelocity[0]).toBeCloseTo(0.2, 3);
  });

  it('leave a drive as it was', async () => {
    const bench = await makeBench(makeWheel(), { engine });
    bench.engine.setDrive(0, 0, { stiffness: 100, damping: 20, maxEffort: 100 });
    bench.engine.setScales(0, { mass: 2, inertia: [2, 2, 2] });
    bench.run(3, (world) => {
      world.jointEffort[0] = 4;
    });
    // 4/100 rad.
    expect(bench.state.jointPosition[0]).toBeCloseTo(0.04, 4);
  });
});
