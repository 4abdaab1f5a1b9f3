import { describe, expect, it } from 'vitest';
import { writeRotated } from '../../../sim/math/quat.ts';
import { computeNorm } from '../../../sim/math/vec3.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { type BenchSettings, makeBench as makeAnyBench } from '../../kit/engine-bench.ts';
import {
  getTestRobotSource,
  makeTestRobot,
  parseTestRobot,
  type TestRobotName,
} from '../../kit/robots.ts';
import { ENGINES } from './engines.ts';

const MOMENTS = [1e-5, 2e-5, 2.9e-5] as const;
const MASS = 0.027;
const GRAVITY = [0, 0, -9.81] as const;

describe.each(ENGINES)('a free body in $engine', ({ engine, ...tolerance }) => {
  const makeBench = (settings: BenchSettings = {}, name: TestRobotName = 'brick') =>
    makeAnyBench(makeTestRobot(name), { engine, ...settings });
  /** Expects got = wanted up to the engine's rounding. */
  const expectNear = (got: number | undefined, wanted: number) =>
    expect(Math.abs(got! - wanted)).toBeLessThan(tolerance.rounding);

  it('falls as far as its integrator falls', async () => {
    const bench = await makeBench({ gravityW: GRAVITY });
    const { position, linearVelocityW } = bench.run(1);
    // Semi-implicit Euler is too far by g·t·h/2, h being its step. Speed is exact.
    expectNear(position[2], 1 - 9.81 / 2 - (9.81 * tolerance.freeStepS) / 2);
    expectNear(linearVelocityW[2]! / -9.81, 1);
  });

  it('feels a base force in base_link and an outside force in odom', async () => {
    const bench = await makeBench();
    // Yawed by 90°: x of base_link points along y of odom.
    bench.place(0, (s) => s.orientation.set([0, 0, Math.SQRT1_2, Math.SQRT1_2]));
    bench.run(0.5, (world) => {
      world.baseForceB[0] = 0.027;
      world.externalForceW[0] = 0.054;
    });
    // 1 m/s² along y and 2 m/s² along x for 0.5 s.
    expectNear(bench.state.linearVelocityW[0], 1);
    expectNear(bench.state.linearVelocityW[1], 0.5);
    expectNear(bench.state.angularVelocityB[2], 0);
  });

  it('feels a base torque in base_link', async () => {
    const bench = await makeBench();
    bench.place(0, (s) => s.orientation.set([0, 0, Math.SQRT1_2, Math.SQRT1_2]));
    bench.run(0.1, (world) => {
      world.baseTorqueB[0] = MOMENTS[0];
    });
    // 1 rad/s² about x of base_link for 0.1 s: along y of odom, so it pitches nose down there.
    expectNear(bench.state.angularVelocityB[0], 0.1);
    expectNear(bench.state.angularVelocityB[1], 0);
  });

  it('forgets forces after each step', async () => {
    const bench = await makeBench();
    bench.engine.baseForceB[0] = 0.027;
    bench.engine.baseTorqueB[2] = MOMENTS[2];
    bench.engine.step();
    expect(bench.engine.baseForceB[0]).toBe(0);
    expect(bench.engine.baseTorqueB[2]).toBe(0);
    bench.run(0.1);
    // One step of 1 m/s² and 1 rad/s² for 2 ms.
    expectNear(bench.state.linearVelocityW[0], 0.002);
    expectNear(bench.state.angularVelocityB[2], 0.002);
  });

  it.each([0, 1, 2])('turns about principal axis %i by torque over moment', async (axis) => {
    const bench = await makeBench();
    bench.run(0.5, (world) => {
      world.baseTorqueB[axis] = MOMENTS[axis]!;
    });
    // 1 rad/s² for 0.5 s.
    expectNear(bench.state.angularVelocityB[axis], 0.5);
  });

  it('keeps its angular momentum over 1 s of tumbling', async () => {
    const bench = await makeBench();
    // About the middle axis, where tumbling is unstable: without gyroscopic torque it would not tumble.
    bench.place(0, (s) => s.angularVelocityB.set([3, 20, 1]));
    const momentum = () => {
      const { orientation, angularVelocityB } = bench.state;
      const out = angularVelocityB.map((w, axis) => w * MOMENTS[axis]!);
      writeRotated(out, 0, orientation, 0, out, 0);
      return out;
    };
    const before = momentum();
    let slowestSpin = 20;
    let worstAngle = 0;
    let worstSize = 0;
    for (let i = 0; i < 500; i++) {
      bench.run(0.002);
      slowestSpin = Math.min(slowestSpin, bench.state.angularVelocityB[1]!);
      const now = momentum();
      const dot = before[0]! * now[0]! + before[1]! * now[1]! + before[2]! * now[2]!;
      const cosine = dot / (computeNorm(before) * computeNorm(now));
      worstAngle = Math.max(worstAngle, (Math.acos(Math.min(1, cosine)) * 180) / Math.PI);
      worstSize = Math.max(worstSize, Math.abs(computeNorm(now) / computeNorm(before) - 1));
    }
    expect(slowestSpin).toBeLessThan(-10);
    expect(worstAngle).toBeLessThan(tolerance.momentumTurnDeg);
    expect(worstSize).toBeLessThan(tolerance.momentumLoss);
  });

  it('reads back what was written', async () => {
    const bench = await makeBench({ numRobots: 4 });
    const q = [0.1, -0.2, 0.3, Math.sqrt(1 - 0.14)];
    bench.place(3, (s) => {
      s.position.set([1, -2, 3]);
      s.orientation.set(q);
      s.linearVelocityW.set([0.5, -1, 2]);
      s.angularVelocityB.set([-3, 2, 1]);
    });
    // Read through the engine's own numbers, not through a cache of what was written.
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
      for (const [k, value] of wanted.entries()) expectNear(got[k], value);
    }
  });

  it('moves along its velocity in odom and turns about its rate in base_link', async () => {
    const bench = await makeBench();
    bench.place(0, (s) => {
      s.orientation.set([Math.SQRT1_2, 0, 0, Math.SQRT1_2]);
      s.linearVelocityW.set([0, 0.5, 0]);
      s.angularVelocityB.set([0, 0, 2]);
    });
    bench.run(0.1);
    expectNear(bench.state.position[1], 0.05);
    // Rolled by 90°, then turned by 0.2 rad about its own z: Rx(90°) · Rz(0.2).
    const wanted = [Math.cos(0.1), -Math.sin(0.1), Math.sin(0.1), Math.cos(0.1)];
    for (const [k, value] of wanted.entries()) {
      // Each engine turns by first-order steps, 2 rad/s · 0.5 ms at worst.
      expect(Math.abs(bench.state.orientation[k]! - value * Math.SQRT1_2)).toBeLessThan(1e-3);
    }
  });

  it('reports the velocity of base_link’s origin, not of the centre of mass', async () => {
    // Dumbbell of two 1 kg balls and a 0.5 kg wheel on the second one, which is not lumped: the root
    // body's centre is 1 m along x. Turning at 2 rad/s about z with its origin at rest.
    const bench = await makeBench({}, 'dumbbell');
    bench.place(0, (s) => s.angularVelocityB.set([0, 0, 2]));
    bench.engine.restore(bench.engine.snapshot());
    bench.engine.readState(bench.state);
    for (let k = 0; k < 3; k++) expectNear(bench.state.linearVelocityW[k], 0);
    // The body as a whole turns about its centre, so the origin is soon taken along.
    bench.run(0.1);
    expect(Math.abs(bench.state.linearVelocityW[0]!)).toBeGreaterThan(0.01);
  });

  it('keeps base_link’s origin where the centre of mass is elsewhere', async () => {
    const { urdf, yaml } = getTestRobotSource('brick');
    const off = parseTestRobot({
      yaml,
      urdf: urdf.replace('<inertial>', '<inertial><origin xyz="0.1 0 0"/>'),
    });
    const bench = await makeAnyBench(off, { engine });
    bench.place(0, (s) => s.angularVelocityB.set([0, 0, 2]));
    const { position } = bench.run(0.5);
    // The centre, 0.1 m ahead, flies at 2·0.1 m/s along y: to (0.1, 0.1). Turned by 1 rad, the origin lies
    // 0.1·(cos 1, sin 1) behind it. Turning by first-order steps costs up to a millimetre.
    expect(Math.abs(position[0]! - (0.1 - 0.1 * Math.cos(1)))).toBeLessThan(1e-3);
    expect(Math.abs(position[1]! - (0.1 - 0.1 * Math.sin(1)))).toBeLessThan(1e-3);
  });

  it('takes a base force at the root body’s centre of mass', async () => {
    // Two 1 kg balls at 0 and 2 m: the force acts at 1 m, and the wheel of 0.5 kg at 2 m drags behind.
    const bench = await makeBench({}, 'dumbbell');
    bench.run(0.002, (world) => {
      world.baseForceB[1] = 10;
    });
    // The whole's centre is at (0 + 2 + 1)/2.5 = 1.2 m, so the torque is −0.2·10 = −2 N·m, on 2.6 kg·m² as
    // below (the wheel is free to turn and counts as a point): −0.769 rad/s².
    expect(bench.state.angularVelocityB[2]! / 0.002).toBeCloseTo(-2 / 2.6, 2);
  });

  it('turns against a wheel that it spins up', async () => {
    const bench = await makeBench({}, 'dumbbell');
    bench.run(0.1, (world) => {
      world.jointEffort[0] = 2;
    });
    // 2 N·m for 0.1 s: the wheel of 0.1 kg·m² gains 2 rad/s. The rest, 1 kg at 0 m and 1.5 kg at 2 m with
    // their centre at 1.2 m, has 0.2 + 1·1.2² + 1.5·0.8² = 2.6 kg·m² and loses 0.2/2.6 = 0.0769 rad/s.
    expectNear(bench.state.angularVelocityB[2], -0.2 / 2.6);
    expectNear(bench.state.jointVelocity[0], 2 + 0.2 / 2.6);
  });

  it('scales mass and moments of one copy alone, without disturbing its motion', async () => {
    const bench = await makeBench({ numRobots: 2 });
    bench.place(1, (s) => s.linearVelocityW.set([0, 1, 0]));
    bench.engine.setScales(1, { mass: 2, inertia: [1, 1, 4] });
    bench.run(0.5, (world) => {
      for (const robot of [0, 1]) {
        world.externalForceW[3 * robot] = MASS;
        world.baseTorqueB[3 * robot + 2] = MOMENTS[2];
      }
    });
    // 1 m/s² and 1 rad/s² for 0.5 s; half and a quarter of it.
    expectNear(bench.state.linearVelocityW[0], 0.5);
    expectNear(bench.state.linearVelocityW[3], 0.25);
    expectNear(bench.state.linearVelocityW[4], 1);
    expectNear(bench.state.angularVelocityB[2], 0.5);
    expectNear(bench.state.angularVelocityB[5], 0.125);
  });

  it('feels the ground, rests on it, and says so', async () => {
    const bench = await makeBench({ gravityW: GRAVITY, scene: FLAT_SCENE, numRobots: 2 });
    bench.place(0, (s) => s.position.set([0, 0, 0.1]));
    bench.place(1, (s) => s.position.set([0, 0, 5]));
    expect(bench.engine.isInContact(0)).toBe(false);
    bench.run(0.6);
    expect(bench.engine.isInContact(0)).toBe(true);
    expect(bench.engine.isInContact(1)).toBe(false);
    // The box is 0.04 m high.
    expect(Math.abs(bench.state.position[2]! - 0.02)).toBeLessThan(tolerance.softness);
    bench.place(0, (s) => s.position.set([0, 0, 0.0195]));
    expect(bench.engine.isInContact(0)).toBe(false);
  });
});
