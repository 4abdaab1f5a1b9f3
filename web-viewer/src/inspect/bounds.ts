import { computeShapeBox } from '../scene/geometry.ts';
import { makeMatrix } from '../scene/kinematics.ts';
import { Box3, Matrix4, Vector3 } from '../scene/three.ts';
import type { Inspector } from './inspector.ts';

/** [m] [@frame map] box around the robot as it stands: its shapes, or its links' origins where it has none */
export function computeRobotBox({ model, mapFromLink }: Inspector): Box3 {
  const box = new Box3();
  const origins = new Box3();
  const mapFromShape = new Matrix4();
  model.links.forEach(({ visuals, collisions = [] }, link) => {
    origins.expandByPoint(new Vector3().setFromMatrixPosition(mapFromLink[link]!));
    for (const { linkFromShape, geometry } of [...visuals, ...collisions]) {
      const corners = computeShapeBox(model, geometry);
      if (corners === undefined) continue;
      const [lower, upper] = corners.map((corner) => new Vector3(...corner));
      mapFromShape.multiplyMatrices(mapFromLink[link]!, makeMatrix(linkFromShape));
      box.union(new Box3(lower, upper).applyMatrix4(mapFromShape));
    }
  });
  return box.isEmpty() ? origins : box;
}
