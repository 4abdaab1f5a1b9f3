import { describe, expect, it } from 'vitest';
import { writeRotated } from '../../../sim/math/quat.ts';
import { computeNorm } from '../../../sim/math/vec3.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTestRobot } from '../../kit/robots.ts';

const BRICK = makeTestRobot('brick');
const MOMENTS = [1e-5, 2e-5, 2.9e-5] as const;
const MASS = 0.027;
/** Relative: Rapier's numbers have 24 bits, 6e-8, and some hundred steps add up. */
const FLOAT32 = 2e-5;

describe('a free body in Rapier', () => {
  it.each([
    { iterations: 1, late: 0.00981 },
    { iterations: 4, late: 0.0024525 },
  ])('falls late by g·t·h/(2·iterations): $late m at $iterations', async ({ iterations, late }) => {
    const solver = { iterations, internalIterations: 1 };
    const bench = await makeBench(BRICK, { gravityW: [0, 0, -9.81], solver });
    const { position, linearVelocityW } = bench.run(1);
    // Semi-implicit Euler goes too far: 1 − 9.81/2 − g·t·h/(2·iterations), h = 2 ms. Speed is exact.
    expect(position[2]).toBeCloseTo(1 - 4.905 - late, 3);
    expect(linearVelocityW[2]! / -9.81).toBeCloseTo(1, 4);
  });

  it('feels a base force in base_link and an outside force in odom', async () => {
    const bench = await makeBench(BRICK);
    // Yawed by 90°: x of base_link points along y of odom.
    bench.place(0, (s) => s.orientation.set([0, 0, Math.SQRT1_2, Math.SQRT1_2]));
    bench.run(0.5, (engine) => {
      engine.baseForceB[0] = 0.027;
      engine.externalForceW[0] = 0.054;
    });
    // 1 m/s² along y and 2 m/s² along x for 0.5 s.
    expect(bench.state.linearVelocityW[0]).toBeCloseTo(1, 4);
    expect(bench.state.linearVelocityW[1]).toBeCloseTo(0.5, 4);
  });

  it('forgets forces after each step', async () => {
    const bench = await makeBench(BRICK);
    bench.engine.baseForceB[0] = 0.027;
    bench.engine.step();
    expect(bench.engine.baseForceB[0]).toBe(0);
    bench.run(0.1);
    // One step of 1 m/s² for 2 ms.
    expect(bench.state.linearVelocityW[0]).toBeCloseTo(0.002, 6);
  });

  it.each([0, 1, 2])('turns about principal axis %i by torque over moment', async (axis) => {
    const bench = await makeBench(BRICK);
    bench.run(0.5, (engine) => {
      engine.baseTorqueB[axis] = MOMENTS[axis]!;
    });
    // 1 rad/s² for 0.5 s.
    expect(bench.state.angularVelocityB[axis]).toBeCloseTo(0.5, 4);
  });

  it.each([
    { iterations: 1, degrees: 1.2 },
    { iterations: 4, degrees: 0.3 },
  ])(
    'keeps the direction of its angular momentum to $degrees° over 1 s of tumbling, at $iterations iterations',
    async ({ iterations, degrees }) => {
      const bench = await makeBench(BRICK, { solver: { iterations, internalIterations: 1 } });
      // About the middle axis, where tumbling is unstable: without gyroscopic torque it would not tumble.
      bench.place(0, (s) => s.angularVelocityB.set([3, 20, 1]));
      const momentum = () => {
        const { orientation, angularVelocityB } = bench.state;
        const out = angularVelocityB.map((w, axis) => w * MOMENTS[axis]!);
        writeRotated(out, 0, orientation, 0, out, 0);
        return out;
      };
      const before = momentum();
      const spinBefore = bench.state.angularVelocityB[1]!;
      let slowestSpin = spinBefore;
      let worstAngle = 0;
      for (let i = 0; i < 500; i++) {
        bench.run(0.002);
        slowestSpin = Math.min(slowestSpin, bench.state.angularVelocityB[1]!);
        const now = momentum();
        const cosine =
          (before[0]! * now[0]! + before[1]! * now[1]! + before[2]! * now[2]!) /
          (computeNorm(before) * computeNorm(now));
        worstAngle = Math.max(worstAngle, (Math.acos(Math.min(1, cosine)) * 180) / Math.PI);
      }
      expect(slowestSpin).toBeLessThan(-10);
      expect(worstAngle).toBeLessThan(degrees);
    },
  );

  it('reads back what was written', async () => {
    const bench = await makeBench(BRICK, { numRobots: 4 });
    const q = [0.1, -0.2, 0.3, Math.sqrt(1 - 0.14)];
    bench.place(3, (s) => {
      s.position.set([1, -2, 3]);
      s.orientation.set(q);
      s.linearVelocityW.set([0.5, -1, 2]);
      s.angularVelocityB.set([-3, 2, 1]);
    });
    // Read through the engine's own numbers, not through our cache of what was written.
    bench.engine.restore(bench.engine.snapshot());
    const read = makeStateBatch(4, 1);
    bench.engine.readState(read);
    const rows = [
      [read.position.slice(9, 12), [1, -2, 3]],
      [read.orientation.slice(12, 16), q],
      [read.linearVelocityW.slice(9, 12), [0.5, -1, 2]],
      [read.angularVelocityB.slice(9, 12), [-3, 2, 1]],
    ] as const;
    for (const [got, wanted] of rows) {
      for (const [k, value] of wanted.entries()) expect(got[k]).toBeCloseTo(value, 5);
    }
  });

  it('reports the velocity of base_link’s origin, not of the centre of mass', async () => {
    // Dumbbell of two 1 kg balls and a 0.5 kg wheel on the second one, which is not lumped: the root
    // body's centre is 1 m along x. Turning at 2 rad/s about z with its origin at rest.
    const bench = await makeBench(makeTestRobot('dumbbell'));
    bench.place(0, (s) => s.angularVelocityB.set([0, 0, 2]));
    bench.engine.restore(bench.engine.snapshot());
    bench.engine.readState(bench.state);
    for (let k = 0; k < 3; k++) expect(bench.state.linearVelocityW[k]).toBeCloseTo(0, 5);
    // The body as a whole turns about its centre, so the origin is soon taken along.
    bench.run(0.1);
    expect(Math.abs(bench.state.linearVelocityW[0]!)).toBeGreaterThan(0.01);
  });

  it('turns against a wheel that it spins up', async () => {
    const bench = await makeBench(makeTestRobot('dumbbell'));
    bench.run(0.1, (engine) => {
      engine.jointEffort[0] = 2;
    });
    // 2 N·m for 0.1 s: the wheel of 0.1 kg·m² gains 2 rad/s. The rest, 1 kg at 0 m and 1.5 kg at 2 m with
    // their centre at 1.2 m, has 0.2 + 1·1.2² + 1.5·0.8² = 2.6 kg·m² and loses 0.2/2.6 = 0.0769 rad/s.
    expect(bench.state.angularVelocityB[2]).toBeCloseTo(-0.2 / 2.6, 3);
    expect(bench.state.jointVelocity[0]).toBeCloseTo(2 + 0.2 / 2.6, 2);
  });

  it('scales mass and moments of one copy alone', async () => {
    const bench = await makeBench(BRICK, { numRobots: 2 });
    bench.engine.setScales(1, { mass: 2, inertia: [1, 1, 4] });
    bench.run(0.5, (engine) => {
      for (const robot of [0, 1]) {
        engine.externalForceW[3 * robot] = MASS;
        engine.baseTorqueB[3 * robot + 2] = MOMENTS[2];
      }
    });
    // 1 m/s² and 1 rad/s² for 0.5 s; half and a quarter of it.
    expect(bench.state.linearVelocityW[0]).toBeCloseTo(0.5, 4);
    expect(bench.state.linearVelocityW[3]).toBeCloseTo(0.25, 4);
    expect(bench.state.angularVelocityB[2]).toBeCloseTo(0.5, 4);
    expect(bench.state.angularVelocityB[5]).toBeCloseTo(0.125, 4);
  });

  it('feels the ground, rests on it, and says so', async () => {
    const bench = await makeBench(BRICK, { gravityW: [0, 0, -9.81], ground: true, numRobots: 2 });
    bench.place(0, (s) => s.position.set([0, 0, 0.1]));
    bench.place(1, (s) => s.position.set([0, 0, 5]));
    expect(bench.engine.isInContact(0)).toBe(false);
    bench.run(0.6);
    expect(bench.engine.isInContact(0)).toBe(true);
    expect(bench.engine.isInContact(1)).toBe(false);
    // The box is 0.04 m high. Rapier lets shapes sink in by up to 1 mm.
    expect(Math.abs(bench.state.position[2]! - 0.02)).toBeLessThan(1.1e-3);
    bench.place(0, (s) => s.position.set([0, 0, 0.0195]));
    expect(bench.engine.isInContact(0)).toBe(false);
  });
});

