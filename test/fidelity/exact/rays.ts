import { writeInverseRotated } from '../../../sim/math/quat.ts';
import type { Vec3 } from '../../../sim/math/vec3.ts';
import type { HeightField, Scene, SceneObject } from '../../../sim/terrain/scene.ts';

/** Distances are to the first point of a solid; 0 from inside, Infinity where there is none. */
export interface Ray {
  /** [m] [@frame odom] */
  readonly origin: Vec3;
  /** Unit vector. */
  readonly direction: Vec3;
}

/** Distance along a ray to the nearest surface of a scene. [m] */
export function castExactRay(scene: Scene, ray: Ray): number {
  const { ground, objects } = scene;
  let nearest = Number.POSITIVE_INFINITY;
  if (ground?.kind === 'plane') nearest = castOnPlane(ray);
  if (ground?.kind === 'height_field') nearest = castOnHeightField(ground, ray);
  for (const object of objects) nearest = Math.min(nearest, castOnObject(object, ray));
  return nearest;
}

/** The half-space below z = 0. */
function castOnPlane({ origin, direction }: Ray): number {
  if (origin[2] <= 0) return 0;
  return direction[2] < 0 ? -origin[2] / direction[2] : Number.POSITIVE_INFINITY;
}

function castOnObject({ geometry, odomFromObject }: SceneObject, ray: Ray): number {
  const { translation, rotation } = odomFromObject;
  const offset = ray.origin.map((value, k) => value - translation[k]!);
  const origin: [number, number, number] = [0, 0, 0];
  const direction: [number, number, number] = [0, 0, 0];
  writeInverseRotated(origin, 0, rotation, 0, offset, 0);
  writeInverseRotated(direction, 0, rotation, 0, ray.direction, 0);
  const local = { origin, direction };
  switch (geometry.kind) {
    case 'box':
      return castOnSlabs(local, [geometry.size[0] / 2, geometry.size[1] / 2, geometry.size[2] / 2]);
    case 'sphere':
      return castOnSphere(local, geometry.radius, 0);
    case 'cylinder':
      return castOnCylinder(local, geometry.radius, geometry.length / 2);
    case 'capsule':
      return Math.min(
        castOnCylinder(local, geometry.radius, geometry.length / 2),
        castOnSphere(local, geometry.radius, geometry.length / 2),
        castOnSphere(local, geometry.radius, -geometry.length / 2),
      );
  }
}

/** Where a ray is between two parameters, it enters at the first; 0 if that lies behind. */
function enter(first: number, last: number): number {
  return first > last || last < 0 ? Number.POSITIVE_INFINITY : Math.max(0, first);
}

/** Parameters at which a ray is between −half and half along one axis. */
function cutSlab(origin: number, direction: number, half: number): readonly [number, number] {
  if (direction === 0) {
    return Math.abs(origin) <= half
      ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  }
  const a = (-half - origin) / direction;
  const b = (half - origin) / direction;
  return [Math.min(a, b), Math.max(a, b)];
}

function castOnSlabs({ origin, direction }: Ray, half: Vec3): number {
  const cuts = half.map((extent, k) => cutSlab(origin[k]!, direction[k]!, extent));
  return enter(Math.max(...cuts.map(([a]) => a)), Math.min(...cuts.map(([, b]) => b)));
}

/** Roots of a t² + 2 b t + c = 0, if any. */
function solveQuadratic(a: number, b: number, c: number): readonly [number, number] | undefined {
  const discriminant = b * b - a * c;
  if (discriminant < 0) return undefined;
  const root = Math.sqrt(discriminant);
  return [(-b - root) / a, (-b + root) / a];
}

function castOnSphere({ origin, direction }: Ray, radius: number, height: number): number {
  const [x, y] = origin;
  const z = origin[2] - height;
  const along = x * direction[0] + y * direction[1] + z * direction[2];
  const roots = solveQuadratic(1, along, x * x + y * y + z * z - radius * radius);
  return roots === undefined ? Number.POSITIVE_INFINITY : enter(...roots);
}

/** Upright about z: inside the round wall and between the lids at once. */
function castOnCylinder({ origin, direction }: Ray, radius: number, half: number): number {
  const [x, y, z] = origin;
  const [u, v, w] = direction;
  const slope = u * u + v * v;
  const outside = x * x + y * y - radius * radius;
  const wall =
    slope === 0
      ? outside <= 0
        ? ([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const)
        : undefined
      : solveQuadratic(slope, x * u + y * v, outside);
  if (wall === undefined) return Number.POSITIVE_INFINITY;
  const lids = cutSlab(z, w, half);
  return enter(Math.max(wall[0], lids[0]), Math.min(wall[1], lids[1]));
}

/** All triangles, one by one: Möller and Trumbore, J. Graphics Tools 2(1), 1997. */
function castOnHeightField(field: HeightField, ray: Ray): number {
  const { numX, numY, cellSize, origin, heights } = field;
  const vertex = (i: number, j: number): Vec3 => [
    origin[0] + i * cellSize,
    origin[1] + j * cellSize,
    heights[i * numY + j]!,
  ];
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < numX; i++) {
    for (let j = 0; j + 1 < numY; j++) {
      const [a, b, c, d] = [vertex(i, j), vertex(i + 1, j), vertex(i + 1, j + 1), vertex(i, j + 1)];
      nearest = Math.min(nearest, castOnTriangle(ray, a, b, c), castOnTriangle(ray, a, c, d));
    }
  }
  return nearest;
}

const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Vec3, b: Vec3) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

function castOnTriangle({ origin, direction }: Ray, a: Vec3, b: Vec3, c: Vec3): number {
  const e = subtract(b, a);
  const f = subtract(c, a);
  const p = cross(direction, f);
  const determinant = dot(e, p);
  if (determinant === 0) return Number.POSITIVE_INFINITY;
  const s = subtract(origin, a);
  const u = dot(s, p) / determinant;
  const q = cross(s, e);
  const v = dot(direction, q) / determinant;
  const t = dot(f, q) / determinant;
  return u < 0 || v < 0 || u + v > 1 || t < 0 ? Number.POSITIVE_INFINITY : t;
}
