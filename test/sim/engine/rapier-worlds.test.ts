import { describe, expect, it } from 'vitest';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { FLAT_SCENE, type Scene } from '../../../sim/terrain/scene.ts';
import { type EngineBench, makeBench } from '../../kit/engine-bench.ts';
import { makeTinyRobot } from '../../kit/tiny-robot.ts';

const GRAVITY = [0, 0, -9.81] as const;
const BALL = { geometry: { kind: 'sphere', radius: 0.1 } } as const;

/** A trunk with two arms on hinges about y that meet below it; a gear; a drum that turns many times. */
const EVERYTHING = makeTinyRobot({
  links: [
    {
      name: 'trunk',
      mass: 2,
      moment: 0.05,
      shapes: [{ geometry: { kind: 'box', size: [0.6, 0.3, 0.1] } }],
    },
    { name: 'left', moment: 0.02, centre: [0, 0, -0.2], shapes: [{ ...BALL, at: [0, 0, -0.4] }] },
    { name: 'right', moment: 0.02, centre: [0, 0, -0.2], shapes: [{ ...BALL, at: [0, 0, -0.4] }] },
    { name: 'gear', moment: 0.01, mass: 0.2 },
    { name: 'drum', moment: 0.01, mass: 0.2 },
  ],
  joints: [
    {
      name: 'left_hip',
      parent: 'trunk',
      child: 'left',
      at: [0.15, 0, 0],
      armature: 0.01,
      friction: 0.05,
    },
    { name: 'right_hip', parent: 'trunk', child: 'right', at: [-0.15, 0, 0], damping: 0.02 },
    {
      ...{ name: 'gear_joint', parent: 'trunk', child: 'gear', at: [0, 0.2, 0] as const },
      mimic: { joint: 'left_hip', multiplier: -0.5, offset: 0 },
    },
    {
      ...{ name: 'drum_joint', parent: 'trunk', child: 'drum', at: [0, -0.2, 0] as const },
      ...{ type: 'revolute' as const, lower: -20, upper: 20 },
    },
  ],
  selfCollision: { kind: 'all', except: [] },
});

const SCENE: Scene = {
  ground: {
    kind: 'height_field',
    ...{ numX: 11, numY: 11, cellSize: 0.4, origin: [-2, -2] },
    heights: Float32Array.from({ length: 121 }, (_, k) => 0.05 * Math.sin(k)),
    material: DEFAULT_MATERIAL,
  },
  objects: [
    {
      name: 'shutter',
      geometry: { kind: 'box', size: [0.1, 1, 1] },
      odomFromObject: { translation: [0.8, 0, 0.5], rotation: [0, 0, 0, 1] },
      ...{ material: DEFAULT_MATERIAL, moves: true },
    },
  ],
};

const place = (bench: EngineBench, robot: number) =>
  bench.place(robot, (s) => {
    s.position.set([0, 0, 0.8]);
    s.jointPosition.set([0.1, -0.1, 0, 7]);
    s.jointVelocity.set([2, -2, 0, 15]);
  });

/** What acts on one copy at a step: everything at once. */
function act(bench: EngineBench, robot: number, step: number): void {
  const { engine } = bench;
  engine.drivePosition[4 * robot] = Math.sin(0.05 * step);
  engine.jointEffort[4 * robot + 1] = 0.3;
  engine.externalForceW[3 * robot] = 1;
  const x = 0.8 - 0.001 * step;
  engine.placeObject(robot, 0, [x, 0, 0.5], [0, 0, 0, 1], [-0.5, 0, 0]);
}

const runAll = (bench: EngineBench, numRobots: number, from: number, to: number) => {
  for (let step = from; step < to; step++) {
    for (let robot = 0; robot < numRobots; robot++) act(bench, robot, step);
    bench.engine.step();
  }
  bench.engine.readState(bench.state);
  const forces = new Float64Array(numRobots * bench.engine.shapeNames.length * 3);
  bench.engine.writeContactForces(forces);
  return { ...structuredClone(bench.state), forces };
};