describe('copies in one world', () => {
  const tumble = async (numRobots: number, robot: number, tileSpacing: number) => {
    const bench = await makeBench(BRICK, {
      numRobots,
      tileSpacing,
      gravityW: [0, 0, -9.81],
      ground: true,
    });
    bench.place(robot, (s) => {
      s.linearVelocityW.set([1, 0.5, 2]);
      s.angularVelocityB.set([5, 3, 1]);
    });
    bench.run(0.4, (engine) => {
      engine.baseForceB[3 * robot + 2] = 0.1;
    });
    return [
      ...bench.state.position.slice(3 * robot, 3 * robot + 3),
      ...bench.state.angularVelocityB.slice(3 * robot, 3 * robot + 3),
    ];
  };

  it('move alike whatever their tile, up to single precision', async () => {
    const alone = await tumble(1, 0, 4);
    const seventh = await tumble(8, 7, 4);
    for (const [k, value] of alone.entries()) {
      expect(Math.abs(seventh[k]! - value)).toBeLessThan(FLOAT32 * 5);
    }
  });

  it('move alike to the last bit where all tiles coincide, whoever is in the world with them', async () => {
    expect(await tumble(8, 7, 0)).toEqual(await tumble(1, 0, 0));
  });

  it('bounce off the ground alike to the last bit where all tiles coincide', async () => {
    const drop = async (numRobots: number, robot: number) => {
      const bench = await makeBench(BRICK, {
        numRobots,
        tileSpacing: 0,
        gravityW: [0, 0, -9.81],
        ground: true,
      });
      for (let i = 0; i < numRobots; i++) {
        bench.place(i, (s) => {
          s.position.set([0, 0, i === robot ? 0.1 : 0.06]);
          s.angularVelocityB.set(i === robot ? [5, 3, 1] : [-1, 2, 3]);
        });
      }
      bench.run(0.4);
      return [...bench.state.position.slice(3 * robot, 3 * robot + 3)];
    };
    expect(await drop(6, 4)).toEqual(await drop(1, 0));
  });

  it('do not feel one another even in the same place', async () => {
    const bench = await makeBench(BRICK, { numRobots: 2, tileSpacing: 0, ground: true });
    bench.run(0.1);
    expect(bench.state.linearVelocityW.every((v) => v === 0)).toBe(true);
  });
});

