import { computeReach } from '../robot/shape-extent.ts';
import { computeRayDistance } from './ray.ts';
import type { HeightField, Scene } from './scene.ts';

const DOWN = [0, 0, -1] as const;
const UP = [0, 0, 1] as const;

/**
 * Height of the scene at x, y; −Infinity where there is nothing. [m] [@frame odom]
 * @param of `ground`: the ground alone; `top`: also whatever stands on it and does not move
 * @param ceiling [m] of objects, only those count whose underside at x, y is lower
 */
export function computeGroundHeight(
  scene: Scene,
  x: number,
  y: number,
  of: 'ground' | 'top' = 'ground',
  ceiling = Number.POSITIVE_INFINITY,
): number {
  let height = Number.NEGATIVE_INFINITY;
  if (scene.ground?.kind === 'plane') height = 0;
  else if (scene.ground !== undefined) height = computeFieldHeight(scene.ground, x, y);
  if (of === 'ground') return height;
  for (const object of scene.objects) {
    if (object.moves) continue;
    const [middleX, middleY, middleZ] = object.odomFromObject.translation;
    const reach = computeReach(object.geometry);
    if ((x - middleX) ** 2 + (y - middleY) ** 2 > reach ** 2) continue;
    const [below, above] = [middleZ - reach, middleZ + reach];
    if (!(below + computeRayDistance(object, [x, y, below], UP) < ceiling)) continue;
    height = Math.max(height, above - computeRayDistance(object, [x, y, above], DOWN));
  }
  return height;
}

/** On the two triangles of the cell, as HeightField says; −Infinity outside. */
function computeFieldHeight(field: HeightField, x: number, y: number): number {
  const { numX, numY, cellSize, origin, heights } = field;
  const u = (x - origin[0]) / cellSize;
  const v = (y - origin[1]) / cellSize;
  if (!(u >= 0 && v >= 0 && u <= numX - 1 && v <= numY - 1)) return Number.NEGATIVE_INFINITY;
  const i = Math.min(Math.floor(u), numX - 2);
  const j = Math.min(Math.floor(v), numY - 2);
  const fx = u - i;
  const fy = v - j;
  const k = i * numY + j;
  const near = heights[k]!;
  const far = heights[k + numY + 1]!;
  if (fx >= fy) {
    const corner = heights[k + numY]!;
    return near + (corner - near) * fx + (far - corner) * fy;
  }
  const corner = heights[k + 1]!;
  return near + (corner - near) * fy + (far - corner) * fx;
}

/** Lowest and highest ground under a disc, see {@link computeGroundHeight}; −Infinity for both where there is none. [m] */
export function computeGroundRange(
  scene: Scene,
  centre: readonly [x: number, y: number],
  radius: number,
  of: 'ground' | 'top' = 'ground',
  ceiling = Number.POSITIVE_INFINITY,
): { readonly lowest: number; readonly highest: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  const note = (x: number, y: number) => {
    const height = computeGroundHeight(scene, x, y, of, ceiling);
    if (height === Number.NEGATIVE_INFINITY) return;
    lowest = Math.min(lowest, height);
    highest = Math.max(highest, height);
  };
  forEachSample(scene, centre, radius, note);
  if (lowest === Number.POSITIVE_INFINITY) return { lowest: highest, highest };
  return { lowest, highest };
}

/** [1] directions in which the rim of a disc is looked at */
const NUM_RIM = 16;
/** [m] between samples where tops of objects count, or where the ground is a plane */
const COARSE = 0.05;

/**
 * Calls back with the vertices under a disc, which hold the extremes of a triangle mesh, its middle and points
 * of its rim.
 */
function forEachSample(
  scene: Scene,
  [x, y]: readonly [number, number],
  radius: number,
  note: (x: number, y: number) => void,
): void {
  note(x, y);
  for (let k = 0; k < NUM_RIM; k++) {
    const angle = (2 * Math.PI * k) / NUM_RIM;
    note(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  const field = scene.ground?.kind === 'height_field' ? scene.ground : undefined;
  if (field === undefined && scene.objects.length === 0) return;
  const cell = field?.cellSize ?? COARSE;
  const [left, low] = field?.origin ?? [0, 0];
  const first = (value: number, from: number) => Math.ceil((value - radius - from) / cell);
  const last = (value: number, from: number) => Math.floor((value + radius - from) / cell);
  for (let i = first(x, left); i <= last(x, left); i++) {
    for (let j = first(y, low); j <= last(y, low); j++) {
      const [px, py] = [left + i * cell, low + j * cell];
      if ((px - x) ** 2 + (py - y) ** 2 <= radius ** 2) note(px, py);
    }
  }
}