const makeWorld = async (numRobots: number) => {
  const bench = await makeBench(EVERYTHING, { numRobots, gravityW: GRAVITY, scene: SCENE });
  for (let robot = 0; robot < numRobots; robot++) {
    bench.engine.setDrive(robot, 0, { stiffness: 20, damping: 1, maxEffort: 5 });
    place(bench, robot);
  }
  return bench;
};

describe('a Rapier snapshot', () => {
  it('continues to the same bits: servos, rotors, followers, turns, self-collision, moving objects', async () => {
    const bench = await makeWorld(2);
    runAll(bench, 2, 0, 150);
    const snapshot = bench.engine.snapshot();
    const wanted = runAll(bench, 2, 150, 400);
    expect(wanted.forces.some((force) => force !== 0)).toBe(true);
    // The drum has turned on: 7 rad and 15 rad/s for 0.8 s, to its limit at most.
    expect(wanted.jointPosition[3]).toBeGreaterThan(15);
    bench.engine.restore(snapshot);
    expect(runAll(bench, 2, 150, 400)).toEqual(wanted);
    const other = await makeBench(EVERYTHING, { numRobots: 2, gravityW: GRAVITY, scene: SCENE });
    other.engine.restore(snapshot);
    expect(runAll(other, 2, 150, 400)).toEqual(wanted);
  });

  it('holds where the turns of a joint stood, read or not', async () => {
    const bench = await makeWorld(1);
    const snapshot = bench.engine.snapshot();
    place(bench, 0);
    bench.engine.restore(snapshot);
    bench.engine.readState(bench.state);
    expect(bench.state.jointPosition[3]).toBeCloseTo(7, 5);
  });
});

describe('copies that touch themselves, each in a Rapier world of its own', () => {
  const NUM_ROBOTS = 17;

  it('move alike to the last bit in every world', async () => {
    const bench = await makeWorld(NUM_ROBOTS);
    const { position, jointPosition, forces } = runAll(bench, NUM_ROBOTS, 0, 200);
    const shapes = forces.length / NUM_ROBOTS;
    for (let robot = 1; robot < NUM_ROBOTS; robot++) {
      expect(position.slice(3 * robot, 3 * robot + 3)).toEqual(position.slice(0, 3));
      expect(jointPosition.slice(4 * robot, 4 * robot + 4)).toEqual(jointPosition.slice(0, 4));
      expect(forces.slice(shapes * robot, shapes * (robot + 1))).toEqual(forces.slice(0, shapes));
    }
  });

  it('meet their own obstacle alone', async () => {
    const bench = await makeWorld(NUM_ROBOTS);
    const front = new Float64Array(NUM_ROBOTS);
    for (let robot = 0; robot < NUM_ROBOTS; robot++) {
      // Copy by copy 1 cm further away, from 1 m on.
      bench.engine.placeObject(robot, 0, [1.05 + 0.01 * robot, 0, 5], [0, 0, 0, 1], [0, 0, 0]);
    }
    bench.engine.castRays({
      numRays: NUM_ROBOTS,
      robot: Int32Array.from({ length: NUM_ROBOTS }, (_, robot) => robot),
      origin: Float64Array.from({ length: 3 * NUM_ROBOTS }, (_, k) => (k % 3 === 2 ? 5 : 0)),
      direction: Float64Array.from({ length: 3 * NUM_ROBOTS }, (_, k) => (k % 3 === 0 ? 1 : 0)),
      maxRange: 10,
      hits: 'scene',
      distance: front,
    });
    for (const [robot, distance] of front.entries()) {
      expect(distance).toBeCloseTo(1 + 0.01 * robot, 5);
    }
  });
});

