import { writeInverseRotated, writeRotated } from '../../sim/math/quat.ts';
import type { MutableNumbers, Numbers } from '../../sim/math/vec3.ts';
import type { KnownState } from '../../sim/robot/known-state.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import type { Imu, Odometry, PoseStamped, TransformStamped } from '../ros/messages.ts';
import {
  assertFrame,
  assertRotation,
  makeHeader,
  makeQuaternion,
  makeVector,
  readQuaternion,
  readVector,
  writeQuaternion,
  writeVector,
} from './parts.ts';
import { writeStamp } from './stamp.ts';

/** Where base_link is and what its sensors feel. */

/**
 * [m², rad², m²/s², rad²/s²] Variance of what nobody measures. nav_msgs/Odometry has no mark for it; robots on wheels
 * commonly give it to their height, roll and pitch (pose_covariance_diagonal of ros_control's diff_drive_controller).
 */
export const UNMEASURED_VARIANCE = 1e6;

/** What of an odometry message is measured. */
export type MeasuredBase = Pick<
  KnownState,
  'position' | 'orientation' | 'linearVelocity' | 'angularVelocity'
>;
const ALL_MEASURED: MeasuredBase = {
  position: true,
  orientation: true,
  linearVelocity: true,
  angularVelocity: true,
};

/**
 * Pose in `odomFrame`, twist in `baseFrame`, as nav_msgs/Odometry defines them. Covariances stay zero: how good the
 * estimate is, is not said; what is no estimate at all stays 0 (no turn, for an orientation) at
 * {@link UNMEASURED_VARIANCE}.
 */
export function makeOdometryMessage(
  odomFrame: string,
  baseFrame: string,
  measured: MeasuredBase = ALL_MEASURED,
): Odometry {
  const pose = new Float64Array(36);
  const twist = new Float64Array(36);
  if (!measured.position) markUnmeasured(pose, 0);
  if (!measured.orientation) markUnmeasured(pose, 3);
  if (!measured.linearVelocity) markUnmeasured(twist, 0);
  if (!measured.angularVelocity) markUnmeasured(twist, 3);
  return {
    header: makeHeader(odomFrame),
    child_frame_id: baseFrame,
    pose: {
      pose: { position: makeVector(), orientation: makeQuaternion() },
      covariance: pose,
    },
    twist: {
      twist: { linear: makeVector(), angular: makeVector() },
      covariance: twist,
    },
  };
}

/** @param first of three axes: 0 along x, 3 about x. The covariance is [6, 6], row-major. */
function markUnmeasured(covariance: Float64Array, first: 0 | 3): void {
  for (let k = first; k < first + 3; k++) covariance[7 * k] = UNMEASURED_VARIANCE;
}

/** Whether any of three axes is: a robot on wheels is as level as its floor, and says so of two. */
function isMeasured(covariance: Numbers, first: 0 | 3): boolean {
  for (let k = first; k < first + 3; k++) {
    if (!(covariance[7 * k]! >= UNMEASURED_VARIANCE)) return true;
  }
  return false;
}

const scratch = new Float64Array(3);

/** Writes what the message was made to hold; the rest stays as it is, whatever the state says. */
export function writeOdometry(
  message: Odometry,
  stampNs: bigint,
  state: StateBatch,
  row: number,
): void {
  writeStamp(message.header, stampNs);
  const { pose, twist } = message;
  if (isMeasured(pose.covariance, 0)) writeVector(pose.pose.position, state.position, 3 * row);
  if (isMeasured(pose.covariance, 3)) {
    writeQuaternion(pose.pose.orientation, state.orientation, 4 * row);
  }
  if (isMeasured(twist.covariance, 0)) {
    // The message wants the velocity as the body feels it.
    writeInverseRotated(scratch, 0, state.orientation, 4 * row, state.linearVelocityW, 3 * row);
    writeVector(twist.twist.linear, scratch, 0);
  }
  if (isMeasured(twist.covariance, 3)) {
    writeVector(twist.twist.angular, state.angularVelocityB, 3 * row);
  }
}

/**
 * Fills pose and twist of one row; what the message says nobody measures becomes NaN, joints are left alone.
 * @throws UserError on other frames or a broken quaternion
 */
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
  const { pose, twist } = message;
  if (!isMeasured(pose.covariance, 0)) out.position.fill(Number.NaN, 3 * row, 3 * row + 3);
  if (!isMeasured(pose.covariance, 3)) out.orientation.fill(Number.NaN, 4 * row, 4 * row + 4);
  if (!isMeasured(twist.covariance, 0)) {
    out.linearVelocityW.fill(Number.NaN, 3 * row, 3 * row + 3);
  }
  if (!isMeasured(twist.covariance, 3)) {
    out.angularVelocityB.fill(Number.NaN, 3 * row, 3 * row + 3);
  }
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
