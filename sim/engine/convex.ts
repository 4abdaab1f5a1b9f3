import { throwIfAny, UserError } from '../errors.ts';
import type { CollisionShape, MeshAsset } from '../robot/geometry.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeDecomposition, computeHull } from './rapier/convex-hulls.ts';

/** By the name of a collision shape: the convex solids that stand for its mesh, [n, 3] m corners in the shape's frame. */
export type ConvexParts = ReadonlyMap<string, readonly Float32Array[]>;

const computed = new WeakMap<RobotModel, Promise<ConvexParts>>();

/**
 * The convex solids that stand for each collision mesh of a robot, scaled, in the shape's own frame: one hull, or the
 * parts of a decomposition. Both engines collide these, so that they collide the same. Computed once per model;
 * shapes that are no meshes are not in it.
 * @throws UserError, or UserErrors, for meshes that were not found or enclose no volume
 */
export function computeConvexParts(model: RobotModel): Promise<ConvexParts> {
  let parts = computed.get(model);
  if (parts === undefined) {
    parts = computeAll(model);
    computed.set(model, parts);
  }
  return parts;
}

async function computeAll(model: RobotModel): Promise<ConvexParts> {
  const parts = new Map<string, readonly Float32Array[]>();
  const problems: UserError[] = [];
  for (const link of model.links) {
    for (const shape of link.collisions) {
      if (shape.geometry.kind !== 'mesh') continue;
      const where = `robot '${model.name}', link '${link.name}', collision '${shape.name}'`;
      const asset = model.meshes.get(shape.geometry.uri);
      if (asset === undefined) {
        problems.push(makeMissing(where, shape.geometry.uri));
        continue;
      }
      const solids = await computeParts(shape, shape.geometry.scale, asset);
      if (solids.length === 0) problems.push(makeFlat(where, asset));
      parts.set(shape.name, solids);
    }
  }
  throwIfAny(problems);
  return parts;
}

async function computeParts(
  shape: CollisionShape,
  scale: readonly [number, number, number],
  asset: MeshAsset,
): Promise<readonly Float32Array[]> {
  const points = asset.vertices.map((value, k) => value * scale[k % 3]!);
  if (shape.solid === 'decomposition') return computeDecomposition(points, asset.triangles);
  const hull = await computeHull(points);
  return hull === undefined ? [] : [hull];
}

function makeMissing(where: string, uri: string): UserError {
  return new UserError({
    where,
    problem: 'its mesh was not found, so it cannot collide',
    expected: 'a mesh file that can be read',
    got: `'${uri}'`,
    remedy:
      'Open the robot with openRobot and the paths of its packages, or replace the collision mesh by primitives.',
  });
}

function makeFlat(where: string, asset: MeshAsset): UserError {
  return new UserError({
    where,
    problem: 'its mesh is no solid',
    expected: 'triangles around a volume',
    got: `${asset.vertices.length / 3} vertices in one plane or line of ${asset.path}`,
    remedy: 'Correct the mesh or its scale, or replace it by a thin box.',
  });
}
