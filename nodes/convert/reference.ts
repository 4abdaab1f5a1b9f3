import { UserError } from '../../sim/errors.ts';
import { computeYaw } from '../../sim/math/quat.ts';
import type { ReferenceBatch } from '../../sim/task/robot-view.ts';
import type { MultiDOFJointTrajectory } from '../ros/messages.ts';
import {
  assertFinite,
  assertFrame,
  assertRotation,
  makeHeader,
  makeQuaternion,
  makeVector,
  readQuaternion,
  readVector,
  writeVector,
} from './parts.ts';
import { writeStamp } from './stamp.ts';

/** Where base_link should be. */

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

const scratchRotation = new Float64Array(4);

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
