import type RAPIER from '@dimforge/rapier3d-simd-compat';
import { wrapAngle } from '../../math/quat.ts';
import { clamp } from '../../math/vec3.ts';
import type { Joint } from '../../robot/model.ts';
import type { JointDrive } from '../engine.ts';
import type { JointStates } from '../kinematics.ts';
import { setMaxEffort } from './joints.ts';

/** [rad] Rapier takes the short way round to a target; one further away than this is brought nearer. */
const FAR = 3;

/**
 * [-] What a joint's bodies bring along themselves, of all that the joint moves, from which on sweeps can be trusted
 * to make one motion of an effort that is applied outright.
 */
const SETTLES = 0.1;

/** What a servo has to move. */
export interface DriveLoad {
  /** [kg·m²] or [kg] see computeBareInertias */
  readonly bare: number;
  /** [-] the same with armature, of all that the joint moves: little where a light link carries others */
  readonly ownShare: number;
}

export interface DriveTargets {
  /** [numRobots, numJoints] rad or m, joint order */
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;
}

/**
 * Servos: their gains, what they strive for, and the efforts that follow from both.
 *
 * Rapier starts every substep with motors that do nothing and finds their efforts sweep by sweep, so after a few
 * sweeps a leg that carries weight still lacks a fifth of it. Part of a servo's effort is therefore applied
 * outright, and the motor is left with the difference: its target is shifted so that the sum stays the same implicit
 * servo whatever that part is.
 *
 * That part follows what the servo did at the end of the last substep.
 * - It does so through a low pass. Sweeps that have not settled leave errors of velocity behind, of which a servo
 *   makes efforts, and those, applied outright, velocities again: damping · h / I times as large on bodies with the
 *   moment I. The low pass takes in I / (I + damping · h + stiffness · h²) of what is new.
 * - It fades away where light links carry others, for there sweeps do not settle: an effort that turns such a link
 *   about its own centre can leave the joint turning against it. Four links of 10 g, 25 mm long, with half the
 *   moment of a rod, whirled at 230 rad/s at 2 ms and 1 × 8.
 */
export class DriveAim {
  // All [numRobots × numJoints], joint order; all part of snapshots.
  readonly stiffness: Float64Array;
  readonly damping: Float64Array;
  /** 0: no servo */
  readonly maxEffort: Float64Array;
  /** N·m or N applied outright in the last substep */
  readonly outright: Float64Array;
  /** [s] what Rapier solves at once */
  readonly #solvedS: number;
  /** [s] between updates */
  readonly #substepS: number;
  /** [numJoints] */
  readonly #loads: readonly DriveLoad[];
  /** [numRobots × numJoints] share of what is new that the low pass takes in */
  readonly #share: Float64Array;

  constructor(
    numCoordinates: number,
    settings: {
      readonly solvedS: number;
      readonly substepS: number;
      /** [numJoints] */
      readonly loads: readonly DriveLoad[];
    },
  ) {
    this.#solvedS = settings.solvedS;
    this.#substepS = settings.substepS;
    this.#loads = settings.loads;
    this.stiffness = new Float64Array(numCoordinates);
    this.damping = new Float64Array(numCoordinates);
    this.maxEffort = new Float64Array(numCoordinates);
    this.outright = new Float64Array(numCoordinates);
    this.#share = new Float64Array(numCoordinates);
  }

  set(index: number, drive: JointDrive | undefined): void {
    this.stiffness[index] = drive?.stiffness ?? 0;
    this.damping[index] = drive?.damping ?? 0;
    this.maxEffort[index] = drive?.maxEffort ?? 0;
    if (drive === undefined) this.outright[index] = 0;
    this.#weigh(index);
  }

  /** After the arrays were restored. */
  restore(): void {
    for (let index = 0; index < this.#share.length; index++) this.#weigh(index);
  }

  /**
   * Tells a motor what to strive for in the next substep.
   * @returns N·m or N to be applied outright
   */
  update(
    motor: RAPIER.UnitImpulseJoint,
    joint: Joint,
    index: number,
    states: JointStates,
    targets: DriveTargets,
  ): number {
    const limit = this.maxEffort[index]!;
    if (limit === 0) return 0;
    const stiffness = this.stiffness[index]!;
    const damping = this.damping[index]!;
    const position = states.position[index]!;
    const rate = targets.driveVelocity[index]!;
    const now = this.computeEffort(joint, index, position, states.velocity[index]!, targets);
    const last = this.outright[index]!;
    const trust = Math.min(1, this.#getLoad(index).ownShare / SETTLES);
    // The motor needs room to turn round: it has at least half of the limit, and what the servo asked for last.
    const outright = clamp(
      last + this.#share[index]! * (trust * now - last),
      Math.max(-limit, now - limit) / 2,
      Math.min(limit, now + limit) / 2,
    );
    this.outright[index] = outright;
    setMaxEffort(motor, limit - Math.abs(outright));
    if (stiffness === 0) {
      this.#tell(motor, joint, 0, rate - outright / damping, 0, damping);
      return outright;
    }
    const away = this.#computeError(joint, index, position, targets) - outright / stiffness;
    if (joint.type !== 'prismatic' && Math.abs(away) > FAR) {
      // A spring as many times stiffer, to a target 1 rad away: the same effort.
      const near = position + Math.sign(away);
      this.#tell(motor, joint, near, rate, stiffness * Math.abs(away), damping);
    } else this.#tell(motor, joint, position + away, rate, stiffness, damping);
    return outright;
  }

  /** [N·m or N] of a servo at a position and velocity, cut off. A continuous joint goes the short way round. */
  computeEffort(
    joint: Joint,
    index: number,
    position: number,
    velocity: number,
    targets: DriveTargets,
  ): number {
    const error = this.#computeError(joint, index, position, targets);
    const rate = targets.driveVelocity[index]! - velocity;
    const limit = this.maxEffort[index]!;
    return clamp(this.stiffness[index]! * error + this.damping[index]! * rate, -limit, limit);
  }

  #computeError(joint: Joint, index: number, position: number, targets: DriveTargets): number {
    const difference = targets.drivePosition[index]! - position;
    return joint.type === 'continuous' ? wrapAngle(difference) : difference;
  }

  #getLoad(index: number): DriveLoad {
    return this.#loads[index % this.#loads.length]!;
  }

  #weigh(index: number): void {
    const h = this.#substepS;
    const servo = h * (this.damping[index]! + h * this.stiffness[index]!);
    const { bare } = this.#getLoad(index);
    this.#share[index] = bare / (bare + servo);
  }

  #tell(
    motor: RAPIER.UnitImpulseJoint,
    joint: Joint,
    position: number,
    rate: number,
    stiffness: number,
    damping: number,
  ): void {
    const at = joint.type === 'prismatic' ? position : wrapAngle(position);
    // Rapier moves the target on by its rate within a substep; ours stays until the next step.
    const share = rate === 0 ? 0 : damping / (damping + this.#solvedS * stiffness);
    motor.configureMotor(at, rate * share, stiffness, damping);
  }
}
