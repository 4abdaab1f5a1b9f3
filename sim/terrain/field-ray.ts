import type { HeightField } from './scene.ts';

/**
 * Distance along a ray to the surface of a height field, from above or below, exactly; +Infinity past it. The ray goes
 * from cell to cell (Amanatides and Woo, A fast voxel traversal algorithm for ray tracing, Eurographics 1987), so it
 * costs as many cells as it crosses. [m]
 * @param origin [@frame odom] three numbers from `o` on
 * @param direction unit vector [@frame odom], three numbers from `d` on
 */
export function computeFieldRayDistance(
  field: HeightField,
  origin: Float64Array,
  o: number,
  direction: Float64Array,
  d: number,
  maxRange: number,
): number {
  const { numX, numY, cellSize } = field;
  // In cells along x and y, in metres along z and along the ray.
  const u = (origin[o]! - field.origin[0]) / cellSize;
  const v = (origin[o + 1]! - field.origin[1]) / cellSize;
  const z = origin[o + 2]!;
  const du = direction[d]! / cellSize;
  const dv = direction[d + 1]! / cellSize;
  const dz = direction[d + 2]!;
  const start = Math.max(0, enterAt(u, du, numX - 1), enterAt(v, dv, numY - 1));
  const end = Math.min(maxRange, leaveAt(u, du, numX - 1), leaveAt(v, dv, numY - 1));
  if (!(start <= end)) return Number.POSITIVE_INFINITY;
  let i = findCell(u + du * start, du, numX);
  let j = findCell(v + dv * start, dv, numY);
  let at = start;
  while (i >= 0 && j >= 0 && i < numX - 1 && j < numY - 1) {
    const nextU = du === 0 ? Number.POSITIVE_INFINITY : ((du > 0 ? i + 1 : i) - u) / du;
    const nextV = dv === 0 ? Number.POSITIVE_INFINITY : ((dv > 0 ? j + 1 : j) - v) / dv;
    const next = Math.max(at, Math.min(nextU, nextV, end));
    const hit = crossCell(field, i, j, u, v, z, du, dv, dz, at, next);
    if (hit <= next) return hit;
    if (next >= end) break;
    if (nextU <= nextV) i += du > 0 ? 1 : -1;
    if (nextV <= nextU) j += dv > 0 ? 1 : -1;
    at = next;
  }
  return Number.POSITIVE_INFINITY;
}

/** Where along the ray a coordinate comes into 0 … size; +Infinity if never. */
function enterAt(from: number, rate: number, size: number): number {
  if (rate === 0) return from >= 0 && from <= size ? 0 : Number.POSITIVE_INFINITY;
  return ((rate > 0 ? 0 : size) - from) / rate;
}

/** Where along the ray a coordinate leaves 0 … size. */
function leaveAt(from: number, rate: number, size: number): number {
  if (rate === 0) return Number.POSITIVE_INFINITY;
  return ((rate > 0 ? size : 0) - from) / rate;
}

/** The cell that a ray goes on in from a coordinate, which may lie on a border between two. */
function findCell(coordinate: number, rate: number, numVertices: number): number {
  const nearest = Math.round(coordinate);
  // What rounding leaves of a point on a border counts as on it.
  const isOnBorder = Math.abs(coordinate - nearest) < 1e-9;
  const cell = isOnBorder ? (rate < 0 ? nearest - 1 : nearest) : Math.floor(coordinate);
  return Math.min(Math.max(cell, 0), numVertices - 2);
}

/** Where between two points of the ray, both in one cell, it meets the surface; +Infinity if it does not. */
function crossCell(
  { numY, heights }: HeightField,
  i: number,
  j: number,
  u: number,
  v: number,
  z: number,
  du: number,
  dv: number,
  dz: number,
  from: number,
  to: number,
): number {
  const k = i * numY + j;
  const near = heights[k]!;
  const alongY = heights[k + 1]!;
  const alongX = heights[k + numY]!;
  const far = heights[k + numY + 1]!;
  const low = Math.min(z + dz * from, z + dz * to);
  const high = Math.max(z + dz * from, z + dz * to);
  if (low > Math.max(near, alongX, alongY, far)) return Number.POSITIVE_INFINITY;
  if (high < Math.min(near, alongX, alongY, far)) return Number.POSITIVE_INFINITY;
  // The two triangles meet on the diagonal, where the ray's x and y in the cell are equal.
  const slope = du - dv;
  const diagonal = slope === 0 ? Number.POSITIVE_INFINITY : (v - j - (u - i)) / slope;
  const middle = Math.min(Math.max(diagonal, from), to);
  for (let half = 0; half < 2; half++) {
    const first = half === 0 ? from : middle;
    const last = half === 0 ? middle : to;
    const t = (first + last) / 2;
    const isBeyond = u + du * t - i >= v + dv * t - j;
    const rateX = isBeyond ? alongX - near : far - alongY;
    const rateY = isBeyond ? far - alongX : alongY - near;
    // Height of the ray over the triangle's plane: gap + rate · t.
    const gap = z - near - rateX * (u - i) - rateY * (v - j);
    const rate = dz - rateX * du - rateY * dv;
    const before = gap + rate * first;
    const after = gap + rate * last;
    if (before === 0) return first;
    if (before > 0 !== after > 0) return Math.min(Math.max(-gap / rate, first), last);
  }
  return Number.POSITIVE_INFINITY;
}
