import { writeInverseRotated, writeQuatProduct, writeRotated } from '../../../sim/math/quat.ts';
import { type Vec3, writeCross } from '../../../sim/math/vec3.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { RigidBody } from '../../../sim/robot/rigid-bodies.ts';
import type { StateBatch } from '../../../sim/robot/state.ts';

/** Where a body is and how it moves. */
export interface Frame {
  /** [m] [@frame odom] */
  readonly position: Float64Array;
  readonly orientation: Float64Array;
  /** [m/s] [@frame odom] of the frame's origin */
  readonly velocity: Float64Array;
  /** [rad/s] [@frame odom] */
  readonly rate: Float64Array;
}

const makeFrame = (): Frame => ({
  position: new Float64Array(3),
  orientation: new Float64Array([0, 0, 0, 1]),
  velocity: new Float64Array(3),
  rate: new Float64Array(3),
});

/** Frames of all bodies of robot 0, from what the engine says of its base and joints. */
export function computeFrames(bodies: readonly RigidBody[], state: StateBatch): readonly Frame[] {
  const frames = bodies.map(makeFrame);
  for (const [i, { connection }] of bodies.entries()) {
    if (connection === undefined) writeBase(frames[i]!, state);
    else writeChild(frames[i]!, frames[connection.parent]!, connection, state);
  }
  return frames;
}

/** A body's centre of mass. [m] [@frame odom] */
export function computeCentre(frame: Frame, body: RigidBody): Vec3 {
  const arm = new Float64Array(3);
  writeRotated(arm, 0, frame.orientation, 0, body.centreOfMass, 0);
  const [x, y, z] = frame.position;
  return [x! + arm[0]!, y! + arm[1]!, z! + arm[2]!];
}

/**
 * Kinetic and potential energy of robot 0; reflected inertia of motors included. Potential energy is 0 at the
 * height of odom's origin. [J]
 * @param gravity [m/s²] along −z
 */
export function computeTreeEnergy(
  model: RobotModel,
  bodies: readonly RigidBody[],
  state: StateBatch,
  gravity: number,
): number {
  const frames = computeFrames(bodies, state);
  let energy = 0;
  for (const [i, body] of bodies.entries()) {
    if (body.connection !== undefined) {
      const rate = state.jointVelocity[body.connection.jointIndex]!;
      energy += (body.connection.joint.armature * rate * rate) / 2;
    }
    if (i > 0 || model.base === 'floating') energy += computeBodyEnergy(frames[i]!, body, gravity);
  }
  return energy;
}

function writeBase(frame: Frame, state: StateBatch): void {
  frame.position.set(state.position.subarray(0, 3));
  frame.orientation.set(state.orientation.subarray(0, 4));
  frame.velocity.set(state.linearVelocityW.subarray(0, 3));
  writeRotated(frame.rate, 0, state.orientation, 0, state.angularVelocityB, 0);
}

/** The child's frame turns about, or slides along, an axis that is fixed in the parent. */
function writeChild(
  child: Frame,
  parent: Frame,
  { joint, jointIndex, parentBodyFromJoint }: NonNullable<RigidBody['connection']>,
  state: StateBatch,
): void {
  const q = state.jointPosition[jointIndex]!;
  const rate = state.jointVelocity[jointIndex]!;
  const jointFrame = new Float64Array(4);
  writeQuatProduct(jointFrame, 0, parent.orientation, 0, parentBodyFromJoint.rotation, 0);
  const axis = new Float64Array(3);
  writeRotated(axis, 0, jointFrame, 0, joint.axis, 0);
  const arm = new Float64Array(3);
  writeRotated(arm, 0, parent.orientation, 0, parentBodyFromJoint.translation, 0);
  const slides = joint.type === 'prismatic';
  const half = slides ? 0 : q / 2;
  const [x, y, z] = joint.axis;
  const sine = Math.sin(half);
  const turn = [x * sine, y * sine, z * sine, Math.cos(half)];
  writeQuatProduct(child.orientation, 0, jointFrame, 0, turn, 0);
  const swing = new Float64Array(3);
  if (slides) for (let k = 0; k < 3; k++) arm[k]! += axis[k]! * q;
  writeCross(swing, 0, parent.rate, 0, arm, 0);
  for (let k = 0; k < 3; k++) {
    child.position[k] = parent.position[k]! + arm[k]!;
    child.velocity[k] = parent.velocity[k]! + swing[k]! + (slides ? axis[k]! * rate : 0);
    child.rate[k] = parent.rate[k]! + (slides ? 0 : axis[k]! * rate);
  }
}

function computeBodyEnergy(frame: Frame, body: RigidBody, gravity: number): number {
  const arm = new Float64Array(3);
  writeRotated(arm, 0, frame.orientation, 0, body.centreOfMass, 0);
  const swing = new Float64Array(3);
  writeCross(swing, 0, frame.rate, 0, arm, 0);
  let energy = body.mass * gravity * computeCentre(frame, body)[2];
  for (let k = 0; k < 3; k++) energy += (body.mass * (frame.velocity[k]! + swing[k]!) ** 2) / 2;
  const principal = new Float64Array(4);
  writeQuatProduct(principal, 0, frame.orientation, 0, body.bodyFromPrincipal, 0);
  const rate = new Float64Array(3);
  writeInverseRotated(rate, 0, principal, 0, frame.rate, 0);
  for (let k = 0; k < 3; k++) energy += (body.moments[k]! * rate[k]! ** 2) / 2;
  return energy;
}
