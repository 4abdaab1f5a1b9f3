import { writeQuatProduct, writeRotated } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { Transform } from './geometry.ts';

export const TRANSFORM_IDENTITY: Transform = { translation: [0, 0, 0], rotation: [0, 0, 0, 1] };

/** aFromC = aFromB · bFromC. */
export function composeTransforms(aFromB: Transform, bFromC: Transform): Transform {
  const rotation: [number, number, number, number] = [0, 0, 0, 1];
  writeQuatProduct(rotation, 0, aFromB.rotation, 0, bFromC.rotation, 0);
  return { translation: transformPoint(aFromB, bFromC.translation), rotation };
}

/** The point's coordinates in a, given those in b. [m] */
export function transformPoint(aFromB: Transform, pointB: Vec3): Vec3 {
  const rotated: [number, number, number] = [0, 0, 0];
  writeRotated(rotated, 0, aFromB.rotation, 0, pointB, 0);
  const [x, y, z] = aFromB.translation;
  return [x + rotated[0], y + rotated[1], z + rotated[2]];
}
