import { UserError } from '../../errors.ts';
import type { CollisionShape } from '../../robot/geometry.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { HeightField } from '../../terrain/scene.ts';
import type { ConvexParts } from '../convex.ts';

/**
 * [1] cells of a height field that a flat shape may lie on. MuJoCo keeps 50 contacts of a shape and a height field, row
 * by row, two to a cell. Measured on level fields: a box of 0.4 × 0.4 m and one of 1 × 0.2 m lie still on up to
 * 100 cells of 40 to 60 mm, and tip over and fall through on 125 and more.
 */
const MOST_CELLS = 100;

/** Shapes of the robot that would fall through the field. */
export function checkFootprints(
  model: RobotModel,
  parts: ConvexParts,
  { cellSize }: HeightField,
): UserError[] {
  return model.links.flatMap((link) =>
    link.collisions.flatMap((shape) => {
      const area = Math.max(...listAreas(shape, parts));
      const cells = area / cellSize ** 2;
      if (cells <= MOST_CELLS) return [];
      return [
        new UserError({
          where: `robot '${model.name}', link '${link.name}', collision '${shape.name}'`,
          problem: 'MuJoCo would let it fall through so fine a height field',
          expected: `at most ${MOST_CELLS} cells under it`,
          got: `${Math.ceil(cells)} cells of ${cellSize} m`,
          remedy: `Use cells of ${(Math.ceil(1e3 * Math.sqrt(area / MOST_CELLS)) / 1e3).toString()} m or more, several smaller shapes, or engine 'rapier'.`,
        }),
      ];
    }),
  );
}

/** [m²] that each solid of a shape can lie on; nothing for round ones. */
function listAreas({ geometry, name }: CollisionShape, parts: ConvexParts): number[] {
  switch (geometry.kind) {
    case 'box':
      return [computeFace(geometry.size)];
    case 'cylinder':
      return [(2 * geometry.radius) ** 2];
    case 'mesh':
      return (parts.get(name) ?? []).map((corners) => computeFace(computeExtents(corners)));
    default:
      return [0];
  }
}

/** The largest face of a box. */
function computeFace(extents: readonly number[]): number {
  const [, middle, large] = [...extents].sort((p, q) => p - q);
  return middle! * large!;
}

function computeExtents(corners: Float32Array): number[] {
  return [0, 1, 2].map((axis) => {
    const along = corners.filter((_, k) => k % 3 === axis);
    return Math.max(...along) - Math.min(...along);
  });
}
