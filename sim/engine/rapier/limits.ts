import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { Joint } from '../../robot/model.ts';
import { isWide, type JointStates } from '../kinematics.ts';

/** [rad] A wide joint nearer than this to one of its limits has this one, and none otherwise. */
const NEAR = 1.5;
/** [rad] How far from the limit that it has such a joint is taken for being on its inner side. */
const INSIDE = 3;
/** [rad] Rapier takes limits a turn apart and more for none. */
const NONE = 10;
const FREE = 0;
const AT_LOWER = 1;
const AT_UPPER = 2;

/** A revolute joint whose limits are so far apart that turns have to be counted. */
interface WideJoint {
  readonly joint: Joint;
  /** Index in [numRobots, numJoints]. */
  readonly index: number;
  /** Index among the engine's main joints. */
  readonly main: number;
}

/** Sets the limits of a joint once; those of wide joints are set as they come near. */
export function setLimits(main: RAPIER.ImpulseJoint, joint: Joint): void {
  const isLimited = Number.isFinite(joint.lower) || Number.isFinite(joint.upper);
  if (joint.type === 'continuous' || !isLimited) return;
  const unit = main as RAPIER.UnitImpulseJoint;
  if (isWide(joint)) unit.setLimits(-NONE, NONE);
  else unit.setLimits(joint.lower, joint.upper);
}

/**
 * Rapier reads a hinge's angle from its pose, within half a turn of the middle of its limits. Limits that are
 * further apart, up to many turns, are therefore given to it one at a time: the near one, beyond which the joint
 * must not turn.
 */
export class WideLimits {
  readonly #joints: WideJoint[] = [];
  /** Per wide joint: which limit Rapier has. Part of snapshots. */
  readonly given: Uint8Array;

  constructor(joints: readonly WideJoint[]) {
    this.#joints.push(...joints);
    this.given = new Uint8Array(joints.length);
  }

  get count(): number {
    return this.#joints.length;
  }

  /** After the main joint was made anew. */
  forget(main: number): void {
    const k = this.#joints.findIndex((joint) => joint.main === main);
    if (k >= 0) this.given[k] = FREE;
  }

  /** @param mains the engine's main joints */
  update(mains: readonly RAPIER.ImpulseJoint[], states: JointStates): void {
    for (let k = 0; k < this.#joints.length; k++) {
      const { joint, index, main } = this.#joints[k]!;
      const position = states.position[index]!;
      const wanted =
        position > joint.upper - NEAR ? AT_UPPER : position < joint.lower + NEAR ? AT_LOWER : FREE;
      if (wanted === this.given[k]) continue;
      this.given[k] = wanted;
      const unit = mains[main] as RAPIER.UnitImpulseJoint;
      if (wanted === AT_UPPER) unit.setLimits(joint.upper - INSIDE, joint.upper);
      else if (wanted === AT_LOWER) unit.setLimits(joint.lower, joint.lower + INSIDE);
      else unit.setLimits(-NONE, NONE);
    }
  }
}
