import { computeGroundHeight } from '../../../sim/terrain/ground-height.ts';
import type { Fleet } from '../fleet.ts';
import { FatLines } from './fat-lines.ts';
import { computeModelRadius } from './geometry.ts';
import { makeMatrix } from './kinematics.ts';
import type { Layer } from './layer.ts';
import {
  CircleGeometry,
  Color,
  Group,
  InstancedMesh,
  Matrix4,
  MeshBasicMaterial,
  Vector3,
} from './three.ts';

/** A spot on the ground under each robot and a plumb line to it: height is hard to see otherwise. */
export function makeShadowsLayer(fleet: Fleet): Layer {
  const { robots, models } = fleet.welcome;
  const radius = 0.8 * Math.max(0.04, ...models.map(computeModelRadius));
  const spots = new InstancedMesh(
    new CircleGeometry(radius, 32),
    new MeshBasicMaterial({
      color: '#000000',
      transparent: true,
      opacity: 0.45,
      depthWrite: false,
    }),
    robots.length,
  );
  spots.frustumCulled = false;
  const lines = new FatLines(robots.length, { widthPx: 1, opacity: 0.35 });
  const colour = new Color('#8fa3b8');
  robots.forEach((_, i) => {
    lines.setColour(i, colour);
  });
  const group = new Group();
  group.add(spots, lines.mesh);
  const matrix = new Matrix4();
  const foot = [0, 0, 0];
  const computeFloor = makeFloorFinder(fleet);

  return {
    object: group,
    update: ({ values, width, height, robotScale }) => {
      robots.forEach((_, i) => {
        const p = fleet.findOffset(i, 'position');
        const isKnown = p >= 0 && Number.isFinite(values[p]!);
        const floor = isKnown ? computeFloor(i, values, p) : 0;
        lines.setBirth(i, isKnown && values[p + 2]! - floor > radius ? 0 : -1);
        if (isKnown) {
          matrix.makeScale(robotScale, robotScale, 1);
          matrix.setPosition(values[p]!, values[p + 1]!, floor + 0.001);
          foot[0] = values[p]!;
          foot[1] = values[p + 1]!;
          foot[2] = floor;
          lines.set(i, foot, 0, values, p);
        } else matrix.makeScale(0, 0, 0);
        spots.setMatrixAt(i, matrix);
      });
      spots.instanceMatrix.needsUpdate = true;
      lines.markChanged(0, robots.length);
      lines.setView(0, width, height);
    },
    dispose: () => {
      spots.geometry.dispose();
      spots.dispose();
      lines.dispose();
    },
  };
}

/** The height of what lies under a robot, in the map frame; 0 where nothing is known or nothing there. [m] */
function makeFloorFinder({ scene, welcome }: Fleet) {
  const frames = welcome.robots.map(({ mapFromOdom }) => {
    const matrix = makeMatrix(mapFromOdom);
    return { mapFromOdom: matrix, odomFromMap: matrix.clone().invert() };
  });
  const point = new Vector3();
  return (robot: number, values: Float32Array, p: number): number => {
    const { mapFromOdom, odomFromMap } = frames[robot]!;
    if (scene === undefined) return 0;
    point.fromArray(values, p).applyMatrix4(odomFromMap);
    const height = computeGroundHeight(scene, point.x, point.y, 'top');
    return Number.isFinite(height) ? point.setZ(height).applyMatrix4(mapFromOdom).z : 0;
  };
}
