import type { HeightField, Scene, SceneObject } from '../../terrain/scene.ts';
import { formatPrimitive, GROUND_GEOM, getObjectName } from './geoms.ts';
import { formatPose, NO_INERTIAL } from './text.ts';

/** [m] thickness of a height field below its lowest vertex: what has sunk in is pushed up, not down */
const HEIGHT_FIELD_BASE = 1;
/** [m] MuJoCo wants a height field to have some height. */
const LEAST_RANGE = 1e-3;
/** Contact bits: robots meet the world, and neither themselves nor one another. */
const SCENE_BITS = 'contype="2" conaffinity="1"';

export function computeHeightRange({
  heights,
}: HeightField): readonly [low: number, range: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const height of heights) {
    low = Math.min(low, height);
    high = Math.max(high, height);
  }
  return [low, Math.max(LEAST_RANGE, high - low)];
}

/** The grid without its heights, which are put into the compiled model: as text they would take megabytes. */
export function makeHeightFieldAsset(field: HeightField): string {
  const { numX, numY, cellSize } = field;
  const size = [
    ((numX - 1) * cellSize) / 2,
    ((numY - 1) * cellSize) / 2,
    computeHeightRange(field)[1],
    HEIGHT_FIELD_BASE,
  ];
  return `    <hfield name="${GROUND_GEOM}" nrow="${numY}" ncol="${numX}" size="${size.join(' ')}"/>`;
}

/**
 * Heights as MuJoCo keeps them: 0 at the lowest vertex, 1 at the highest, rows along y and columns along x.
 * @param out [numY, numX]
 */
export function writeHeights(out: Float32Array, field: HeightField): void {
  const { numX, numY, heights } = field;
  const [low, range] = computeHeightRange(field);
  for (let x = 0; x < numX; x++) {
    for (let y = 0; y < numY; y++) out[y * numX + x] = (heights[x * numY + y]! - low) / range;
  }
}

/** @param priorities by geom name */
export function makeSceneGeoms(scene: Scene, priorities: ReadonlyMap<string, number>): string[] {
  const ground = scene.ground;
  const lines: string[] = [];
  if (ground !== undefined) {
    const priority = priorities.get(GROUND_GEOM)!;
    const form = ground.kind === 'plane' ? 'type="plane" size="0 0 1"' : formatHeightField(ground);
    const touch = `${SCENE_BITS} friction="${ground.material.friction}" priority="${priority}"`;
    lines.push(`    <geom name="${GROUND_GEOM}" ${form} ${touch}/>`);
  }
  for (const [index, object] of scene.objects.entries()) {
    lines.push(...makeObject(object, index, priorities.get(getObjectName(index))!));
  }
  return lines;
}

/** Its frame is in the middle of the grid, at the height of its lowest vertex. */
function formatHeightField(field: HeightField): string {
  const { numX, numY, cellSize, origin } = field;
  const x = origin[0] + ((numX - 1) * cellSize) / 2;
  const y = origin[1] + ((numY - 1) * cellSize) / 2;
  return `type="hfield" hfield="${GROUND_GEOM}" pos="${x} ${y} ${computeHeightRange(field)[0]}"`;
}

/** What moves is a `mocap` body, which can be put anywhere and is moved by nothing. */
function makeObject(object: SceneObject, index: number, priority: number): string[] {
  const { geometry, odomFromObject, material, moves } = object;
  const name = getObjectName(index);
  const pose = formatPose(odomFromObject);
  const geom = `<geom name="${name}" ${formatPrimitive(geometry)}${moves ? '' : ` ${pose}`} ${SCENE_BITS} friction="${material.friction}" priority="${priority}"/>`;
  return moves
    ? [`    <body name="${name}" mocap="true" ${pose}>${NO_INERTIAL}${geom}</body>`]
    : [`    ${geom}`];
}
