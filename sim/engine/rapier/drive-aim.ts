import type RAPIER from '@dimforge/rapier3d-simd-compat';
import { wrapAngle } from '../../math/quat.ts';
import { clamp } from '../../math/vec3.ts';
import type { Joint } from '../../robot/model.ts';
import type { JointDrive } from '../engine.ts';
import type { JointStates } from '../kinematics.ts';
import { setMaxEffort } from './joints.ts';

/** [rad] Rapier takes the short way round to a target; one further away than this is brought nearer. */
const FAR = 3;

export interface DriveTargets {
  /** [numRobots, numJoints] rad or m, joint order */
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;
}

/**
 * Servos: their gains, what they strive for, and the efforts that follow from both.
 *
 * Rapier starts every substep with motors that do nothing and finds their efforts sweep by sweep, so after a few
 * sweeps a leg that carries weight still lacks a fifth of it. What a servo did at the end of the last substep is
 * therefore applied outright, and the motor is left with the difference: its target is shifted so that the sum
 * stays the same implicit servo. Near its largest effort, where the difference has no room, the motor does all.
 */
export class DriveAim {
  // All [numRobots × numJoints], joint order; all part of snapshots.
  readonly stiffness: Float64Array;
  readonly damping: Float64Array;
  /** 0: no servo */
  readonly maxEffort: Float64Array;
  /** [s] what Rapier solves at once */
  readonly #substepS: number;

  constructor(numCoordinates: number, substepS: number) {
    this.#substepS = substepS;
    this.stiffness = new Float64Array(numCoordinates);
    this.damping = new Float64Array(numCoordinates);
    this.maxEffort = new Float64Array(numCoordinates);
  }

  set(index: number, drive: JointDrive | undefined): void {
    this.stiffness[index] = drive?.stiffness ?? 0;
    this.damping[index] = drive?.damping ?? 0;
    this.maxEffort[index] = drive?.maxEffort ?? 0;
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
    const target = targets.drivePosition[index]!;
    const rate = targets.driveVelocity[index]!;
    const now = this.computeEffort(joint, index, position, states.velocity[index]!, targets);
    if (Math.abs(now) < limit / 2) {
      setMaxEffort(motor, limit - Math.abs(now));
      if (stiffness === 0) this.#tell(motor, joint, 0, rate - now / damping, 0, damping);
      else this.#tell(motor, joint, target - now / stiffness, rate, stiffness, damping);
      return now;
    }
    setMaxEffort(motor, limit);
    const error = target - position;
    if (joint.type === 'revolute' && Math.abs(error) > FAR) {
      // A spring as many times stiffer, to a target 1 rad away: the same effort.
      const near = position + Math.sign(error);
      this.#tell(motor, joint, near, rate, stiffness * Math.abs(error), damping);
    } else this.#tell(motor, joint, target, rate, stiffness, damping);
    return 0;
  }

  /** [N·m or N] of a servo at a position and velocity, cut off. A continuous joint goes the short way round. */
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
    const share = rate === 0 ? 0 : damping / (damping + this.#substepS * stiffness);
    motor.configureMotor(at, rate * share, stiffness, damping);
  }
}
