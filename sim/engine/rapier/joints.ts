import { writeNormalized } from '../../math/quat.ts';
import type { Transform } from '../../robot/geometry.ts';
import type { Joint } from '../../robot/model.ts';
import type { BodyConnection } from '../../robot/rigid-bodies.ts';
import { composeTransforms } from '../../robot/transform.ts';
import RAPIER from './api.ts';
import { toRotation, toVector } from './colliders.ts';

const ZERO = { x: 0, y: 0, z: 0 };
/** Rapier's joints turn about, or slide along, the x axis of their frames. */
const ALONG = { x: 1, y: 0, z: 0 };
/** [N·m or N] above which Rapier takes a motor's force for unlimited: the largest 32-bit number */
const UNLIMITED = 3.4028234663852886e38;

/** The two bodies of a joint, in one world. */
export interface Pair {
  readonly parent: RAPIER.RigidBody;
  readonly child: RAPIER.RigidBody;
}

/**
 * Adds the hinge or rail itself, without motors: Rapier solves four of those at once, but joints with a motor
 * one by one. Bodies that it joins do not collide.
 * @returns its handle
 */
export function addMainJoint(world: RAPIER.World, pair: Pair, connection: BodyConnection): number {
  const description =
    connection.joint.type === 'prismatic'
      ? RAPIER.JointData.prismatic(ZERO, ZERO, ALONG)
      : RAPIER.JointData.revolute(ZERO, ZERO, ALONG);
  const made = add(world, pair, connection, description);
  made.setContactsEnabled(false);
  return made.handle;
}

/**
 * Adds one motor along a joint: a joint of its own that holds nothing, which costs one row of the solver.
 * @returns its handle, for {@link getMotor}
 */
export function addMotor(world: RAPIER.World, pair: Pair, connection: BodyConnection): number {
  const free = RAPIER.JointData.generic(ZERO, ZERO, ALONG, 0 as RAPIER.JointAxesMask);
  const made = add(world, pair, connection, free);
  const motor = getMotor(world, made.handle, connection.joint);
  motor.configureMotorModel(RAPIER.MotorModel.ForceBased);
  switchOff(motor);
  return made.handle;
}

/** The joint behind a handle, as one that has a motor. */
export function getMotor(
  world: RAPIER.World,
  handle: number,
  joint: Joint,
): RAPIER.UnitImpulseJoint {
  const Kind =
    joint.type === 'prismatic' ? RAPIER.PrismaticImpulseJoint : RAPIER.RevoluteImpulseJoint;
  return new Kind(world.impulseJoints.raw, world.bodies, handle);
}

/** A motor without gains would hold its joint; one without force lets it go. */
export function switchOff(motor: RAPIER.UnitImpulseJoint): void {
  motor.configureMotor(0, 0, 0, 0);
  motor.setMotorMaxForce(0);
}

/** A servo of Rapier's own in a main joint, which is then no longer solved together with three others. */
export function addServo(
  world: RAPIER.World,
  handle: number,
  joint: Joint,
  drive: { readonly stiffness: number; readonly damping: number; readonly maxEffort: number },
  target: { readonly position: number; readonly velocity: number },
): void {
  const motor = getMotor(world, handle, joint);
  motor.configureMotorModel(RAPIER.MotorModel.ForceBased);
  motor.configureMotor(target.position, target.velocity, drive.stiffness, drive.damping);
  setMaxEffort(motor, drive.maxEffort);
}

/** @param maxEffort N·m or N; may be infinite */
export function setMaxEffort(motor: RAPIER.UnitImpulseJoint, maxEffort: number): void {
  motor.setMotorMaxForce(Math.min(maxEffort, UNLIMITED));
}

/** Keeps two bodies that no joint holds from colliding. */
export function forbidContact(world: RAPIER.World, pair: Pair): void {
  const free = RAPIER.JointData.generic(ZERO, ZERO, ALONG, 0 as RAPIER.JointAxesMask);
  world.createImpulseJoint(free, pair.parent, pair.child, true).setContactsEnabled(false);
}

function add(
  world: RAPIER.World,
  { parent, child }: Pair,
  { joint, parentBodyFromJoint }: BodyConnection,
  description: RAPIER.JointData,
): RAPIER.ImpulseJoint {
  const made = world.createImpulseJoint(description, parent, child, true);
  const axis = computeAxisFrame(joint);
  const { translation, rotation } = composeTransforms(parentBodyFromJoint, axis);
  made.setLocalFrame1(toVector(translation), toRotation(rotation));
  made.setLocalFrame2(ZERO, toRotation(axis.rotation));
  return made;
}

/** A frame in the joint's whose x axis is the joint's axis. */
function computeAxisFrame(joint: Joint): Transform {
  const [x, y, z] = joint.axis;
  // Half-way rotation from x to the axis; a half turn about z where the axis is −x.
  const rotation: [number, number, number, number] =
    x < -1 + 1e-12 ? [0, 0, 1, 0] : [0, -z, y, 1 + x];
  writeNormalized(rotation, 0, rotation, 0);
  return { translation: [0, 0, 0], rotation };
}
