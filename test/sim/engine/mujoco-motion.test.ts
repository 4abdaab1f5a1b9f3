import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../../sim/robot/load.ts';
import { computeRigidBodies } from '../../../sim/robot/rigid-bodies.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import { computeTreeEnergy } from '../../fidelity/exact/tree.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTinyRobot, makeTinySolid } from '../../kit/tiny-robot.ts';

const G = 9.81;
const makeFloor = (friction: number, restitution = 0): Scene => ({
  ground: { kind: 'plane', material: { friction, restitution } },
  objects: [],
});
const BALL = { kind: 'sphere', radius: 0.1 } as const;

describe('how MuJoCo is made to move', () => {
  it('gains no energy in a robot that tumbles with its legs held', async () => {
    const model = loadRobot('go2');
    const bodies = computeRigidBodies(model);
    const bench = await makeBench(model, { engine: 'mujoco', timestepS: 0.005 });
    const { engine, state } = bench;
    for (const joint of model.jointNames.keys()) {
      engine.setDrive(0, joint, { stiffness: 60, damping: 5, maxEffort: 23 });
    }
    engine.drivePosition.set(model.home.jointPosition);
    bench.place(0, (s) => s.angularVelocityB.set([2, 2, 1]));
    // The legs come to rest first.
    bench.run(1);
    const before = computeTreeEnergy(model, bodies, state, 0);
    bench.run(6);
    const after = computeTreeEnergy(model, bodies, state, 0);
    // Measured 6e-6; 0.044 with forces of inertia from the beginning of each step.
    expect(Math.abs(after / before - 1)).toBeLessThan(1e-3);
  });

  it.each([0.01, 0.1])('damps a light wheel at any damping, here %f N·m·s/rad', async (damping) => {
    const wheel = makeTinyRobot({
      base: 'fixed',
      links: [
        { name: 'stand', mass: 0 },
        { name: 'wheel', moment: 1e-4 },
      ],
      joints: [{ name: 'axle', parent: 'stand', child: 'wheel', damping }],
    });
    const bench = await makeBench(wheel, { engine: 'mujoco' });
    bench.place(0, (s) => s.jointVelocity.set([1]));
    bench.run(0.002);
    // h·d/I is 0.2, where e^−0.2 = 0.8187 by Runge–Kutta is exact to 0.2⁵/120, and 2, which is one implicit step: 1/3.
    const wanted = damping === 0.01 ? Math.exp(-0.2) : 1 / 3;
    expect(Math.abs(bench.state.jointVelocity[0]! - wanted)).toBeLessThan(3e-6);
  });

  it('lets what slides press on the floor with its weight, without hops', async () => {
    const sled = makeTinySolid([{ geometry: { kind: 'box', size: [0.4, 0.4, 0.04] } }]);
    const settings = { engine: 'mujoco', gravityW: [0, 0, -G] as const } as const;
    const bench = await makeBench(sled, { ...settings, scene: makeFloor(0.5) });
    bench.place(0, (s) => {
      s.position.set([0, 0, 0.02]);
      s.linearVelocityW.set([2, 0, 0]);
    });
    const forces = new Float64Array(3);
    // 2 m/s at 0.5·9.81 m/s² last 0.41 s. It sinks in within the first 0.1 s.
    for (let step = 0; step < 190; step++) {
      bench.run(0.002);
      expect(Math.abs(bench.state.position[2]! - 0.02)).toBeLessThan(1e-3);
      forces.fill(0);
      bench.engine.writeContactForces(forces);
      if (step >= 50) expect(Math.abs(forces[2]! - G)).toBeLessThan(0.05 * G);
    }
  });

  it('bounces as high wherever within a step it strikes', async () => {
    const ball = makeTinySolid([{ geometry: BALL }]);
    const settings = { engine: 'mujoco', gravityW: [0, 0, -G] as const } as const;
    const bench = await makeBench(ball, { ...settings, scene: makeFloor(0.5, 0.2) });
    for (let k = 0; k < 10; k++) {
      const height = 1 + 0.0009 * k;
      bench.place(0, (s) => s.position.set([0, 0, 0.1 + height]));
      // Down after √(2/9.81) = 0.452 s, up for 0.2 of it.
      let top = 0;
      bench.run(0.46);
      for (let step = 0; step < 60; step++) {
        top = Math.max(top, bench.run(0.002).position[2]! - 0.1);
      }
      // 0.04 of the height. Sunk in by up to 4.4 m/s · 2 ms = 9 mm, it would rise by as much less.
      expect(top / height).toBeGreaterThan(0.039);
      expect(top / height).toBeLessThan(0.04);
    }
  });

  it.each([0.1, 0.9])('rests on a floor that bounces, here by %f', async (restitution) => {
    const ball = makeTinySolid([{ geometry: BALL, restitution }]);
    const settings = { engine: 'mujoco', gravityW: [0, 0, -G] as const } as const;
    const bench = await makeBench(ball, { ...settings, scene: makeFloor(0.5) });
    bench.place(0, (s) => s.position.set([0, 0, 0.11]));
    bench.run(4);
    const forces = new Float64Array(3);
    for (let step = 0; step < 10; step++) {
      bench.run(0.002);
      forces.fill(0);
      bench.engine.writeContactForces(forces);
      expect(Math.abs(forces[2]! - G)).toBeLessThan(1e-3 * G);
    }
  });
});
