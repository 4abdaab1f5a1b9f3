import { writeInverseRotated, writeRotated } from '../../math/quat.ts';
import { computeDot, writeCross } from '../../math/vec3.ts';
import type { RobotModel } from '../../robot/model.ts';
import { makeStateBatch } from '../../robot/state.ts';
import { type Kinematics, makeBodyStates } from '../kinematics.ts';

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
