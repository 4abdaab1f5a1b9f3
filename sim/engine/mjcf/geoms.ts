import type { CollisionShape, Geometry, Material } from '../../robot/geometry.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import { composeTransforms } from '../../robot/transform.ts';
import type { Scene } from '../../terrain/scene.ts';
import type { ConvexParts } from '../convex.ts';
import { escapeXml, formatPose, getMjcfName } from './text.ts';

/** One solid that MuJoCo collides: a shape of the robot, a convex part of one, or a thing of the scene. */
export interface Geom {
  readonly name: string;
  readonly material: Material;
  /** Index of the rigid body, of the link and of the shape that it is (a part) of; absent for the scene. */
  readonly owner?: { readonly body: number; readonly link: string; readonly shape: number };
}

export interface RobotGeom extends Geom {
  readonly owner: NonNullable<Geom['owner']>;
  /** Type, size and pose in the body, as attributes. */
  readonly attributes: string;
  /** [n, 3] m corners of a convex mesh, in the shape's frame */
  readonly corners?: Float32Array;
}

/** Geoms of the robot, whose rays may be left out, are in group 1, those of the scene in group 0. */
export const ROBOT_GROUP = 1;
export const GROUND_GEOM = 'ground';

export function getObjectName(index: number): string {
  return `object#${index}`;
}

/** Every geom of a robot, in the order of its shapes, parts of one shape in theirs. */
export function listRobotGeoms(
  model: RobotModel,
  bodies: readonly RigidBody[],
  parts: ConvexParts,
): readonly RobotGeom[] {
  const shapes = model.links.flatMap((link) =>
    link.collisions.map((shape) => ({ link: link.name, shape })),
  );
  return shapes.flatMap(({ link, shape }, index) => {
    const body = bodies.findIndex(({ links }) => links.some(({ name }) => name === link));
    const { bodyFromLink } = bodies[body]!.links.find(({ name }) => name === link)!;
    const pose = formatPose(composeTransforms(bodyFromLink, shape.linkFromShape));
    return listSolids(model, shape, parts).map(({ form, corners }, part) => ({
      name: `${getMjcfName(model, shape.name)}#${part}`,
      material: shape.material,
      owner: { body, link, shape: index },
      attributes: `${form} ${pose}`,
      ...(corners === undefined ? {} : { corners }),
    }));
  });
}

interface Solid {
  readonly form: string;
  readonly corners?: Float32Array;
}

function listSolids(model: RobotModel, shape: CollisionShape, parts: ConvexParts): Solid[] {
  if (shape.geometry.kind !== 'mesh') return [{ form: formatPrimitive(shape.geometry) }];
  return (parts.get(shape.name) ?? []).map((corners, part) => {
    const mesh = escapeXml(`${getMjcfName(model, shape.name)}#${part}`);
    return { form: `type="mesh" mesh="${mesh}"`, corners };
  });
}

export function listSceneGeoms(scene: Scene): readonly Geom[] {
  const ground = scene.ground === undefined ? [] : [scene.ground];
  return [
    ...ground.map(({ material }) => ({ name: GROUND_GEOM, material })),
    ...scene.objects.map(({ material }, index) => ({ name: getObjectName(index), material })),
  ];
}

/** Type and size; MuJoCo's sizes are halves. */
export function formatPrimitive(geometry: Exclude<Geometry, { readonly kind: 'mesh' }>): string {
  switch (geometry.kind) {
    case 'box':
      return `type="box" size="${geometry.size.map((extent) => extent / 2).join(' ')}"`;
    case 'sphere':
      return `type="sphere" size="${geometry.radius}"`;
    case 'cylinder':
    case 'capsule':
      return `type="${geometry.kind}" size="${geometry.radius} ${geometry.length / 2}"`;
  }
}

/** Corners only: MuJoCo hulls them, and puts the geom so that they lie where the shape's frame has them. */
export function makeMeshAssets(geoms: readonly RobotGeom[]): string[] {
  return geoms.flatMap(({ name, corners }) =>
    corners === undefined
      ? []
      : [`    <mesh name="${escapeXml(name)}" vertex="${corners.join(' ')}"/>`],
  );
}
