import type RAPIER from '@dimforge/rapier3d-simd-compat';
import { wrapAngle } from '../../math/quat.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { JointStates, Kinematics } from '../kinematics.ts';
import { computeMimicSource } from '../mimic-source.ts';
import { computeMovedInertias } from './inertias.ts';
import { addMotor, getMotor, setMaxEffort } from './joints.ts';
import type { JointSite } from './sites.ts';

/** [-] Gains of the coupling in units of I/h² and I/h: a follower makes up three quarters of its lag in a substep. */
const STIFFNESS = 1;
const DAMPING = 2;

interface Follower {
  readonly site: JointSite;
  /** Index in [numRobots, numJoints] of the joint that it follows. */
  readonly source: number;
  readonly multiplier: number;
  readonly offset: number;
  /** [kg·m²] or [kg] of all that moves with it, at home and unscaled: an estimate, whose error is felt a substep late */
  readonly inertia: number;
  readonly handle: number;
  motor: RAPIER.UnitImpulseJoint;
}

/**
 * Joints that mimic others. Rapier has no gears, so a stiff servo moves each follower along, and what it takes
 * to move it is taken from the joint that it follows. Inertia, which would make a reaction that comes a substep
 * late unstable, is felt there at once, as armature; the rest (gravity, contacts, friction of the follower) one
 * substep late.
 */
export class Mimics {
  readonly #followers: readonly Follower[];
  /** [s] */
  readonly #substepS: number;
  /** [numFollowers] what the servo strove for in the last substep */
  readonly #target: Float64Array;
  readonly #rate: Float64Array;
  readonly #velocity: Float64Array;
  /** [numFollowers] N·m or N on the followed joint in the next substep. Part of snapshots. */
  readonly reaction: Float64Array;

  constructor(
    sites: readonly JointSite[],
    model: RobotModel,
    kinematics: Kinematics,
    substepS: number,
  ) {
    const home = computeMovedInertias(model, kinematics);
    const numJoints = model.jointNames.length;
    this.#substepS = substepS;
    this.#followers = sites.flatMap((site) => {
      const { joint, jointIndex } = site.connection;
      if (joint.mimic === undefined) return [];
      const handle = addMotor(site.world(), site.pair(), site.connection);
      const motor = getMotor(site.world(), handle, joint);
      setMaxEffort(motor, Number.POSITIVE_INFINITY);
      const { index, multiplier, offset } = computeMimicSource(model, joint);
      const source = site.robot * numJoints + index;
      const inertia = home[jointIndex]!;
      return [{ site, source, multiplier, offset, inertia, handle, motor }];
    });
    const count = this.#followers.length;
    this.#target = new Float64Array(count);
    this.#rate = new Float64Array(count);
    this.#velocity = new Float64Array(count);
    this.reaction = new Float64Array(count);
  }

  /**
   * Before a substep: adds what followers do to the joints that they follow.
   * @param efforts [numRobots, numJoints] N·m or N
   */
  addReactions(efforts: Float64Array): void {
    for (let f = 0; f < this.#followers.length; f++) {
      efforts[this.#followers[f]!.source]! += this.reaction[f]!;
    }
  }

  /** Before a substep. */
  update(states: JointStates): void {
    const h = this.#substepS;
    for (let f = 0; f < this.#followers.length; f++) {
      const { site, source, multiplier, offset, inertia, motor } = this.#followers[f]!;
      this.#rate[f] = multiplier * states.velocity[source]!;
      const start = multiplier * states.position[source]! + offset;
      // Where the followed joint will be at the end of the substep: Rapier moves targets on by their rate.
      this.#target[f] = start + h * this.#rate[f]!;
      this.#velocity[f] = states.velocity[site.index]!;
      const isAngle = site.connection.joint.type !== 'prismatic';
      motor.configureMotor(
        isAngle ? wrapAngle(start) : start,
        this.#rate[f]!,
        (STIFFNESS * inertia) / (h * h),
        (DAMPING * inertia) / h,
      );
    }
  }

  /** After a substep: what the servos did, less the inertia that the followed joint felt at once. */
  measure(states: JointStates): void {
    const h = this.#substepS;
    for (let f = 0; f < this.#followers.length; f++) {
      const { site, multiplier, inertia } = this.#followers[f]!;
      const velocity = states.velocity[site.index]!;
      const lag = this.#target[f]! - states.position[site.index]!;
      const isAngle = site.connection.joint.type !== 'prismatic';
      const effort =
        (STIFFNESS * inertia * (isAngle ? wrapAngle(lag) : lag)) / (h * h) +
        (DAMPING * inertia * (this.#rate[f]! - velocity)) / h;
      const felt = (inertia * (velocity - this.#velocity[f]!)) / h;
      this.reaction[f] = -multiplier * (effort - felt);
    }
  }

  /** Forgets what followers of one copy did. */
  reset(robot: number): void {
    for (const [f, { site }] of this.#followers.entries()) {
      if (site.robot === robot) this.reaction[f] = 0;
    }
  }

  /** After worlds were restored. */
  reconnect(): void {
    for (const follower of this.#followers) {
      const { site, handle } = follower;
      follower.motor = getMotor(site.world(), handle, site.connection.joint);
    }
  }
}

/** [kg·m²] or [kg] that a joint feels of all that follows it: multiplier² × their inertia. */
export function computeReflected(
  model: RobotModel,
  kinematics: Kinematics,
  jointIndex: number,
): number {
  const followers = kinematics.bodies.flatMap(({ connection }) =>
    connection?.joint.mimic === undefined ? [] : [connection],
  );
  if (followers.length === 0) return 0;
  const inertias = computeMovedInertias(model, kinematics);
  return followers.reduce((sum, { joint, jointIndex: own }) => {
    const source = computeMimicSource(model, joint);
    return source.index === jointIndex ? sum + source.multiplier ** 2 * inertias[own]! : sum;
  }, 0);
}
