import { writeRotated } from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import type { RobotModel } from '../robot/model.ts';
import type { Engine } from './engine.ts';
import type { BodyStates, Kinematics } from './kinematics.ts';

/** What acts on each rigid body in the next step, in the odom frame of its copy. */
export interface Wrenches {
  /** [numRobots × numBodies, 3] N at the body's centre of mass */
  readonly force: Float64Array;
  /** [numRobots × numBodies, 3] N·m */
  readonly torque: Float64Array;
  /** [numRobots × numBodies] kg of each body of each copy */
  readonly masses: Float64Array;
  /** [numRobots, 3] m/s² [@frame odom] by which the gravity of each copy differs from that of its world */
  readonly gravityOffsetW: Float64Array;
  /**
   * Sums the engine's inputs, given the poses that they start from.
   * @param jointEffort [numRobots, numJoints] N·m or N, instead of the inputs' own
   */
  gather(inputs: EngineInputs, jointEffort: Float64Array, states: BodyStates): void;
}

export type EngineInputs = Pick<
  Engine,
  'baseForceB' | 'baseTorqueB' | 'externalForceW' | 'jointEffort'
>;

/** For engines in maximal coordinates, where a joint effort is a wrench on two bodies. */
export function makeWrenches(
  model: RobotModel,
  kinematics: Kinematics,
  numRobots: number,
): Wrenches {
  const { bodies, centres } = kinematics;
  const numBodies = bodies.length;
  const numJoints = model.jointNames.length;
  const force = new Float64Array(numRobots * numBodies * 3);
  const torque = new Float64Array(numRobots * numBodies * 3);
  const masses = Float64Array.from(
    { length: numRobots * numBodies },
    (_, row) => bodies[row % numBodies]!.mass,
  );
  const gravityOffsetW = new Float64Array(numRobots * 3);
  const described = Float64Array.from(bodies[0]!.centreOfMass);
  const push = new Float64Array(3);
  const arm = new Float64Array(3);

  function gatherBase(inputs: EngineInputs, states: BodyStates, robot: number): void {
    const row = robot * numBodies;
    const q = states.orientation;
    writeRotated(force, 3 * row, q, 4 * row, inputs.baseForceB, 3 * robot);
    writeRotated(torque, 3 * row, q, 4 * row, inputs.baseTorqueB, 3 * robot);
    for (let k = 0; k < 3; k++) force[3 * row + k]! += inputs.externalForceW[3 * robot + k]!;
    // They act at the described centre of mass, an engine's forces at that of the copy.
    for (let k = 0; k < 3; k++) arm[k] = centres[3 * row + k]! - described[k]!;
    if (arm[0] === 0 && arm[1] === 0 && arm[2] === 0) return;
    writeRotated(arm, 0, q, 4 * row, arm, 0);
    writeCross(arm, 0, arm, 0, force, 3 * row);
    for (let k = 0; k < 3; k++) torque[3 * row + k]! -= arm[k]!;
  }

  /** Force of what the copy's gravity has over the world's. */
  function gatherGravity(robot: number): void {
    const g = 3 * robot;
    const x = gravityOffsetW[g]!;
    const y = gravityOffsetW[g + 1]!;
    const z = gravityOffsetW[g + 2]!;
    if (x === 0 && y === 0 && z === 0) return;
    for (let row = robot * numBodies; row < (robot + 1) * numBodies; row++) {
      const mass = masses[row]!;
      force[3 * row]! += mass * x;
      force[3 * row + 1]! += mass * y;
      force[3 * row + 2]! += mass * z;
    }
  }

  /** An effort acts on the child and, equal and opposite, on the parent. */
  function gatherJoint(states: BodyStates, robot: number, index: number, effort: number): void {
    const { joint, parent } = bodies[index]!.connection!;
    const row = robot * numBodies + index;
    const parentRow = robot * numBodies + parent;
    kinematics.writeJointAxis(push, 0, states, robot, index);
    const slides = joint.type === 'prismatic';
    const target = slides ? force : torque;
    for (let k = 0; k < 3; k++) {
      push[k]! *= effort;
      target[3 * row + k]! += push[k]!;
      target[3 * parentRow + k]! -= push[k]!;
    }
    if (!slides) return;
    // Both forces pass through the child's origin, so about each centre of mass they also turn.
    addMoment(states, row, row, 1);
    addMoment(states, parentRow, row, -1);
  }

  /** torque += sign · (origin of body `pointRow` − centre of mass) × push */
  function addMoment(s: BodyStates, row: number, pointRow: number, sign: 1 | -1) {
    writeRotated(arm, 0, s.orientation, 4 * row, kinematics.centres, 3 * row);
    for (let k = 0; k < 3; k++) {
      arm[k] = s.position[3 * pointRow + k]! - s.position[3 * row + k]! - arm[k]!;
    }
    writeCross(arm, 0, arm, 0, push, 0);
    for (let k = 0; k < 3; k++) torque[3 * row + k]! += sign * arm[k]!;
  }

  return {
    force,
    torque,
    masses,
    gravityOffsetW,
    gather(inputs, jointEffort, states) {
      force.fill(0);
      torque.fill(0);
      for (let robot = 0; robot < numRobots; robot++) {
        if (model.base === 'floating') gatherBase(inputs, states, robot);
        gatherGravity(robot);
        for (let i = 1; i < numBodies; i++) {
          const effort = jointEffort[robot * numJoints + bodies[i]!.connection!.jointIndex]!;
          if (effort !== 0) gatherJoint(states, robot, i, effort);
        }
      }
    },
  };
}
