import { UserError } from '../sim/errors.ts';
import { computeYaw, writeInverseRotated, writeRotated } from '../sim/math/quat.ts';
import type { MutableNumbers, Numbers } from '../sim/math/vec3.ts';
import type { CommandKind, RobotModel } from '../sim/robot/model.ts';
import type { StateBatch } from '../sim/robot/state.ts';
import type { ReferenceBatch } from '../sim/task/robot-view.ts';
import {
  assertFinite,
  assertFrame,
  assertRotation,
  makeHeader,
  makeQuaternion,
  makeVector,
  readQuaternion,
  readVector,
  writeQuaternion,
  writeVector,
} from './convert/parts.ts';
import type {
  Header,
  Imu,
  JointState,
  MultiDOFJointTrajectory,
  Odometry,
  PoseStamped,
  Time,
  TransformStamped,
} from './ros/messages.ts';

/**
 * ROS message ↔ core type. `make…Message` allocates a message once, `write…` fills it anew for
 * each publication (publishing copies), `read…` fills the caller's arrays from a received one.
 * Joints go by name, frames are checked, quaternions are x, y, z, w on both sides. What does not
 * fit is a UserError, thrown before anything is written: the caller's arrays hold the last message that
 * fitted, whole. A node's callback may let it through: it is logged.
 *
 * What is measured passes even if it is NaN or infinite, for the safety filter must see it and stop.
 * A reference that is not finite is refused.
 */

const NS_PER_S = 1_000_000_000n;

/** [ns] */
export function toNs(stamp: Time): bigint {
  return BigInt(stamp.sec) * NS_PER_S + BigInt(stamp.nanosec);
}

/** @param stampNs not negative */
export function toTime(stampNs: bigint): Time {
  return { sec: Number(stampNs / NS_PER_S), nanosec: Number(stampNs % NS_PER_S) };
}

/** Writes the stamp into a header that is published again and again. */
export function writeStamp(header: Header, stampNs: bigint): void {
  header.stamp.sec = Number(stampNs / NS_PER_S);
  header.stamp.nanosec = Number(stampNs % NS_PER_S);
}

/** A message that carries the joints' measured state, named in joint order. */
export function makeJointStateMessage(model: RobotModel): JointState {
  const numJoints = model.jointNames.length;
  return {
    header: makeHeader(''),
    name: [...model.jointNames],
    position: new Float64Array(numJoints),
    velocity: new Float64Array(numJoints),
    effort: new Float64Array(numJoints),
  };
}

export function writeJointState(
  message: JointState,
  stampNs: bigint,
  state: StateBatch,
  row: number,
): void {
  writeStamp(message.header, stampNs);
  const start = row * state.numJoints;
  for (let j = 0; j < state.numJoints; j++) {
    message.position[j] = state.jointPosition[start + j]!;
    message.velocity[j] = state.jointVelocity[start + j]!;
    message.effort[j] = state.jointEffort[start + j]!;
  }
}

/**
 * Fills one row with the joints of a message, which may name them in any order. Velocities and
 * efforts that the message leaves out (empty lists, as sensor_msgs allows) become NaN, not zero.
 * @throws UserError on missing or unknown joints
 */
export function readJointState(
  out: StateBatch,
  row: number,
  message: JointState,
  model: RobotModel,
): void {
  const { jointNames } = model;
  const start = row * out.numJoints;
  assertSameJoints(jointNames, message.name);
  assertLength(message, 'position', 'required');
  assertLength(message, 'velocity', 'optional');
  assertLength(message, 'effort', 'optional');
  copyJoints(out.jointPosition, start, jointNames, message, 'position');
  copyJoints(out.jointVelocity, start, jointNames, message, 'velocity');
  copyJoints(out.jointEffort, start, jointNames, message, 'effort');
}

