import { writeNormalized } from '../../sim/math/quat.ts';
import type { Transform } from '../../sim/robot/geometry.ts';
import type { Pose } from '../ros/messages.ts';
import { Refusal } from './codes.ts';

/** [-] how far from 1 the length of a quaternion may be that was rounded on its way */
const MAX_NORM_ERROR = 1e-3;

/** @throws Refusal with that code for a pose that is none */
export function readPose({ position, orientation }: Pose, code: number): Transform {
  const { x, y, z } = position;
  if (![x, y, z].every(Number.isFinite)) {
    throw new Refusal(code, `the position must be finite, got [${x}, ${y}, ${z}]`);
  }
  const { w, ...rest } = orientation;
  const norm = Math.hypot(rest.x, rest.y, rest.z, w);
  if (!(Math.abs(norm - 1) <= MAX_NORM_ERROR)) {
    throw new Refusal(
      code,
      `the orientation must be a unit quaternion, got length ${norm}; "no rotation" is x 0, y 0, z 0, w 1`,
    );
  }
  const rotation: [number, number, number, number] = [rest.x, rest.y, rest.z, w];
  writeNormalized(rotation, 0, rotation, 0);
  return { translation: [x, y, z], rotation };
}
