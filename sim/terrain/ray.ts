import { writeInverseRotated } from '../math/quat.ts';
import type { SceneObject } from './scene.ts';

export type Solid = SceneObject['geometry'];
type Numbers = readonly [number, number, number];

/**
 * Distance along a ray to the surface of a solid, exactly; 0 from inside, +Infinity past it. [m]
 * @param origin [@frame odom] @param direction unit vector [@frame odom]
 */
export function computeRayDistance(
  object: SceneObject,
  origin: Numbers,
  direction: Numbers,
): number {
  const { translation, rotation } = object.odomFromObject;
  const offset = [
    origin[0] - translation[0],
    origin[1] - translation[1],
    origin[2] - translation[2],
  ] as const;
  const o: [number, number, number] = [0, 0, 0];
  const d: [number, number, number] = [0, 0, 0];
  writeInverseRotated(o, 0, rotation, 0, offset, 0);
  writeInverseRotated(d, 0, rotation, 0, direction, 0);
  return computeLocalRayDistance(object.geometry, o, d);
}

/** The same in the solid's own frame, its origin in the middle of the solid. [m] */
export function computeLocalRayDistance(solid: Solid, origin: Numbers, direction: Numbers): number {
  const [entry, exit] = intersect(solid, origin, direction);
  return entry > exit || exit < 0 ? Number.POSITIVE_INFINITY : Math.max(0, entry);
}

type Span = readonly [entry: number, exit: number];
const NOTHING: Span = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** Where the ray's line enters and leaves a solid around the origin of its own frame. */
function intersect(solid: Solid, o: Numbers, d: Numbers): Span {
  switch (solid.kind) {
    case 'box': {
      const [x, y, z] = solid.size;
      return meet(meet(slab(o[0], d[0], x / 2), slab(o[1], d[1], y / 2)), slab(o[2], d[2], z / 2));
    }
    case 'sphere':
      return ball(o, d, solid.radius, 0);
    case 'cylinder':
      return meet(tube(o, d, solid.radius), slab(o[2], d[2], solid.length / 2));
    case 'capsule': {
      const half = solid.length / 2;
      const side = meet(tube(o, d, solid.radius), slab(o[2], d[2], half));
      return join(join(side, ball(o, d, solid.radius, half)), ball(o, d, solid.radius, -half));
    }
  }
}

/** Between two planes at ± half. */
function slab(o: number, d: number, half: number): Span {
  if (d === 0)
    return Math.abs(o) <= half ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : NOTHING;
  const first = (-half - o) / d;
  const second = (half - o) / d;
  return first < second ? [first, second] : [second, first];
}

/** In a tube of infinite length around z. */
function tube(o: Numbers, d: Numbers, radius: number): Span {
  const a = d[0] ** 2 + d[1] ** 2;
  const c = o[0] ** 2 + o[1] ** 2 - radius ** 2;
  if (a === 0) return c <= 0 ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : NOTHING;
  return solve(a, o[0] * d[0] + o[1] * d[1], c);
}

function ball(o: Numbers, d: Numbers, radius: number, z: number): Span {
  const up = o[2] - z;
  const c = o[0] ** 2 + o[1] ** 2 + up ** 2 - radius ** 2;
  return solve(1, o[0] * d[0] + o[1] * d[1] + up * d[2], c);
}

/** Roots of a·t² + 2b·t + c. */
function solve(a: number, b: number, c: number): Span {
  const root = b * b - a * c;
  if (root < 0) return NOTHING;
  const half = Math.sqrt(root);
  return [(-b - half) / a, (-b + half) / a];
}

function meet(one: Span, other: Span): Span {
  return [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
}

/** Of two spans of one convex solid: from the first entry to the last exit. */
function join(one: Span, other: Span): Span {
  if (one[0] > one[1]) return other;
  if (other[0] > other[1]) return one;
  return [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
}
