import { computeGroundHeight } from '../../../sim/terrain/ground-height.ts';
import type { Scene } from '../../../sim/terrain/scene.ts';
import type { Fleet } from '../fleet.ts';
import { makeMatrix } from './kinematics.ts';
import { Vector3 } from './three.ts';

/** [-] rise over run of what still counts as a slope; what is steeper is an edge */
const STEEPEST = 1;

/** What lies under a robot, in the map frame. */
export interface Floor {
  /** [m] */
  readonly height: number;
  /** Unit vector, upwards; lent until the next call. */
  readonly normal: Vector3;
}

/**
 * Finds what lies under a robot that is at `values[p …]`, in the map frame; level and at 0 where nothing is known or
 * nothing there.
 * @param reach [m] around the robot that the slope is told from
 */
export function makeFloorFinder(
  { scene, welcome }: Pick<Fleet, 'scene' | 'welcome'>,
  reach: number,
) {
  const frames = welcome.robots.map(({ mapFromOdom }) => {
    const matrix = makeMatrix(mapFromOdom);
    return { mapFromOdom: matrix, odomFromMap: matrix.clone().invert() };
  });
  const point = new Vector3();
  const floor = { height: 0, normal: new Vector3(0, 0, 1) };
  return (robot: number, values: ArrayLike<number>, p: number): Floor => {
    floor.height = 0;
    floor.normal.set(0, 0, 1);
    if (scene === undefined) return floor;
    const { mapFromOdom, odomFromMap } = frames[robot]!;
    point.fromArray(values, p).applyMatrix4(odomFromMap);
    const { x, y } = point;
    const height = computeGroundHeight(scene, x, y, 'top');
    if (!Number.isFinite(height)) return floor;
    floor.height = point.setZ(height).applyMatrix4(mapFromOdom).z;
    const [alongX, alongY] = computeSlope(scene, x, y, reach);
    floor.normal.set(-alongX, -alongY, 1).transformDirection(mapFromOdom);
    return floor;
  };
}

/** [-] rise over run along x and y about a point; 0 where an edge is, or the end of the ground. */
function computeSlope(scene: Scene, x: number, y: number, reach: number): [number, number] {
  const rise = (dx: number, dy: number) => {
    const ahead = computeGroundHeight(scene, x + dx, y + dy, 'top');
    const behind = computeGroundHeight(scene, x - dx, y - dy, 'top');
    const slope = (ahead - behind) / (2 * reach);
    return Math.abs(slope) <= STEEPEST ? slope : 0;
  };
  return [rise(reach, 0), rise(0, reach)];
}
