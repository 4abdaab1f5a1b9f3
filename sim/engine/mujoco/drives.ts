import type { MjData, MjModel } from '@mujoco/mujoco';
import { wrapAngle } from '../../math/quat.ts';
import type { JointDrive } from '../engine.ts';
import type { Layout } from './layout.ts';
import type { CopyViews } from './views.ts';

/** [N·m] or [N] a drive without limit */
const UNLIMITED = 1e15;

/** One servo that is on. */
interface ActiveDrive {
  readonly tendon: number;
  /** Index in the robot's joint order, in `qpos` and in `qvel`. */
  readonly jointIndex: number;
  readonly qpos: number;
  readonly dof: number;
  readonly stiffness: number;
  readonly damping: number;
  readonly maxEffort: number;
  /** Goes the short way round. */
  readonly isContinuous: boolean;
}

/** Of a copy, what drives work on. */
interface Copy {
  readonly model: MjModel;
  readonly data: MjData;
  readonly views: CopyViews;
}

export interface DriveInputs {
  /** [numRobots, numJoints] joint order */
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;
}

/**
 * The servos of one copy, solved together with its contacts and limits.
 *
 * With the velocity v' at the end of the step and the position q + h·v' that follows from it, a servo's effort
 * is kp·(q* − q) + kd·v* − K·v' with K = kd + h·kp, cut off at ± its largest effort. MuJoCo has a constraint of just
 * this form, dry friction: a force −D·(a − aref), cut off at ± `frictionloss`, where a = (v' − v)/h. So each
 * joint has a tendon of its own whose friction has D = K·h, which the tendon's weight sets, and aref =
 * (kp·(q* − q) + kd·v*)/(K·h) − v/h, which is put into MuJoCo's own array between the halves of a step. Whatever
 * the gains, this is the exact implicit step, and what is cut off is cut off exactly; a servo made of MuJoCo's
 * actuators has an explicit position term, and rattles between its limits once its damping is stiff.
 *
 * MuJoCo's "noslip" sweeps would take the give out of every friction, drives among them: they stay off.
 */
export class CopyDrives {
  readonly #layout: Layout;
  readonly #timestepS: number;
  #active: readonly ActiveDrive[] = [];
  /** Row of the first drive among the constraints; -1 until it is known. */
  #firstRow = -1;

  constructor(layout: Layout, timestepS: number) {
    this.#layout = layout;
    this.#timestepS = timestepS;
  }

  /** The first half of the step has to be made again. */
  set(copy: Copy, jointIndex: number, drive: JointDrive): void {
    const { joints } = this.#layout;
    const joint = joints.find((candidate) => candidate.jointIndex === jointIndex)!;
    const { tendon, qpos, dof, isContinuous } = joint;
    const others = this.#active.filter((other) => other.jointIndex !== jointIndex);
    const isOn = drive.maxEffort > 0 && (drive.stiffness > 0 || drive.damping > 0);
    const own = isOn ? [{ tendon, jointIndex, qpos, dof, isContinuous, ...drive }] : [];
    // MuJoCo makes its rows in the order of tendons.
    this.#active = [...others, ...own].sort((p, q) => p.tendon - q.tendon);
    this.apply(copy);
  }

  /**
   * Writes the drives into the copy's model, again after a `setConst`. Tendons behind the last drive are taken
   * from MuJoCo, which would spend time on them: 60 ns a step on each, a tenth of a cartpole's step.
   */
  apply({ model }: Copy): void {
    model.ntendon = this.#layout.numTendons;
    const limits: Float64Array = model.tendon_frictionloss;
    const weights: Float64Array = model.tendon_invweight0;
    limits.fill(0);
    for (const drive of this.#active) {
      limits[drive.tendon] = Math.min(drive.maxEffort, UNLIMITED);
      weights[drive.tendon] = 1 / this.#computeGain(drive);
    }
    model.ntendon = 1 + (this.#active.at(-1)?.tendon ?? -1);
    this.#firstRow = -1;
  }

  /** Between the halves of a step: what the drives strive for. */
  aim({ data, views }: Copy, inputs: DriveInputs, firstJoint: number): void {
    if (this.#active.length === 0) return;
    // Rows of tendons are the last of those of friction, which follow those of equality.
    if (this.#firstRow < 0) this.#firstRow = data.ne + data.nf - this.#active.length;
    const references: Float64Array = data.efc_aref;
    const h = this.#timestepS;
    for (let k = 0; k < this.#active.length; k++) {
      const drive = this.#active[k]!;
      const index = firstJoint + drive.jointIndex;
      const difference = inputs.drivePosition[index]! - views.qpos[drive.qpos]!;
      const error = drive.isContinuous ? wrapAngle(difference) : difference;
      const pull = drive.stiffness * error + drive.damping * inputs.driveVelocity[index]!;
      references[this.#firstRow + k] = pull / this.#computeGain(drive) - views.qvel[drive.dof]! / h;
    }
  }

  /** After a step: adds what the drives did. @param efforts [numRobots, numJoints] N·m or N */
  addEfforts(efforts: Float64Array, { data }: Copy, firstJoint: number): void {
    if (this.#active.length === 0) return;
    const forces: Float64Array = data.efc_force;
    for (let k = 0; k < this.#active.length; k++) {
      efforts[firstJoint + this.#active[k]!.jointIndex]! += forces[this.#firstRow + k]!;
    }
  }

  /** K·h */
  #computeGain({ stiffness, damping }: ActiveDrive): number {
    return (damping + this.#timestepS * stiffness) * this.#timestepS;
  }
}
