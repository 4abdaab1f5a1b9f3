import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../sim/engine/engine.ts';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import { type EngineBench, makeBench } from '../../kit/engine-bench.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

/** A body that drives, mimics, rubs, bounces and strikes itself, on hills with a thing that moves. */
const ROBOT = makeTinyRobot({
  selfCollision: { kind: 'all', except: [] },
  links: [
    { name: 'hull', moment: 0.05, shapes: [{ geometry: { kind: 'box', size: [0.4, 0.3, 0.1] } }] },
    {
      ...{ name: 'arm', mass: 0.3, centre: [0.2, 0, 0], moment: 0.01 },
      shapes: [{ geometry: { kind: 'capsule', radius: 0.05, length: 0.2 }, at: [0.3, 0, 0] }],
    },
    {
      ...{ name: 'finger', mass: 0.1, centre: [0.1, 0, 0], moment: 0.005 },
      shapes: [{ geometry: { kind: 'sphere', radius: 0.06 }, at: [0.15, 0, 0], restitution: 0.4 }],
    },
    { name: 'tail', mass: 0.2, centre: [-0.2, 0, 0], moment: 0.01 },
  ],
  joints: [
    {
      ...{ name: 'shoulder', type: 'revolute', parent: 'hull', child: 'arm', at: [0.2, 0, 0] },
      ...{ lower: -1, upper: 1, armature: 0.01, damping: 0.05, friction: 0.02 },
    },
    {
      ...{ name: 'knuckle', type: 'revolute', parent: 'arm', child: 'finger', at: [0.4, 0, 0] },
      mimic: { joint: 'shoulder', multiplier: -0.5, offset: 0.1 },
    },
    { name: 'hip', parent: 'hull', child: 'tail', at: [-0.2, 0, 0], friction: 0.01 },
  ],
});

const SCENE: Scene = {
  ground: {
    ...{ kind: 'height_field', numX: 12, numY: 12, cellSize: 0.3, origin: [-1.6, -1.7] },
    heights: Float32Array.from({ length: 144 }, (_, k) => 0.05 * Math.sin(k)),
    material: { friction: 0.7, restitution: 0.1 },
  },
  objects: [
    {
      ...{ name: 'mover', geometry: { kind: 'sphere', radius: 0.2 }, moves: true },
      ...{ material: DEFAULT_MATERIAL },
      odomFromObject: { translation: [1.2, 0, 0.2], rotation: [0, 0, 0, 1] },
    },
  ],
};

describe.each(ENGINES)('everything at once in $engine', ({ engine }) => {
  const make = async () => {
    const settings = { engine, numRobots: 3, tileSpacing: 0, scene: SCENE } as const;
    const bench = await makeBench(ROBOT, { ...settings, gravityW: [0, 0, -9.81] });
    return bench;
  };
  const prepare = ({ engine: world, place }: EngineBench) => {
    for (const robot of [0, 1, 2]) {
      place(robot, (s) => {
        s.position.set([0.1 * robot, 0, 0.15]);
        s.angularVelocityB.set([0.5, 0.2 * robot, -0.5]);
      });
      world.setDrive(robot, 0, { stiffness: 20 + robot, damping: 0.5, maxEffort: 3 });
      world.setDrive(robot, 2, { stiffness: 0, damping: 0.1, maxEffort: 0.5 });
      world.drivePosition[3 * robot] = 0.8 - 0.3 * robot;
      world.driveVelocity[3 * robot + 2] = 5;
    }
    world.setScales(1, {
      ...{ mass: 1.2, inertia: [1.1, 0.9, 1], contactFriction: 0.6 },
      ...{ jointDamping: 2, jointFriction: 0.5, armature: 1.5 },
    });
  };
  /** Where the mover is depends on time alone, so that it can go on after a restore. */
  const makePusher = () => {
    let step = 0;
    const push = (world: Engine) => {
      step++;
      const x = 1.2 - 0.5 * 0.002 * step;
      for (const robot of [0, 1, 2]) {
        world.placeObject(robot, 0, [x, 0, 0.2], [0, 0, 0, 1], [-0.5, 0, 0]);
      }
      world.jointEffort[2] = 0.05;
    };
    return { push, goTo: (other: number) => (step = other) };
  };
  const listForces = (bench: EngineBench) => {
    const forces = new Float64Array(3 * 3 * bench.engine.shapeNames.length);
    bench.engine.writeContactForces(forces);
    return [...forces];
  };
  const read = (bench: EngineBench) => {
    bench.engine.readState(bench.state);
    return structuredClone({ state: bench.state, forces: listForces(bench) });
  };

  it('goes on from a snapshot to the same bits: drives, targets, scales, movers, forces', async () => {
    const bench = await make();
    prepare(bench);
    const { push, goTo } = makePusher();
    bench.run(0.4, push);
    const snapshot = bench.engine.snapshot();
    const middle = read(bench);
    bench.run(0.4, push);
    const wanted = read(bench);
    expect(wanted.forces.some((force) => Math.abs(force) > 0.1)).toBe(true);
    expect(wanted.state.position.every(Number.isFinite)).toBe(true);
    // Everything is changed before all is restored.
    for (const robot of [0, 1, 2]) {
      bench.engine.setDrive(robot, 0, { stiffness: 1, damping: 9, maxEffort: 1 });
      bench.engine.setDrive(robot, 2, { stiffness: 0, damping: 0, maxEffort: 0 });
      bench.engine.setScales(robot, { jointDamping: 7, contactFriction: 3 });
      bench.engine.placeObject(robot, 0, [0, 0, 0.1], [0, 0, 0, 1], [1, 1, 1]);
    }
    bench.engine.drivePosition.fill(-1);
    bench.engine.driveVelocity.fill(3);
    bench.run(0.05);
    for (const target of [bench, await make()]) {
      target.engine.restore(snapshot);
      expect(read(target)).toEqual(middle);
      goTo(200);
      target.run(0.4, push);
      expect(read(target)).toEqual(wanted);
    }
  });

  it('is the same to the last bit whoever asks what in between', async () => {
    const run = async (ask: (bench: EngineBench) => void) => {
      const bench = await make();
      prepare(bench);
      const { push } = makePusher();
      for (let i = 0; i < 150; i++) {
        bench.run(0.002, push);
        ask(bench);
      }
      return read(bench);
    };
    const wanted = await run(() => {});
    const distance = new Float64Array(1);
    const asked = await run((bench) => {
      bench.engine.isInContact(1);
      bench.engine.computePenetration(2);
      bench.engine.castRays({
        numRays: 1,
        robot: new Int32Array(1),
        origin: Float64Array.from([0, 0, 1]),
        direction: Float64Array.from([0, 0, -1]),
        maxRange: 5,
        hits: { robotExceptLink: 'tail' },
        distance,
      });
      listForces(bench);
      bench.engine.snapshot();
    });
    expect(asked).toEqual(wanted);
  });

  it('keeps a drive through a write, and forgets forces', async () => {
    const bench = await make();
    prepare(bench);
    bench.run(0.3);
    for (const robot of [0, 1, 2]) bench.place(robot, (s) => s.position.set([0, 0, 5]));
    expect(listForces(bench).every((force) => force === 0)).toBe(true);
    expect([...bench.state.jointEffort].every((effort) => effort === 0)).toBe(true);
    bench.run(0.4);
    // The first copy's target is 0.8 rad; its drive of 20 N·m/rad turns the arm towards it.
    expect(bench.state.jointPosition[0]).toBeGreaterThan(0.5);
  });
});
