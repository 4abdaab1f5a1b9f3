import { writeInverseRotated, writeRotated } from '../../math/quat.ts';
import { computeDot, type Vec3, writeCross } from '../../math/vec3.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import { makeStateBatch } from '../../robot/state.ts';
import { type Kinematics, makeBodyStates } from '../kinematics.ts';

/**
 * [numJoints] kg·m² or kg that an effort along a joint meets before the solver has made its bodies move as one: the
 * two that it joins, each free and turning about its own centre of mass; without armature.
 */
export function computeBareInertias(model: RobotModel, { bodies }: Kinematics): Float64Array {
  const inertias = new Float64Array(model.jointNames.length);
  for (const body of bodies) {
    if (body.connection === undefined) continue;
    const { parent, joint, jointIndex, parentBodyFromJoint } = body.connection;
    const sides: [RigidBody, Vec3][] = [[body, joint.axis]];
    if (parent > 0 || model.base === 'floating') {
      const axis: [number, number, number] = [0, 0, 0];
      writeRotated(axis, 0, parentBodyFromJoint.rotation, 0, joint.axis, 0);
      sides.push([bodies[parent]!, axis]);
    }
    const inverse = sides.reduce((sum, [side, axis]) => {
      return sum + 1 / (joint.type === 'prismatic' ? side.mass : computeMoment(side, axis));
    }, 0);
    inertias[jointIndex] = 1 / inverse;
  }
  return inertias;
}

/** [kg·m²] about an axis of the body's frame through its centre of mass */
function computeMoment({ moments, bodyFromPrincipal }: RigidBody, axis: Vec3): number {
  const along: [number, number, number] = [0, 0, 0];
  writeInverseRotated(along, 0, bodyFromPrincipal, 0, axis, 0);
  return moments.reduce((sum, moment, k) => sum + moment * along[k]! ** 2, 0);
}

/** [numJoints] kg·m² or kg of all that a joint moves, at home, about its axis; with its armature. */
export function computeMovedInertias(model: RobotModel, kinematics: Kinematics): Float64Array {
  const { bodies } = kinematics;
  const home = makeStateBatch(1, model.jointNames.length);
  home.jointPosition.set(model.home.jointPosition);
  const states = makeBodyStates(bodies.length);
  kinematics.writeBodies(states, 0, home, 0);
  const inertias = new Float64Array(model.jointNames.length);
  const axis = new Float64Array(3);
  const arm = new Float64Array(3);
  for (const [i, { connection }] of bodies.entries()) {
    if (connection === undefined) continue;
    kinematics.writeJointAxis(axis, 0, states, 0, i);
    let inertia = connection.joint.armature;
    for (const [b, body] of bodies.entries()) {
      if (!isBelow(kinematics, b, i)) continue;
      if (connection.joint.type === 'prismatic') {
        inertia += body.mass;
        continue;
      }
      writeRotated(arm, 0, states.orientation, 4 * b, body.centreOfMass, 0);
      for (let k = 0; k < 3; k++)
        arm[k]! += states.position[3 * b + k]! - states.position[3 * i + k]!;
      writeCross(arm, 0, axis, 0, arm, 0);
      inertia += body.mass * computeDot(arm, 0, arm, 0);
      writeInverseRotated(arm, 0, states.orientation, 4 * b, axis, 0);
      writeInverseRotated(arm, 0, body.bodyFromPrincipal, 0, arm, 0);
      for (let k = 0; k < 3; k++) inertia += body.moments[k]! * arm[k]! ** 2;
    }
    inertias[connection.jointIndex] = inertia;
  }
  return inertias;
}

function isBelow({ bodies }: Kinematics, body: number, ancestor: number): boolean {
  for (let b: number | undefined = body; b !== undefined; b = bodies[b]!.connection?.parent) {
    if (b === ancestor) return true;
  }
  return false;
}
