import type RAPIER from '@dimforge/rapier3d-simd-compat';
import { wrapAngle } from '../../math/quat.ts';
import { clamp } from '../../math/vec3.ts';
import type { Joint } from '../../robot/model.ts';
import type { JointDrive } from '../engine.ts';
import type { JointStates } from '../kinematics.ts';

/** [rad] Rapier takes the short way round to a target; one further away than this is brought nearer. */
const FAR = 3;

export interface DriveTargets {
  /** [numRobots, numJoints] rad or m, joint order */
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;
}

/** Servos: their gains, what they strive for, and the efforts that follow from both. */
export class DriveAim {
  // All [numRobots × numJoints], joint order; all part of snapshots.
  readonly stiffness: Float64Array;
  readonly damping: Float64Array;
  /** 0: no servo */
  readonly maxEffort: Float64Array;
  /** What the motor was told last; NaN: it must be told again. */
  readonly toldPosition: Float64Array;
  readonly toldVelocity: Float64Array;

  /** [s] what Rapier solves at once */
  readonly #substepS: number;

  constructor(numCoordinates: number, substepS: number) {
    this.#substepS = substepS;
    this.stiffness = new Float64Array(numCoordinates);
    this.damping = new Float64Array(numCoordinates);
    this.maxEffort = new Float64Array(numCoordinates);
    this.toldPosition = new Float64Array(numCoordinates).fill(Number.NaN);
    this.toldVelocity = new Float64Array(numCoordinates).fill(Number.NaN);
  }

  set(index: number, drive: JointDrive | undefined): void {
    this.stiffness[index] = drive?.stiffness ?? 0;
    this.damping[index] = drive?.damping ?? 0;
    this.maxEffort[index] = drive?.maxEffort ?? 0;
    this.toldPosition[index] = Number.NaN;
  }

  /** Tells a motor its target, if that is not what it was told last. */
  update(
    motor: RAPIER.UnitImpulseJoint,
    joint: Joint,
    index: number,
    states: JointStates,
    targets: DriveTargets,
  ): void {
    if (this.maxEffort[index] === 0) return;
    const target = targets.drivePosition[index]!;
    const velocity = targets.driveVelocity[index]!;
    const stiffness = this.stiffness[index]!;
    const damping = this.damping[index]!;
    const error = target - states.position[index]!;
    if (joint.type === 'revolute' && stiffness > 0 && Math.abs(error) > FAR) {
      // A spring as many times stiffer, to a target 1 rad away: the same effort.
      const near = states.position[index]! + Math.sign(error);
      this.#tell(motor, wrapAngle(near), velocity, stiffness * Math.abs(error), damping);
      this.toldPosition[index] = Number.NaN;
      return;
    }
    if (target === this.toldPosition[index] && velocity === this.toldVelocity[index]) return;
    const aim = joint.type === 'prismatic' ? target : wrapAngle(target);
    this.#tell(motor, aim, velocity, stiffness, damping);
    this.toldPosition[index] = target;
    this.toldVelocity[index] = velocity;
  }

  #tell(
    motor: RAPIER.UnitImpulseJoint,
    position: number,
    velocity: number,
    stiffness: number,
    damping: number,
  ): void {
    // Rapier moves the target on by its velocity within a substep; ours stays until the next step.
    const share = velocity === 0 ? 0 : damping / (damping + this.#substepS * stiffness);
    motor.configureMotor(position, velocity * share, stiffness, damping);
  }

  /** [N·m or N] of a servo at a position and velocity, cut off. */
  computeEffort(
    joint: Joint,
    index: number,
    position: number,
    velocity: number,
    targets: DriveTargets,
  ): number {
    const difference = targets.drivePosition[index]! - position;
    const error = joint.type === 'continuous' ? wrapAngle(difference) : difference;
    const rate = targets.driveVelocity[index]! - velocity;
    const limit = this.maxEffort[index]!;
    return clamp(this.stiffness[index]! * error + this.damping[index]! * rate, -limit, limit);
  }
}
