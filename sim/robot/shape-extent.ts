import { computeDot, computeNorm, type Vec3 } from '../math/vec3.ts';
import type { Geometry, MeshAsset } from './geometry.ts';

type Meshes = ReadonlyMap<string, Pick<MeshAsset, 'vertices'>>;
const NO_MESHES: Meshes = new Map();

/** Radius of the ball around a shape's origin that holds it, however it is turned; 0 for a mesh that was not read. [m] */
export function computeReach(geometry: Geometry, meshes: Meshes = NO_MESHES): number {
  switch (geometry.kind) {
    case 'box':
      return computeNorm(geometry.size) / 2;
    case 'sphere':
      return geometry.radius;
    case 'cylinder':
      return Math.hypot(geometry.radius, geometry.length / 2);
    case 'capsule':
      return geometry.radius + geometry.length / 2;
    case 'mesh':
      return Math.max(0, maxOverVertices(geometry, meshes, computeNorm));
  }
}

/**
 * From a shape's origin to its farthest point along a direction, its support function. [m]; −Infinity for a mesh that
 * was not read
 * @param along unit vector [@frame shape]
 */
export function computeExtent(geometry: Geometry, along: Vec3, meshes: Meshes): number {
  const [x, y, z] = along;
  switch (geometry.kind) {
    case 'box': {
      const [length, width, height] = geometry.size;
      return (Math.abs(x) * length + Math.abs(y) * width + Math.abs(z) * height) / 2;
    }
    case 'sphere':
      return geometry.radius;
    case 'cylinder':
      return Math.hypot(x, y) * geometry.radius + (Math.abs(z) * geometry.length) / 2;
    case 'capsule':
      return geometry.radius + (Math.abs(z) * geometry.length) / 2;
    case 'mesh':
      return maxOverVertices(geometry, meshes, (vertex) => computeDot(vertex, 0, along, 0));
  }
}

function maxOverVertices(
  { uri, scale }: Extract<Geometry, { kind: 'mesh' }>,
  meshes: Meshes,
  compute: (vertex: Vec3) => number,
): number {
  const { vertices = new Float32Array() } = meshes.get(uri) ?? {};
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k + 2 < vertices.length; k += 3) {
    const [x, y, z] = [vertices[k]!, vertices[k + 1]!, vertices[k + 2]!];
    largest = Math.max(largest, compute([x * scale[0], y * scale[1], z * scale[2]]));
  }
  return largest;
}
