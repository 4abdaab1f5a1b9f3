import { UserError } from '../../sim/errors.ts';
import type { MutableNumbers, Numbers } from '../../sim/math/vec3.ts';
import type { Header, Quaternion, Vector3 } from '../ros/messages.ts';

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

export function makeHeader(frame: string): Header {
  return { stamp: { sec: 0, nanosec: 0 }, frame_id: frame };
}

export function makeVector(): Vector3 {
  return { x: 0, y: 0, z: 0 };
}

export function makeQuaternion(): Quaternion {
  return { x: 0, y: 0, z: 0, w: 1 };
}

export function writeVector(out: Vector3, from: Numbers, o: number): void {
  out.x = from[o]!;
  out.y = from[o + 1]!;
  out.z = from[o + 2]!;
}

export function writeQuaternion(out: Quaternion, from: Numbers, o: number): void {
  out.x = from[o]!;
  out.y = from[o + 1]!;
  out.z = from[o + 2]!;
  out.w = from[o + 3]!;
}

export function readVector(out: MutableNumbers, o: number, { x, y, z }: Vector3): void {
  out[o] = x;
  out[o + 1] = y;
  out[o + 2] = z;
}

/** [-] deviation of a quaternion's length from 1 above which it was not meant as a rotation; single precision stays far below */
const MAX_NORM_ERROR = 1e-3;

/**
 * Call before anything is written. What is not finite passes, so that it reaches the safety filter.
 * @throws UserError if it is no rotation
 */
export function assertRotation(where: string, q: Quaternion): void {
  const norm = Math.hypot(q.x, q.y, q.z, q.w);
  if (!Number.isFinite(norm) || Math.abs(norm - 1) <= MAX_NORM_ERROR) return;
  throw new UserError({
    where,
    problem: 'the quaternion is not a rotation',
    expected: 'length 1',
    got: `length ${norm.toPrecision(4)}`,
    remedy: 'Normalise it; "no rotation" is x 0, y 0, z 0, w 1.',
  });
}

/** @throws UserError if a component is not finite, naming which */
export function assertFinite(where: string, vector: Vector3 | Quaternion): void {
  const wrong = Object.entries(vector).filter(([, value]) => !Number.isFinite(value));
  if (wrong.length === 0) return;
  throw new UserError({
    where,
    problem: 'not a number that can be followed',
    expected: 'finite components',
    got: wrong.map(([key, value]) => `${key} ${value}`).join(', '),
    remedy: 'Send nothing rather than this; the receiver keeps the last good value.',
  });
}

/** Copies a rotation; check it first. */
export function readQuaternion(out: MutableNumbers, o: number, q: Quaternion): void {
  out[o] = q.x;
  out[o + 1] = q.y;
  out[o + 2] = q.z;
  out[o + 3] = q.w;
}

export function assertFrame(where: string, expected: string, got: string): void {
  if (got === expected) return;
  throw new UserError({
    where,
    problem: 'another frame than the one this robot works in',
    expected: `'${expected}'`,
    got: `'${got}'`,
    remedy: 'Publish in the expected frame, or transform the message first.',
  });
}