/** A command message: joints in actuated order, only the list of the robot's command kind filled. */
export function makeJointCommandMessage(model: RobotModel): JointState {
  const command = new Float64Array(model.actuatedJointNames.length);
  const none = new Float64Array(0);
  return {
    header: makeHeader(''),
    name: [...model.actuatedJointNames],
    position: model.commandKind === 'position' ? command : none,
    velocity: model.commandKind === 'velocity' ? command : none,
    effort: model.commandKind === 'effort' ? command : none,
  };
}

/** @param command [numActuatedJoints] actuated joint order, the unit of `kind` */
export function writeJointCommand(
  message: JointState,
  stampNs: bigint,
  kind: CommandKind,
  command: Numbers,
): void {
  writeStamp(message.header, stampNs);
  const list = message[kind];
  for (let j = 0; j < list.length; j++) list[j] = command[j]!;
}

/**
 * Fills `out` in actuated joint order, in the robot's command unit.
 * @throws UserError on missing or unknown joints, or a command of another kind
 */
export function readJointCommand(
  out: MutableNumbers,
  message: JointState,
  model: RobotModel,
): void {
  assertSameJoints(model.actuatedJointNames, message.name);
  assertLength(message, model.commandKind, 'required');
  copyJoints(out, 0, model.actuatedJointNames, message, model.commandKind);
}

/** sensor_msgs lets a list be empty as a whole; required ones may not. */
function assertLength(message: JointState, kind: CommandKind, need: 'required' | 'optional'): void {
  const values = message[kind];
  if (values.length === message.name.length) return;
  if (values.length === 0 && need === 'optional') return;
  throw new UserError({
    where: 'JointState',
    problem: `the ${kind} list does not go with the names`,
    expected: `${message.name.length} values in '${kind}'`,
    got: `${values.length}`,
    remedy: `Give one ${kind} for each name.`,
  });
}

/** Into joint order from the order of the message; a list that is left out becomes NaN. */
function copyJoints(
  out: MutableNumbers,
  start: number,
  names: readonly string[],
  message: JointState,
  kind: CommandKind,
): void {
  const values = message[kind];
  for (let j = 0; j < names.length; j++) {
    // Nearly always the two orders agree.
    const from = message.name[j] === names[j] ? j : message.name.indexOf(names[j]!);
    out[start + j] = values.length === 0 ? Number.NaN : values[from]!;
  }
}

function assertSameJoints(names: readonly string[], given: readonly string[]): void {
  if (given.length === names.length && names.every((name, j) => given[j] === name)) return;
  const missing = names.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !names.includes(name));
  const twice = given.filter((name, j) => given.indexOf(name) !== j);
  if (missing.length + unknown.length + twice.length === 0) return;
  const parts = [
    missing.length === 0 ? '' : `missing ${missing.join(', ')}`,
    unknown.length === 0 ? '' : `unknown ${unknown.join(', ')}`,
    twice.length === 0 ? '' : `twice ${twice.join(', ')}`,
  ];
  throw new UserError({
    where: 'JointState',
    problem: `its joints are not the robot's: ${parts.filter((part) => part !== '').join('; ')}`,
    expected: names.join(', '),
    got: given.join(', ') || 'no names',
    remedy: 'Name each joint as in the robot description, in any order.',
  });
}

/** Pose in `odomFrame`, twist in `baseFrame`, as nav_msgs/Odometry defines them. Covariances stay zero: unknown. */
export function makeOdometryMessage(odomFrame: string, baseFrame: string): Odometry {
  return {
    header: makeHeader(odomFrame),
    child_frame_id: baseFrame,
    pose: {
      pose: { position: makeVector(), orientation: makeQuaternion() },
      covariance: new Float64Array(36),
    },
    twist: {
      twist: { linear: makeVector(), angular: makeVector() },
      covariance: new Float64Array(36),
    },
  };
}

const scratch = new Float64Array(3);
const scratchRotation = new Float64Array(4);

