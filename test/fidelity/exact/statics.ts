import { writeRotated } from '../../../sim/math/quat.ts';
import type { Vec3 } from '../../../sim/math/vec3.ts';
import type { RigidBody } from '../../../sim/robot/rigid-bodies.ts';
import type { StateBatch } from '../../../sim/robot/state.ts';
import { computeCentre, computeFrames } from './tree.ts';

/** A force on a body of the robot. */
export interface PointForce {
  /** Index in the list of bodies. */
  readonly body: number;
  /** [N] [@frame odom] */
  readonly force: Vec3;
  /** [m] [@frame odom] */
  readonly at: Vec3;
}

/**
 * What the drives of robot 0 have to hold if it stands still in this pose under these forces: against the moment, about
 * each joint's axis, of the weight and the outside forces of everything beyond the joint. [N·m or N], joint order
 * @param gravity [m/s²] along −z
 */
export function computeHoldingEfforts(
  bodies: readonly RigidBody[],
  state: StateBatch,
  forces: readonly PointForce[],
  gravity: number,
): Float64Array {
  const frames = computeFrames(bodies, state);
  const weights = bodies.map((body, i) => ({
    body: i,
    force: [0, 0, -body.mass * gravity] as const,
    at: computeCentre(frames[i]!, body),
  }));
  const efforts = new Float64Array(state.numJoints);
  for (const [i, { connection }] of bodies.entries()) {
    if (connection === undefined) continue;
    const { orientation, position } = frames[i]!;
    const axis = new Float64Array(3);
    // The axis is the same in the frame of the joint and in that of the body beyond it.
    writeRotated(axis, 0, orientation, 0, connection.joint.axis, 0);
    let held = 0;
    for (const { body, force, at } of [...weights, ...forces]) {
      if (!isBeyond(bodies, body, i)) continue;
      const arm = at.map((value, k) => value - position[k]!) as unknown as Vec3;
      held += connection.joint.type === 'prismatic' ? dot(axis, force) : triple(axis, arm, force);
    }
    efforts[connection.jointIndex] = -held;
  }
  return efforts;
}

function isBeyond(bodies: readonly RigidBody[], body: number, joint: number): boolean {
  for (let i: number | undefined = body; i !== undefined; i = bodies[i]!.connection?.parent) {
    if (i === joint) return true;
  }
  return false;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

/** axis · (arm × force) */
function triple(axis: ArrayLike<number>, arm: Vec3, force: Vec3): number {
  return dot(axis, [
    arm[1] * force[2] - arm[2] * force[1],
    arm[2] * force[0] - arm[0] * force[2],
    arm[0] * force[1] - arm[1] * force[0],
  ]);
}
