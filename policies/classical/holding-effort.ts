import { STANDARD_GRAVITY } from '../../sim/math/gravity.ts';
import { writeIntegrated, writeQuatProduct, writeRotated } from '../../sim/math/quat.ts';
import { computeDot, type Numbers, type Vec3, writeCross } from '../../sim/math/vec3.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { computeRigidBodies, type RigidBody } from '../../sim/robot/rigid-bodies.ts';
import { transformPoint } from '../../sim/robot/transform.ts';

/** What the world carries a robot with. */
export interface Support {
  /** Link that it acts on. */
  readonly link: string;
  /** [m] [@frame base_link] */
  readonly pointB: Vec3;
  /** [N] [@frame base_link] */
  readonly forceB: Vec3;
}

/** A robot's centre of mass at given joint positions. [m] [@frame base_link] */
export function computeCentreOfMass(model: RobotModel, jointPosition: Numbers): Vec3 {
  const poses = computePoses(computeRigidBodies(model), jointPosition);
  const mass = poses.reduce((sum, { body }) => sum + body.mass, 0);
  const mean = (axis: 0 | 1 | 2) =>
    poses.reduce((sum, pose) => sum + pose.body.mass * pose.centre[axis], 0) / mass;
  return [mean(0), mean(1), mean(2)];
}

/**
 * Efforts that hold a level robot at rest: against the weight of everything beyond each joint and against what
 * supports it there. Friction and what springs hold are not taken off. For set-up: it allocates.
 * @param jointPosition [numJoints] rad or m, joint order
 * @returns [numJoints] N·m or N, joint order; 0 for a joint that is no simulated body
 */
export function computeHoldingEfforts(
  model: RobotModel,
  jointPosition: Numbers,
  supports: readonly Support[],
): Float64Array {
  const bodies = computeRigidBodies(model);
  const poses = computePoses(bodies, jointPosition);
  const efforts = new Float64Array(model.jointNames.length);
  const forces = poses.flatMap(({ body, centre }, i) => [
    { body: i, point: centre, force: [0, 0, -body.mass * STANDARD_GRAVITY] as const },
    ...supports
      .filter((support) => body.links.some((link) => link.name === support.link))
      .map((support) => ({ body: i, point: support.pointB, force: support.forceB })),
  ]);
  for (const { joint, body: moved, axis, origin } of poses.flatMap(getMovedJoint)) {
    for (const { body, point, force } of forces) {
      if (!isBeyond(bodies, body, moved)) continue;
      // The rate at which the force does work as the joint moves; the joint must do the opposite.
      efforts[joint.index]! -=
        joint.type === 'prismatic'
          ? computeDot(axis, 0, force, 0)
          : computeMoment(axis, origin, point, force);
    }
  }
  return efforts;
}

interface Pose {
  readonly body: RigidBody;
  /** [m] [@frame base_link] */
  readonly origin: Vec3;
  readonly rotation: readonly [number, number, number, number];
  readonly centre: Vec3;
  /** Of the joint that the body hangs on. [@frame base_link] */
  readonly axis: Vec3;
}

function computePoses(bodies: readonly RigidBody[], jointPosition: Numbers): readonly Pose[] {
  const poses: Pose[] = [];
  for (const body of bodies) {
    const { connection } = body;
    const rotation: [number, number, number, number] = [0, 0, 0, 1];
    const axis: [number, number, number] = [0, 0, 0];
    let origin: Vec3 = [0, 0, 0];
    if (connection !== undefined) {
      const parent = poses[connection.parent]!;
      const { parentBodyFromJoint, joint, jointIndex } = connection;
      const q = jointPosition[jointIndex]!;
      origin = transformPoint(
        { translation: parent.origin, rotation: parent.rotation },
        parentBodyFromJoint.translation,
      );
      writeQuatProduct(rotation, 0, parent.rotation, 0, parentBodyFromJoint.rotation, 0);
      writeRotated(axis, 0, rotation, 0, joint.axis, 0);
      if (joint.type === 'prismatic') {
        origin = [origin[0] + q * axis[0], origin[1] + q * axis[1], origin[2] + q * axis[2]];
      } else {
        writeIntegrated(rotation, 0, rotation, 0, joint.axis, 0, q);
      }
    }
    const centre = transformPoint({ translation: origin, rotation }, body.centreOfMass);
    poses.push({ body, origin, rotation, centre, axis });
  }
  return poses;
}

function getMovedJoint({ body, axis, origin }: Pose, i: number) {
  const { connection } = body;
  if (connection === undefined) return [];
  const joint = { index: connection.jointIndex, type: connection.joint.type };
  return [{ joint, body: i, axis, origin }];
}

/** Whether `body` moves when the joint of `moved` does. */
function isBeyond(bodies: readonly RigidBody[], body: number, moved: number): boolean {
  for (let at: number | undefined = body; at !== undefined; at = bodies[at]!.connection?.parent) {
    if (at === moved) return true;
  }
  return false;
}

/** Moment of a force about an axis through `origin`. [N·m] */
function computeMoment(axis: Vec3, origin: Vec3, point: Vec3, force: Vec3): number {
  const arm = [point[0] - origin[0], point[1] - origin[1], point[2] - origin[2]];
  const moment = [0, 0, 0];
  writeCross(moment, 0, arm, 0, force, 0);
  return computeDot(axis, 0, moment, 0);
}