export function writeOdometry(
  message: Odometry,
  stampNs: bigint,
  state: StateBatch,
  row: number,
): void {
  writeStamp(message.header, stampNs);
  writeVector(message.pose.pose.position, state.position, 3 * row);
  writeQuaternion(message.pose.pose.orientation, state.orientation, 4 * row);
  // The message wants the velocity as the body feels it.
  writeInverseRotated(scratch, 0, state.orientation, 4 * row, state.linearVelocityW, 3 * row);
  writeVector(message.twist.twist.linear, scratch, 0);
  writeVector(message.twist.twist.angular, state.angularVelocityB, 3 * row);
}

/** Fills pose and twist of one row; joints are left alone. @throws UserError on other frames or a broken quaternion */
export function readOdometry(
  out: StateBatch,
  row: number,
  message: Odometry,
  frames: { readonly odom: string; readonly base: string },
): void {
  assertFrame('Odometry, header.frame_id', frames.odom, message.header.frame_id);
  assertFrame('Odometry, child_frame_id', frames.base, message.child_frame_id);
  const { position, orientation } = message.pose.pose;
  assertRotation('Odometry, pose.pose.orientation', orientation);
  readVector(out.position, 3 * row, position);
  readQuaternion(out.orientation, 4 * row, orientation);
  readVector(scratch, 0, message.twist.twist.linear);
  writeRotated(out.linearVelocityW, 3 * row, out.orientation, 4 * row, scratch, 0);
  readVector(out.angularVelocityB, 3 * row, message.twist.twist.angular);
}

export function makePoseMessage(frame: string): PoseStamped {
  return {
    header: makeHeader(frame),
    pose: { position: makeVector(), orientation: makeQuaternion() },
  };
}

/** @param row of `position` [n, 3] m and `orientation` [n, 4], both in the message's frame */
export function writePose(
  message: PoseStamped,
  stampNs: bigint,
  row: number,
  position: Numbers,
  orientation: Numbers,
): void {
  writeStamp(message.header, stampNs);
  writeVector(message.pose.position, position, 3 * row);
  writeQuaternion(message.pose.orientation, orientation, 4 * row);
}

/** Fills one row of `position` and `orientation`. @throws UserError on another frame or a broken quaternion */
export function readPose(
  position: MutableNumbers,
  orientation: MutableNumbers,
  row: number,
  message: PoseStamped,
  frame: string,
): void {
  assertFrame('PoseStamped, header.frame_id', frame, message.header.frame_id);
  assertRotation('PoseStamped, pose.orientation', message.pose.orientation);
  readVector(position, 3 * row, message.pose.position);
  readQuaternion(orientation, 4 * row, message.pose.orientation);
}

/** An IMU without an orientation estimate, which sensor_msgs marks by −1 at the head of its covariance. */
export function makeImuMessage(frame: string): Imu {
  const message: Imu = {
    header: makeHeader(frame),
    orientation: makeQuaternion(),
    orientation_covariance: new Float64Array(9),
    angular_velocity: makeVector(),
    angular_velocity_covariance: new Float64Array(9),
    linear_acceleration: makeVector(),
    linear_acceleration_covariance: new Float64Array(9),
  };
  message.orientation_covariance[0] = -1;
  return message;
}

/**
 * @param angularVelocityB [n, 3] rad/s [@frame base_link]
 * @param specificForceB [n, 3] m/s² [@frame base_link] what an accelerometer feels: +g upwards at rest
 */
export function writeImu(
  message: Imu,
  stampNs: bigint,
  row: number,
  angularVelocityB: Numbers,
  specificForceB: Numbers,
): void {
  writeStamp(message.header, stampNs);
  writeVector(message.angular_velocity, angularVelocityB, 3 * row);
  writeVector(message.linear_acceleration, specificForceB, 3 * row);
}

