import type { Vec3 } from '../../../sim/math/vec3.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { computeTotalMass, type RobotModel } from '../../../sim/robot/model.ts';
import {
  computeRigidBodies,
  getBodyFromLink,
  type RigidBody,
} from '../../../sim/robot/rigid-bodies.ts';
import { composeTransforms } from '../../../sim/robot/transform.ts';
import { G, makeFloor } from '../bodies.ts';
import { computeHoldingEfforts, type PointForce } from '../exact/statics.ts';
import { computeFrames } from '../exact/tree.ts';
import { computePercent, type Experiment, type Row } from '../experiment.ts';
import { advanceUntil, makeHomeCommand } from '../legged.ts';
import { type OpenWorld, withWorld } from '../worlds.ts';

const FEET = ['FL_foot', 'FR_foot', 'RL_foot', 'RR_foot'] as const;
const KINDS = ['hip', 'thigh', 'calf'] as const;
/** [s] until it stands still */
const SETTLED_S = 10;

/** Dry friction in a joint may hold anything up to its size; without it the drives have to hold all. */
function stripJointFriction(model: RobotModel): RobotModel {
  return { ...model, joints: model.joints.map((joint) => ({ ...joint, friction: 0 })) };
}

/** What presses on each foot, at its lowest point. */
function listFootForces({ world, engine }: OpenWorld, bodies: readonly RigidBody[]): PointForce[] {
  const { model, truth } = world;
  const frames = computeFrames(bodies, truth);
  const measured = new Float64Array(3 * engine.shapeNames.length);
  engine.writeContactForces(measured);
  return FEET.map((name) => {
    const link = model.links.find(({ collisions }) => collisions.some((c) => c.name === name))!;
    const shape = link.collisions.find((c) => c.name === name)!;
    if (shape.geometry.kind !== 'sphere') throw new RangeError(`${name} is no ball`);
    const body = bodies.findIndex(({ links }) => links.some((part) => part.name === link.name));
    const bodyFromShape = composeTransforms(
      getBodyFromLink(bodies[body]!, link.name),
      shape.linkFromShape,
    );
    const [x, y, z, w] = frames[body]!.orientation;
    const [px, py, pz] = frames[body]!.position;
    const centre = composeTransforms(
      { translation: [px!, py!, pz!], rotation: [x!, y!, z!, w!] },
      bodyFromShape,
    ).translation;
    const o = 3 * engine.shapeNames.indexOf(name);
    const force: Vec3 = [measured[o]!, measured[o + 1]!, measured[o + 2]!];
    return { body, force, at: [centre[0], centre[1], centre[2] - shape.geometry.radius] };
  });
}

export const statics: Experiment = {
  name: 'statics',
  shows:
    'go2 stands on ice, without dry friction in its joints: then nothing but its drives can hold it, and each torque must be ' +
    'the moment of all that hangs and presses beyond its joint (weights, and the forces under the feet), in the pose that ' +
    'the engine itself has found.',
  settings: { robot: 'go2' },
  run(setup) {
    const model = stripJointFriction(loadRobot('go2'));
    const scene = makeFloor({ friction: 0, restitution: 0 });
    return withWorld(model, setup, { scene }, (open) => {
      const { world } = open;
      const bodies = computeRigidBodies(model);
      world.setCommand(0, makeHomeCommand(model));
      advanceUntil(open, SETTLED_S);
      const forces = listFootForces(open, bodies);
      const exact = computeHoldingEfforts(bodies, world.truth, forces, G);
      const largest = Math.max(...exact.map(Math.abs));
      const rows: Row[] = KINDS.map((kind) => {
        const errors = model.jointNames.flatMap((name, j) =>
          name.includes(kind) ? [Math.abs(world.truth.jointEffort[j]! - exact[j]!)] : [],
        );
        return {
          quantity: `torque of the ${kind} drives, worst of four`,
          unit: '% of the largest',
          error: (100 * Math.max(...errors)) / largest,
          tolerance: 5,
          why: 'the torque constant of a real motor is known to about 5 %; gains tuned on wrong torques are wrong',
        };
      });
      const carried = forces.reduce((sum, { force }) => sum + force[2], 0);
      rows.push({
        quantity: 'weight that the feet carry',
        unit: '%',
        error: computePercent(carried, computeTotalMass(model) * G),
        tolerance: 1,
        why: 'it stands still, so they carry all of it',
      });
      return rows;
    });
  },
};
