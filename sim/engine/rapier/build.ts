import RAPIER from '@dimforge/rapier3d-simd-compat';
import { UserError } from '../../errors.ts';
import { writeNormalized } from '../../math/quat.ts';
import { computeNorm } from '../../math/vec3.ts';
import type { Geometry, Transform } from '../../robot/geometry.ts';
import type { Joint, RobotModel } from '../../robot/model.ts';
import type { BodyConnection, RigidBody } from '../../robot/rigid-bodies.ts';
import { composeTransforms } from '../../robot/transform.ts';
import type { RobotScales } from '../engine.ts';

// Interaction groups: 16 bits of membership, 16 bits of what to collide with.
const ROBOT_GROUP = 0x0001_0002;
const WORLD_GROUP = 0x0002_0001;
/** [-] URDF has no contact friction; this is Rapier's own default, hard plastic on a hard floor. */
const CONTACT_FRICTION = 0.5;
/** [N·m·s/rad or N·s/m] So steep that friction is at its limit unless the joint stands still. */
const STICTION_DAMPING = 1e6;
/** Rapier's cylinders stand along y, URDF's along z: a quarter turn about x. */
const SHAPE_FROM_CYLINDER = {
  translation: [0, 0, 0],
  rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2],
} as const;

export interface BuiltCollider {
  readonly handle: number;
  /** [m] farthest point from the body's origin */
  readonly reach: number;
}

/** Adds the plane z = 0. @returns its handle */
export function addGround(world: RAPIER.World): number {
  const plane = new RAPIER.ColliderDesc(new RAPIER.HalfSpace({ x: 0, y: 0, z: 1 }));
  plane.setCollisionGroups(WORLD_GROUP).setFriction(CONTACT_FRICTION);
  return world.createCollider(plane).handle;
}

/**
 * Adds the collision shapes of a body's links, without mass: that is set on its own.
 * @throws UserError for a collision mesh
 */
export function addColliders(
  world: RAPIER.World,
  rigidBody: RAPIER.RigidBody,
  body: RigidBody,
  model: RobotModel,
): BuiltCollider[] {
  return body.links.flatMap(({ name, bodyFromLink }) => {
    const link = model.links.find((candidate) => candidate.name === name)!;
    return link.collisions.map((shape) => {
      const { description, reach } = toCollider(
        shape.geometry,
        `robot '${model.name}', link '${name}', collision '${shape.name}'`,
      );
      const bodyFromShape = composeTransforms(bodyFromLink, shape.linkFromShape);
      const { translation, rotation } =
        shape.geometry.kind === 'cylinder' || shape.geometry.kind === 'capsule'
          ? composeTransforms(bodyFromShape, SHAPE_FROM_CYLINDER)
          : bodyFromShape;
      description
        .setDensity(0)
        .setTranslation(...translation)
        .setRotation(toRotation(rotation))
        .setCollisionGroups(ROBOT_GROUP)
        .setFriction(CONTACT_FRICTION);
      const { handle } = world.createCollider(description, rigidBody);
      return { handle, reach: computeNorm(translation) + reach };
    });
  });
}

function toCollider(
  geometry: Geometry,
  where: string,
): { description: RAPIER.ColliderDesc; reach: number } {
  switch (geometry.kind) {
    case 'box': {
      const [x, y, z] = geometry.size;
      return {
        description: RAPIER.ColliderDesc.cuboid(x / 2, y / 2, z / 2),
        reach: computeNorm(geometry.size) / 2,
      };
    }
    case 'sphere':
      return { description: RAPIER.ColliderDesc.ball(geometry.radius), reach: geometry.radius };
    case 'cylinder':
      return {
        description: RAPIER.ColliderDesc.cylinder(geometry.length / 2, geometry.radius),
        reach: Math.hypot(geometry.length / 2, geometry.radius),
      };
    case 'capsule':
      return {
        description: RAPIER.ColliderDesc.capsule(geometry.length / 2, geometry.radius),
        reach: geometry.length / 2 + geometry.radius,
      };
    case 'mesh':
      throw new UserError({
        where,
        problem: 'the rapier engine does not load collision meshes',
        expected: 'a box, sphere or cylinder',
        got: `mesh '${geometry.uri}'`,
        remedy: 'Replace the collision mesh by primitives around it; visual meshes are fine.',
      });
  }
}

function toRotation([x, y, z, w]: readonly [number, number, number, number]) {
  return { x, y, z, w };
}

function toVector([x, y, z]: readonly [number, number, number]) {
  return { x, y, z };
}

/** Sets mass, centre of mass and principal inertia, scaled. */
export function setMass(target: RAPIER.RigidBody, body: RigidBody, scales: RobotScales): void {
  const [x, y, z] = body.moments;
  const [sx, sy, sz] = scales.inertia;
  target.setAdditionalMassProperties(
    body.mass * scales.mass,
    toVector(body.centreOfMass),
    { x: x * sx, y: y * sy, z: z * sz },
    toRotation(body.bodyFromPrincipal),
    true,
  );
}

/** Adds one joint, or two where damping and friction each need a motor. */
export function addJoints(
  world: RAPIER.World,
  parent: RAPIER.RigidBody,
  child: RAPIER.RigidBody,
  { joint, parentBodyFromJoint }: BodyConnection,
): void {
  const add = () => {
    const zero = { x: 0, y: 0, z: 0 };
    const along = { x: 1, y: 0, z: 0 };
    const description =
      joint.type === 'prismatic'
        ? RAPIER.JointData.prismatic(zero, zero, along)
        : RAPIER.JointData.revolute(zero, zero, along);
    const made = world.createImpulseJoint(
      description,
      parent,
      child,
      true,
    ) as RAPIER.UnitImpulseJoint;
    const { translation, rotation } = composeTransforms(parentBodyFromJoint, jointFromAxis(joint));
    made.setLocalFrame1(toVector(translation), toRotation(rotation));
    made.setLocalFrame2(zero, toRotation(jointFromAxis(joint).rotation));
    made.configureMotorModel(RAPIER.MotorModel.ForceBased);
    return made;
  };
  const main = add();
  checkLimits(joint);
  if (Number.isFinite(joint.lower) || Number.isFinite(joint.upper))
    main.setLimits(joint.lower, joint.upper);
  if (joint.damping > 0) main.configureMotorVelocity(0, joint.damping);
  if (joint.friction === 0) return;
  const brake = joint.damping > 0 ? add() : main;
  brake.configureMotorVelocity(0, STICTION_DAMPING);
  brake.setMotorMaxForce(joint.friction);
}

/** A frame whose x axis is the joint's axis, which is how Rapier wants it. */
function jointFromAxis(joint: Joint): Transform {
  const [x, y, z] = joint.axis;
  // Half-way rotation from x to the axis; a half turn about z where the axis is −x.
  const rotation: [number, number, number, number] =
    x < -1 + 1e-12 ? [0, 0, 1, 0] : [0, -z, y, 1 + x];
  writeNormalized(rotation, 0, rotation, 0);
  return { translation: [0, 0, 0], rotation };
}

/** Rapier knows a joint's angle only up to whole turns. */
function checkLimits(joint: Joint): void {
  if (joint.type !== 'revolute') return;
  if (joint.lower >= -Math.PI && joint.upper <= Math.PI) return;
  throw new UserError({
    where: `joint '${joint.name}'`,
    problem: 'the rapier engine cannot hold limits beyond half a turn from zero',
    expected: 'limits within ±3.14159 rad',
    got: `${joint.lower} … ${joint.upper}`,
    remedy: 'Narrow the limits, or make the joint continuous.',
  });
}