/** Fills one row of each; units as in {@link writeImu}. @throws UserError on another frame */
export function readImu(
  angularVelocityB: MutableNumbers,
  specificForceB: MutableNumbers,
  row: number,
  message: Imu,
  frame: string,
): void {
  assertFrame('Imu, header.frame_id', frame, message.header.frame_id);
  readVector(angularVelocityB, 3 * row, message.angular_velocity);
  readVector(specificForceB, 3 * row, message.linear_acceleration);
}

export function makeTransformMessage(parentFrame: string, childFrame: string): TransformStamped {
  return {
    header: makeHeader(parentFrame),
    child_frame_id: childFrame,
    transform: { translation: makeVector(), rotation: makeQuaternion() },
  };
}

/** @param row of `position` [n, 3] m and `orientation` [n, 4]: parent from child */
export function writeTransform(
  message: TransformStamped,
  stampNs: bigint,
  row: number,
  position: Numbers,
  orientation: Numbers,
): void {
  writeStamp(message.header, stampNs);
  writeVector(message.transform.translation, position, 3 * row);
  writeQuaternion(message.transform.rotation, orientation, 4 * row);
}

/** A trajectory of one point, which holds now, for the one "joint" between `odomFrame` and base_link. */
export function makeReferenceMessage(odomFrame: string): MultiDOFJointTrajectory {
  return {
    header: makeHeader(odomFrame),
    joint_names: ['base_link'],
    points: [
      {
        transforms: [{ translation: makeVector(), rotation: makeQuaternion() }],
        velocities: [{ linear: makeVector(), angular: makeVector() }],
        accelerations: [],
        time_from_start: { sec: 0, nanosec: 0 },
      },
    ],
  };
}

/** Position and velocity in the message's frame; the yaw as a rotation about z. */
export function writeReference(
  message: MultiDOFJointTrajectory,
  stampNs: bigint,
  reference: ReferenceBatch,
  row: number,
): void {
  writeStamp(message.header, stampNs);
  const { transform, velocity } = getOnlyPoint(message);
  writeVector(transform.translation, reference.position, 3 * row);
  const halfYaw = reference.yaw[row]! / 2;
  transform.rotation.z = Math.sin(halfYaw);
  transform.rotation.w = Math.cos(halfYaw);
  writeVector(velocity.linear, reference.linearVelocityW, 3 * row);
}

/** @throws UserError on another frame, another shape, a broken quaternion, or numbers that are not finite */
export function readReference(
  out: ReferenceBatch,
  row: number,
  message: MultiDOFJointTrajectory,
  frame: string,
): void {
  assertFrame('MultiDOFJointTrajectory, header.frame_id', frame, message.header.frame_id);
  const { transform, velocity } = getOnlyPoint(message);
  const where = 'MultiDOFJointTrajectory, points[0]';
  assertFinite(`${where}.transforms[0].translation`, transform.translation);
  assertFinite(`${where}.transforms[0].rotation`, transform.rotation);
  assertFinite(`${where}.velocities[0].linear`, velocity.linear);
  assertRotation(`${where}.transforms[0].rotation`, transform.rotation);
  readVector(out.position, 3 * row, transform.translation);
  readQuaternion(scratchRotation, 0, transform.rotation);
  out.yaw[row] = computeYaw(scratchRotation);
  readVector(out.linearVelocityW, 3 * row, velocity.linear);
}

function getOnlyPoint({ points }: MultiDOFJointTrajectory) {
  const [point, ...others] = points;
  const transform = point?.transforms[0];
  const velocity = point?.velocities[0];
  if (transform !== undefined && velocity !== undefined && others.length === 0) {
    return { transform, velocity };
  }
  const { transforms = [], velocities = [] } = point ?? {};
  throw new UserError({
    where: 'MultiDOFJointTrajectory',
    problem: 'not a single set point',
    expected: '1 point with 1 transform and 1 velocity',
    got: `${points.length} points, ${transforms.length} transforms, ${velocities.length} velocities`,
    remedy: 'Send where base_link should be now, again and again.',
  });
}
