import { computeNorm } from '../../math/vec3.ts';
import type { Geometry, Material, Transform } from '../../robot/geometry.ts';
import { composeTransforms } from '../../robot/transform.ts';
import RAPIER from './api.ts';

/** Rapier's cylinders and capsules stand along y, ours along z: a quarter turn about x. */
const SHAPE_FROM_CYLINDER = {
  translation: [0, 0, 0],
  rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2],
} as const satisfies Transform;

export type Primitive = Exclude<Geometry, { readonly kind: 'mesh' }>;

/** A solid that Rapier can make a collider of. */
export interface Solid {
  readonly description: RAPIER.ColliderDesc;
  /** [m] farthest point from the body's origin */
  readonly reach: number;
}

/** A primitive placed in its body. */
export function makeSolid(geometry: Primitive, bodyFromShape: Transform): Solid {
  const stands = geometry.kind === 'cylinder' || geometry.kind === 'capsule';
  const place = stands ? composeTransforms(bodyFromShape, SHAPE_FROM_CYLINDER) : bodyFromShape;
  const { description, radius } = describe(geometry);
  put(description, place);
  return { description, reach: computeNorm(place.translation) + radius };
}

/** A convex solid placed in its body. @param corners [n, 3] m [@frame shape] */
export function makeConvexSolid(corners: Float32Array, bodyFromShape: Transform): Solid {
  const description = RAPIER.ColliderDesc.convexHull(corners);
  if (description === null) throw new RangeError('makeConvexSolid: the corners have no hull');
  put(description, bodyFromShape);
  let radius = 0;
  for (let k = 0; k < corners.length; k += 3) radius = Math.max(radius, computeNorm(corners, k));
  return { description, reach: computeNorm(bodyFromShape.translation) + radius };
}

/** How it touches: of two surfaces the smaller friction and the larger restitution hold. */
export function setMaterial(description: RAPIER.ColliderDesc, material: Material): void {
  description
    .setFriction(material.friction)
    .setFrictionCombineRule(RAPIER.CoefficientCombineRule.Min)
    .setRestitution(material.restitution)
    .setRestitutionCombineRule(RAPIER.CoefficientCombineRule.Max);
}

export function toRotation([x, y, z, w]: readonly [number, number, number, number]) {
  return { x, y, z, w };
}

export function toVector([x, y, z]: readonly [number, number, number]) {
  return { x, y, z };
}

function put(description: RAPIER.ColliderDesc, { translation, rotation }: Transform): void {
  // Without mass: that of the body is set as a whole.
  description
    .setDensity(0)
    .setTranslation(...translation)
    .setRotation(toRotation(rotation));
}

function describe(geometry: Primitive): { description: RAPIER.ColliderDesc; radius: number } {
  switch (geometry.kind) {
    case 'box': {
      const [x, y, z] = geometry.size;
      return {
        description: RAPIER.ColliderDesc.cuboid(x / 2, y / 2, z / 2),
        radius: computeNorm(geometry.size) / 2,
      };
    }
    case 'sphere':
      return { description: RAPIER.ColliderDesc.ball(geometry.radius), radius: geometry.radius };
    case 'cylinder':
      return {
        description: RAPIER.ColliderDesc.cylinder(geometry.length / 2, geometry.radius),
        radius: Math.hypot(geometry.length / 2, geometry.radius),
      };
    case 'capsule':
      return {
        description: RAPIER.ColliderDesc.capsule(geometry.length / 2, geometry.radius),
        radius: geometry.length / 2 + geometry.radius,
      };
  }
}