describe('go2 in the air in Rapier', () => {
  it('turns as its momentum has it, while stiff drives hold four hips on a trunk no heavier than they push', async () => {
    const model = loadRobot('go2');
    const { rateHz, solver } = model.physics;
    const bench = await makeBench(model, { timestepS: 1 / rateHz, solver });
    for (const actuator of model.actuators) {
      if (actuator.kind !== 'pd') continue;
      const joint = model.jointNames.indexOf(actuator.joint);
      bench.engine.setDrive(0, joint, actuator);
      bench.engine.drivePosition[joint] = model.home.jointPosition[joint]!;
    }
    bench.place(0, (s) => {
      s.jointPosition.set(model.home.jointPosition);
      s.angularVelocityB.set([4, -3, 2]);
    });
    let fastestTurn = 0;
    let fastestJoint = 0;
    for (let k = 0; k < 100; k++) {
      const { angularVelocityB, jointVelocity } = bench.run(1 / rateHz);
      fastestTurn = Math.max(fastestTurn, Math.hypot(...angularVelocityB));
      fastestJoint = Math.max(fastestJoint, ...jointVelocity.map(Math.abs));
    }
    // √(4² + 3² + 2²) = 5.4 rad/s at the start; legs that are flung out by it move at less than that.
    expect(fastestTurn).toBeLessThan(6);
    expect(fastestJoint).toBeLessThan(5);
  });
});

describe('go2 standing in Rapier', () => {
  it('neither creeps nor sinks in, and its motors carry what its weight asks of them', async () => {
    const model = loadRobot('go2');
    const stand = async (internalIterations: number) => {
      const { rateHz, solver } = model.physics;
      const bench = await makeBench(model, {
        gravityW: GRAVITY,
        timestepS: 1 / rateHz,
        scene: FLAT_SCENE,
        solver: { ...solver, rapier: { ...solver.rapier, internalIterations } },
      });
      // Friction in the joints could carry a part of the weight, and hide what motors do.
      bench.engine.setScales(0, { jointFriction: 0 });
      for (const actuator of model.actuators) {
        if (actuator.kind !== 'pd') continue;
        const joint = model.jointNames.indexOf(actuator.joint);
        bench.engine.setDrive(0, joint, actuator);
        bench.engine.drivePosition[joint] = model.home.jointPosition[joint]!;
      }
      bench.run(2);
      return bench;
    };
    const bench = await stand(model.physics.solver.rapier.internalIterations);
    const before = bench.state.position.slice();
    const { position, jointEffort } = bench.run(0.5);
    // 5 mm in 8 s are allowed; these are half a second.
    for (let k = 0; k < 3; k++) expect(Math.abs(position[k]! - before[k]!)).toBeLessThan(1e-4);
    expect(bench.engine.computePenetration(0)).toBeLessThan(5e-4);
    const forces = new Float64Array(3 * bench.engine.shapeNames.length);
    bench.engine.writeContactForces(forces);
    const lift = forces.reduce((sum, force, k) => (k % 3 === 2 ? sum + force : sum), 0);
    const mass = model.links.reduce((sum, link) => sum + (link.inertial?.mass ?? 0), 0);
    expect(Math.abs(lift / (mass * 9.81) - 1)).toBeLessThan(1e-3);
    // After 64 sweeps Rapier has converged.
    const converged = (await stand(64)).state.jointEffort;
    for (const [j, name] of model.jointNames.entries()) {
      if (!name.includes('calf')) continue;
      expect(Math.abs(jointEffort[j]! / converged[j]! - 1)).toBeLessThan(0.05);
    }
  });
});

describe('turtlebot at rest in Rapier', () => {
  it('does not shake on its light wheels', async () => {
    const model = loadRobot('turtlebot');
    const { rateHz, solver } = model.physics;
    const bench = await makeBench(model, {
      gravityW: GRAVITY,
      timestepS: 1 / rateHz,
      scene: FLAT_SCENE,
      solver,
    });
    for (const actuator of model.actuators) {
      if (actuator.kind !== 'velocity') continue;
      const joint = model.jointNames.indexOf(actuator.joint);
      bench.engine.setDrive(0, joint, { ...actuator, stiffness: 0 });
    }
    bench.run(1);
    let before = bench.state.position.slice();
    let fastest = 0;
    for (let i = 0; i < rateHz; i++) {
      const { position } = bench.run(1 / rateHz);
      fastest = Math.max(
        fastest,
        rateHz * Math.hypot(position[0]! - before[0]!, position[1]! - before[1]!),
      );
      before = position.slice();
    }
    // A tenth of what odometry resolves, a tick of 0.0124 rad in 16 ms: 0.1 · 0.0124 · 35.75 mm / 16 ms = 2.8 mm/s.
    expect(fastest).toBeLessThan(2.8e-3);
  });
});
