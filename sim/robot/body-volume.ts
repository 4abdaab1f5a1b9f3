import type { Vec3 } from '../math/vec3.ts';
import { computeExtentAlong, type PlacedShape } from './body-poses.ts';
import type { Geometry, Shape, Transform } from './geometry.ts';
import type { RobotModel } from './model.ts';
import { getBodyFromLink, type RigidBody } from './rigid-bodies.ts';
import { composeTransforms, TRANSFORM_IDENTITY } from './transform.ts';

type Meshes = RobotModel['meshes'];

/** Between what a body's shapes say that its volume lies. */
export interface VolumeBounds {
  /** [m³] of all collision shapes or of all visuals, whichever is less; 0 where neither encloses anything */
  readonly solid: number;
  /** [m³] of the box around all of them, which holds whatever they are the surface of */
  readonly box: number;
}

/**
 * Bounds on the volume of one rigid body, from its collision shapes and visuals.
 * @returns undefined for a body without shapes that can be measured
 */
export function computeVolumeBounds(
  body: RigidBody,
  links: RobotModel['links'],
  meshes: Meshes,
): VolumeBounds | undefined {
  const collisions = placeShapes(body, links, 'collisions', meshes);
  const visuals = placeShapes(body, links, 'visuals', meshes);
  const sides = computeSides([...collisions, ...visuals], meshes);
  if (sides === undefined) return undefined;
  const box = sides[0] * sides[1] * sides[2];
  const solids = [collisions, visuals]
    .map((shapes) => shapes.reduce((sum, one) => sum + computeVolume(one.geometry, meshes), 0))
    .filter((volume) => volume > 0);
  // Open or doubled surfaces of a mesh enclose nonsense, but never more than the box.
  return { box, solid: solids.length === 0 ? 0 : Math.min(box, ...solids) };
}

/** Sides of the box around shapes, along the axes of the frame that they are placed in. [m]; undefined without any */
export function computeSides(shapes: readonly PlacedShape[], meshes: Meshes): Vec3 | undefined {
  if (shapes.length === 0) return undefined;
  const reach = (along: Vec3) =>
    Math.max(...shapes.map((shape) => computeExtentAlong(shape, along, meshes)));
  return [
    reach([1, 0, 0]) + reach([-1, 0, 0]),
    reach([0, 1, 0]) + reach([0, -1, 0]),
    reach([0, 0, 1]) + reach([0, 0, -1]),
  ];
}

/** Volume that a shape encloses; 0 for a mesh that was not read. [m³] */
export function computeVolume(geometry: Geometry, meshes: Meshes): number {
  switch (geometry.kind) {
    case 'box':
      return geometry.size[0] * geometry.size[1] * geometry.size[2];
    case 'sphere':
      return (4 / 3) * Math.PI * geometry.radius ** 3;
    case 'cylinder':
      return Math.PI * geometry.radius ** 2 * geometry.length;
    case 'capsule':
      return Math.PI * geometry.radius ** 2 * (geometry.length + (4 / 3) * geometry.radius);
    case 'mesh': {
      const [x, y, z] = geometry.scale;
      return Math.abs(x * y * z) * computeEnclosed(meshes.get(geometry.uri));
    }
  }
}

/** Sum of the tetrahedra between the triangles and the first corner, those turned away counted as less. [m³] */
function computeEnclosed(asset: ReturnType<Meshes['get']>): number {
  if (asset === undefined) return 0;
  const { vertices: v, triangles } = asset;
  const [ox, oy, oz] = [v[0]!, v[1]!, v[2]!];
  let sum = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!];
    const [ax, ay, az] = [v[a]! - ox, v[a + 1]! - oy, v[a + 2]! - oz];
    const [bx, by, bz] = [v[b]! - ox, v[b + 1]! - oy, v[b + 2]! - oz];
    const [cx, cy, cz] = [v[c]! - ox, v[c + 1]! - oy, v[c + 2]! - oz];
    sum += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
  }
  return Math.abs(sum) / 6;
}

/**
 * Shapes of a body's links; meshes that were not read are left out.
 * @param rootFromBody where the body is; without it shapes are placed in the body's own frame
 */
export function placeShapes(
  body: RigidBody,
  links: RobotModel['links'],
  kind: 'collisions' | 'visuals',
  meshes: Meshes,
  rootFromBody: Transform = TRANSFORM_IDENTITY,
): PlacedShape[] {
  return body.links.flatMap(({ name }) => {
    const shapes: readonly Shape[] = links.find((link) => link.name === name)?.[kind] ?? [];
    const known = shapes.filter(({ geometry }) => isMeasurable(geometry, meshes));
    const rootFromLink = composeTransforms(rootFromBody, getBodyFromLink(body, name));
    return known.map(({ geometry, linkFromShape }) => ({
      geometry,
      rootFromShape: composeTransforms(rootFromLink, linkFromShape),
    }));
  });
}

/** Whether there is something of this shape to measure. */
export function isMeasurable(geometry: Geometry, meshes: Meshes): boolean {
  return geometry.kind !== 'mesh' || (meshes.get(geometry.uri)?.vertices.length ?? 0) > 0;
}