describe('repetition', () => {
  const push = (engine: { baseTorqueB: Float64Array; baseForceB: Float64Array }) => {
    engine.baseTorqueB[0] = 1e-6;
    engine.baseForceB[5] = 0.3;
  };
  const make = async () => {
    const bench = await makeBench(BRICK, { numRobots: 3, gravityW: [0, 0, -9.81], ground: true });
    for (const robot of [0, 1, 2]) {
      bench.place(robot, (s) => {
        s.position.set([0, 0, 0.05 * (robot + 1)]);
        s.angularVelocityB.set([4, robot, 1]);
      });
    }
    return bench;
  };
  const copy = (bench: Awaited<ReturnType<typeof make>>) => structuredClone(bench.state);

  it('gives the same bits', async () => {
    const first = await make();
    first.run(0.5, push);
    const second = await make();
    second.run(0.5, push);
    expect(copy(second)).toEqual(copy(first));
  });

  it('continues from a snapshot to the same bits, contacts included', async () => {
    const bench = await make();
    bench.run(0.2, push);
    const snapshot = bench.engine.snapshot();
    bench.run(0.3, push);
    const wanted = copy(bench);
    bench.run(0.1);
    bench.engine.restore(snapshot);
    bench.run(0.3, push);
    expect(copy(bench)).toEqual(wanted);
    // In another engine of the same configuration, too.
    const other = await make();
    other.engine.restore(snapshot);
    other.run(0.3, push);
    expect(copy(other)).toEqual(wanted);
  });

  it('refuses a snapshot of another world', async () => {
    const bench = await make();
    const other = await makeBench(BRICK, { numRobots: 2 });
    expect(() => other.engine.restore(bench.engine.snapshot())).toThrow(
      /another world \(expected 2 robots and 2 bodies, got 3 and 3\)/,
    );
    expect(() => other.engine.restore(new Uint8Array(3))).toThrow(/another world/);
  });

  it('starts afresh after a write: a used copy moves like a new one, to the last bit', async () => {
    const fresh = await make();
    fresh.run(0.3, push);
    const used = await make();
    used.run(0.4, push);
    for (const robot of [0, 1, 2]) {
      used.place(robot, (s) => {
        s.position.set([0, 0, 0.05 * (robot + 1)]);
        s.angularVelocityB.set([4, robot, 1]);
      });
    }
    used.run(0.3, push);
    expect(copy(used)).toEqual(copy(fresh));
  });
});
