import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { SolverConfig } from '../../../sim/robot/physics-config.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { getTestRobotSource, makeTestRobot, parseTestRobot } from '../../kit/robots.ts';

describe('Rapier', () => {
  it.each([
    { iterations: 1, late: 0.00981 },
    { iterations: 4, late: 0.0024525 },
  ])('falls late by g·t·h/(2·iterations): $late m at $iterations', async ({ iterations, late }) => {
    const solver = SolverConfig.parse({ rapier: { iterations, internalIterations: 1 } });
    const bench = await makeBench(makeTestRobot('brick'), { gravityW: [0, 0, -9.81], solver });
    const { position } = bench.run(1);
    expect(position[2]).toBeCloseTo(1 - 4.905 - late, 3);
  });

  it('keeps a pole on its cart: the hinge gapes by less than 0.1 mm while it swings', async () => {
    const bench = await makeBench(loadRobot('cartpole'), { gravityW: [0, 0, -9.81] });
    bench.place(0, (s) => s.jointPosition.set([0, 1]));
    // Written back and forth, a gap would change the pose: joints alone must reproduce the motion.
    bench.run(1);
    const before = structuredClone(bench.state);
    bench.engine.writeState(0, before, 0);
    bench.engine.readState(bench.state);
    for (const [k, value] of before.jointPosition.entries()) {
      expect(Math.abs(bench.state.jointPosition[k]! - value)).toBeLessThan(1e-4);
    }
  });

  it('continues a swinging pole, whose orientations are flushed to zero, from a snapshot to the same bits', async () => {
    const make = () => makeBench(loadRobot('cartpole'), { gravityW: [0, 0, -9.81] });
    const bench = await make();
    bench.place(0, (s) => s.jointPosition.set([0, 1]));
    bench.run(0.1);
    const snapshot = bench.engine.snapshot();
    const wanted = structuredClone(bench.run(0.2));
    const other = await make();
    other.engine.restore(snapshot);
    expect(other.run(0.2)).toEqual(wanted);
  });

  it('lifts what hangs on rotors that rub and weigh as much as what hangs on free ones', async () => {
    const { urdf, yaml } = getTestRobotSource('twin-rotor');
    const rubbing = urdf.replaceAll(
      '<axis xyz="0 0 1"/>',
      '<axis xyz="0 0 1"/><dynamics damping="0.1" friction="0.1"/>',
    );
    const rise = async (model: RobotModel) => {
      const bench = await makeBench(model);
      return bench.run(1, ({ externalForceW }) => {
        externalForceW[2] = 1;
      }).linearVelocityW[2]!;
    };
    // 1 N on 1 kg for 1 s.
    expect(await rise(parseTestRobot({ urdf: rubbing, yaml }))).toBeCloseTo(1, 4);
    expect(await rise(makeTestRobot('twin-rotor'))).toBeCloseTo(1, 4);
  });
});

describe('servos on light links in Rapier', () => {
  /** Four links of 10 g, 25 mm long, level, each with half the moment of a rod, 10 g · (25 mm)² / 24 = 2.6e-7. */
  function makeFinger(): RobotModel {
    const links = [0, 1, 2, 3].map(
      (i) => `<link name="l${i}"><inertial><origin xyz="0.0125 0 0"/><mass value="0.01"/>
        <inertia ixx="2.6e-7" iyy="2.6e-7" izz="2.6e-7" ixy="0" ixz="0" iyz="0"/></inertial></link>
        <joint name="j${i}" type="revolute"><parent link="${i > 0 ? `l${i - 1}` : 'base'}"/><child link="l${i}"/>
        <origin xyz="${i > 0 ? 0.025 : 0} 0 0"/><axis xyz="0 1 0"/>
        <limit lower="-3" upper="3" effort="100" velocity="100"/></joint>`,
    );
    const { yaml } = getTestRobotSource('crane');
    return parseTestRobot({
      urdf: `<robot name="crane"><link name="base"/>${links.join('')}</robot>`,
      yaml: yaml.replace('slew', 'j0').replace('slide', 'j1'),
    });
  }

  it.each([
    // A spring alone, and dampers that would stop 10, 100 and 1000 times the moment of a link in a step of 2 ms.
    { damping: 0 },
    { damping: 0.0013 },
    { damping: 0.013 },
    { damping: 0.13 },
  ])('neither whirl nor run away with a damping of $damping', async ({ damping }) => {
    const model = makeFinger();
    const solver = SolverConfig.parse({ rapier: { iterations: 1, internalIterations: 8 } });
    const bench = await makeBench(model, { gravityW: [0, 0, -9.81], solver });
    // 4 · 10 g · 9.81 · 50 mm = 0.0196 N·m sink the first joint by 0.08 rad.
    for (let j = 0; j < 4; j++) {
      bench.engine.setDrive(0, j, { stiffness: 0.245, damping, maxEffort: 10 });
    }
    let fastest = 0;
    for (let i = 0; i < 1000; i++) {
      for (const speed of bench.run(0.002).jointVelocity) {
        fastest = Math.max(fastest, Math.abs(speed));
      }
    }
    // A link that falls freely by its whole length from rest: √(2 · 9.81 · 0.1) / 0.1 = 14 rad/s.
    expect(fastest).toBeLessThan(14);
  });
});

describe('the pace of a body in Rapier', () => {
  it.each([
    { timestepS: 0.002, fastest: 392.7 },
    { timestepS: 0.005, fastest: 157.1 },
  ])('is 45° in a step at most: $fastest rad/s at $timestepS s', async ({ timestepS, fastest }) => {
    const bench = await makeBench(makeTestRobot('brick'), { timestepS });
    bench.place(0, (s) => s.angularVelocityB.set([0, 0, 500]));
    const { angularVelocityB } = bench.run(5 * timestepS);
    // π/4 over the step.
    expect(angularVelocityB[2]).toBeCloseTo(fastest, 1);
  });
});

describe('what Rapier refuses', () => {
  it('a collision mesh that was not found, by name', async () => {
    const twin = getTestRobotSource('crane');
    const model = parseTestRobot({
      ...twin,
      urdf: twin.urdf.replace(
        '<link name="tip"/>',
        '<link name="tip"><collision name="hook"><geometry><mesh filename="hook.stl"/></geometry></collision></link>',
      ),
    });
    await expect(makeBench(model)).rejects.toThrow(
      /robot 'crane', link 'tip', collision 'hook': its mesh was not found.*openRobot/,
    );
  });

  it('settings that make no sense', async () => {
    const model = makeTestRobot('brick');
    await expect(makeBench(model, { numRobots: 0 })).rejects.toThrow(
      /numRobots must be in 1 … 4096/,
    );
    await expect(makeBench(model, { timestepS: -1 })).rejects.toThrow(/timestepS/);
    await expect(makeBench(model, { tileSpacing: Number.NaN })).rejects.toThrow(/tileSpacing/);
  });
});
