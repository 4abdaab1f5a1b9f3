import { writeInverseRotated } from '../math/quat.ts';
import { computeDot, type Vec3 } from '../math/vec3.ts';
import { BodyFrames } from './body-frames.ts';
import type { Geometry, Transform } from './geometry.ts';
import { type InertiaTensor, rotateInertia, shiftInertia } from './inertia.ts';
import type { Joint, RobotModel } from './model.ts';
import { getBodyFromLink, type RigidBody } from './rigid-bodies.ts';
import { computeExtent } from './shape-extent.ts';
import { makeStateBatch } from './state.ts';
import { composeTransforms, transformPoint } from './transform.ts';

/**
 * Where every body is when joints are where they are told to be, with everything at rest.
 * @param jointPosition [numJoints] rad or m, joint order
 * @returns rootBodyFromBody of each body, in the order of `bodies`
 */
export function computeBodyPoses(
  bodies: readonly RigidBody[],
  jointPosition: readonly number[],
): Transform[] {
  const state = makeStateBatch(1, jointPosition.length);
  state.jointPosition.set(jointPosition);
  const frames = new BodyFrames(bodies);
  frames.compute(state, 0);
  return bodies.map((_, i) => {
    const [x, y, z] = frames.position.subarray(3 * i);
    const [qx, qy, qz, qw] = frames.orientation.subarray(4 * i);
    return { translation: [x!, y!, z!], rotation: [qx!, qy!, qz!, qw!] };
  });
}

/** Centre of mass of all bodies together. [m] [@frame base_link]; undefined without mass */
export function computeCentreOfMass(
  bodies: readonly RigidBody[],
  poses: readonly Transform[],
): Vec3 | undefined {
  const mass = bodies.reduce((sum, body) => sum + body.mass, 0);
  if (!(mass > 0)) return undefined;
  const centre: [number, number, number] = [0, 0, 0];
  bodies.forEach((body, i) => {
    const point = transformPoint(poses[i]!, body.centreOfMass);
    for (const axis of [0, 1, 2] as const) centre[axis] += (body.mass / mass) * point[axis];
  });
  return centre;
}

/**
 * Inertia about a joint of everything beyond it and of everything on its near side, the other joints held.
 * [kg·m²], or [kg] for a prismatic joint
 */
export function computeJointInertia(
  bodies: readonly RigidBody[],
  poses: readonly Transform[],
  index: number,
): { readonly beyond: number; readonly before: number } {
  const { connection } = bodies[index]!;
  if (connection === undefined) throw new RangeError('the root body has no joint');
  const isBeyond = bodies.map(() => false);
  bodies.forEach((body, i) => {
    isBeyond[i] =
      i === index || (body.connection !== undefined && isBeyond[body.connection.parent]!);
  });
  const sums = { beyond: 0, before: 0 };
  bodies.forEach((body, i) => {
    sums[isBeyond[i]! ? 'beyond' : 'before'] += computeInertiaAbout(
      body,
      poses[i]!,
      connection.joint,
      poses[index]!,
    );
  });
  return sums;
}

function computeInertiaAbout(
  body: RigidBody,
  pose: Transform,
  joint: Joint,
  rootFromJoint: Transform,
): number {
  if (joint.type === 'prismatic') return body.mass;
  const rootFromPrincipal = composeTransforms(pose, {
    translation: body.centreOfMass,
    rotation: body.bodyFromPrincipal,
  });
  const tensor = rotateInertia([...body.moments, 0, 0, 0], rootFromPrincipal.rotation);
  const [cx, cy, cz] = rootFromPrincipal.translation;
  const [ox, oy, oz] = rootFromJoint.translation;
  const about = shiftInertia(tensor, body.mass, [cx - ox, cy - oy, cz - oz]);
  const axis = transformPoint(
    { translation: [0, 0, 0], rotation: rootFromJoint.rotation },
    joint.axis,
  );
  return computeMoment(about, axis);
}

/** aᵀ · I · a */
function computeMoment([xx, yy, zz, xy, xz, yz]: InertiaTensor, [x, y, z]: Vec3): number {
  return xx * x * x + yy * y * y + zz * z * z + 2 * (xy * x * y + xz * x * z + yz * y * z);
}

/** A collision shape where the joints have put it. */
export interface PlacedShape {
  readonly geometry: Geometry;
  /** Base_link from shape. */
  readonly rootFromShape: Transform;
}

/** @param poses of `bodies`, see {@link computeBodyPoses} */
export function placeCollisionShapes(
  model: Pick<RobotModel, 'links'>,
  bodies: readonly RigidBody[],
  poses: readonly Transform[],
): PlacedShape[] {
  return bodies.flatMap((body, i) =>
    body.links.flatMap(({ name }) => {
      const rootFromLink = composeTransforms(poses[i]!, getBodyFromLink(body, name));
      const link = model.links.find((candidate) => candidate.name === name);
      return (link?.collisions ?? []).map(({ geometry, linkFromShape }) => ({
        geometry,
        rootFromShape: composeTransforms(rootFromLink, linkFromShape),
      }));
    }),
  );
}

/** Height of the lowest point of any collision shape. [m] [@frame base_link]; undefined without shapes */
export function computeLowestPoint(
  model: Pick<RobotModel, 'links' | 'meshes'>,
  bodies: readonly RigidBody[],
  poses: readonly Transform[],
): number | undefined {
  const heights = placeCollisionShapes(model, bodies, poses).map(
    (shape) => -computeExtentAlong(shape, [0, 0, -1], model.meshes),
  );
  const lowest = Math.min(...heights);
  return Number.isFinite(lowest) ? lowest : undefined;
}

/**
 * Farthest point of a shape along a direction. [m] from base_link's origin; −Infinity for a mesh that was not read
 * @param along unit vector [@frame base_link]
 */
export function computeExtentAlong(
  { geometry, rootFromShape }: PlacedShape,
  along: Vec3,
  meshes: RobotModel['meshes'],
): number {
  const { translation, rotation } = rootFromShape;
  const alongS: [number, number, number] = [0, 0, 0];
  writeInverseRotated(alongS, 0, rotation, 0, along, 0);
  return computeDot(translation, 0, along, 0) + computeExtent(geometry, alongS, meshes);
}
