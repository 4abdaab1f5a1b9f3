import type { Fleet } from '../fleet.ts';
import { FatLines } from './fat-lines.ts';
import { makeFloorFinder } from './floor.ts';
import { computeModelRadius } from './geometry.ts';
import type { Layer } from './layer.ts';
import {
  CircleGeometry,
  Color,
  Group,
  InstancedMesh,
  Matrix4,
  MeshBasicMaterial,
  Quaternion,
  Vector3,
} from './three.ts';

const UP = new Vector3(0, 0, 1);

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
      // Nearer than the ground that it lies on, whatever that ground's small bumps are.
      polygonOffset: true,
      polygonOffsetFactor: -2,
      polygonOffsetUnits: -4,
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
  const [place, turn, size] = [new Vector3(), new Quaternion(), new Vector3()];
  const findFloor = makeFloorFinder(fleet, radius);

  return {
    object: group,
    update: ({ values, width, height, robotScale }) => {
      robots.forEach((_, i) => {
        const p = fleet.findOffset(i, 'position');
        const isKnown = p >= 0 && Number.isFinite(values[p]!);
        const floor = isKnown ? findFloor(i, values, p) : undefined;
        const isAloft = floor !== undefined && values[p + 2]! - floor.height > radius;
        lines.setBirth(i, isAloft ? 0 : -1);
        if (floor !== undefined) {
          foot[0] = values[p]!;
          foot[1] = values[p + 1]!;
          foot[2] = floor.height;
          place.fromArray(foot).addScaledVector(floor.normal, 0.001);
          turn.setFromUnitVectors(UP, floor.normal);
          matrix.compose(place, turn, size.set(robotScale, robotScale, 1));
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
