import type { Vec3 } from '../math/vec3.ts';
import { BodyFrames } from './body-frames.ts';
import type { Shape, Transform } from './geometry.ts';
import { type InertiaTensor, rotateInertia, shiftInertia } from './inertia.ts';
import type { Joint, RobotModel } from './model.ts';
import { getBodyFromLink, type RigidBody } from './rigid-bodies.ts';
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

/** Height of the lowest point of any collision shape. [m] [@frame base_link]; undefined without shapes */
export function computeLowestPoint(
  model: Pick<RobotModel, 'links' | 'meshes'>,
  bodies: readonly RigidBody[],
  poses: readonly Transform[],
): number | undefined {
  let lowest: number | undefined;
  bodies.forEach((body, i) => {
    for (const { name } of body.links) {
      const rootFromLink = composeTransforms(poses[i]!, getBodyFromLink(body, name));
      const link = model.links.find((candidate) => candidate.name === name);
      for (const shape of link?.collisions ?? []) {
        const rootFromShape = composeTransforms(rootFromLink, shape.linkFromShape);
        const z = computeLowestOfShape(shape, rootFromShape, model.meshes);
        if (z !== undefined && z < (lowest ?? Number.POSITIVE_INFINITY)) lowest = z;
      }
    }
  });
  return lowest;
}

function computeLowestOfShape(
  { geometry }: Shape,
  rootFromShape: Transform,
  meshes: RobotModel['meshes'],
): number | undefined {
  const { translation, rotation } = rootFromShape;
  // The row of the rotation matrix that gives z: how far each axis of the shape points up.
  const up = (axis: Vec3) => transformPoint({ translation: [0, 0, 0], rotation }, axis)[2];
  const [ux, uy, uz] = [up([1, 0, 0]), up([0, 1, 0]), up([0, 0, 1])];
  switch (geometry.kind) {
    case 'sphere':
      return translation[2] - geometry.radius;
    case 'box': {
      const [x, y, z] = geometry.size;
      return translation[2] - (Math.abs(ux) * x + Math.abs(uy) * y + Math.abs(uz) * z) / 2;
    }
    case 'cylinder':
      return (
        translation[2] -
        (Math.abs(uz) * geometry.length) / 2 -
        geometry.radius * Math.sqrt(Math.max(0, 1 - uz * uz))
      );
    case 'capsule':
      return translation[2] - (Math.abs(uz) * geometry.length) / 2 - geometry.radius;
    case 'mesh': {
      const vertices = meshes.get(geometry.uri)?.vertices ?? [];
      const [sx, sy, sz] = geometry.scale;
      let lowest = Number.POSITIVE_INFINITY;
      for (let i = 0; i + 2 < vertices.length; i += 3) {
        const z = ux * sx * vertices[i]! + uy * sy * vertices[i + 1]! + uz * sz * vertices[i + 2]!;
        lowest = Math.min(lowest, z);
      }
      return lowest === Number.POSITIVE_INFINITY ? undefined : translation[2] + lowest;
    }
  }
}
