import { getFactor } from '../../math/factor.ts';
import { wrapAngle } from '../../math/quat.ts';
import { clamp } from '../../math/vec3.ts';
import type { JointDrive, RobotScales } from '../engine.ts';
import type { JointStates } from '../kinematics.ts';
import type { JointLaw } from './articulation.ts';
import type { JointSite } from './sites.ts';

/** [N·m·s/rad or N·s/m] What sticks creeps: 2 µrad/s under 0.2 N·m. */
const STICTION = 1e5;

export interface DriveTargets {
  /** [numRobots, numJoints] rad or m, joint order */
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;
}

/**
 * What servos, rotors, damping and dry friction do to joints, as efforts that fall in a straight line with the rate at
 * the end of the step: implicit, hence stable at any gains. Where a servo is at its limit, and where friction slips or
 * sticks, another line holds; which ones hold is found out by trying.
 */
export class JointLaws implements JointLaw {
  readonly #sites: readonly JointSite[];
  readonly #stepS: number;
  readonly #reflected: readonly number[];
  /** [numJoints] 1: an angle without end */
  readonly #wraps: Uint8Array;
  readonly constant: Float64Array;
  readonly slope: Float64Array;
  /** [numRobots × numJoints] N·m or N that follow from the rates foreseen */
  readonly effort: Float64Array;

  // All [numRobots × numJoints]; all part of snapshots.
  readonly stiffness: Float64Array;
  readonly damping: Float64Array;
  /** 0: no servo */
  readonly maxEffort: Float64Array;
  /** N·m·s/rad or N·s/m of damping without servo, as scaled */
  readonly loss: Float64Array;
  /** kg·m² or kg, as scaled; with what followers reflect */
  readonly armature: Float64Array;
  /** N·m or N, as scaled */
  readonly friction: Float64Array;
  /** -1, 1: the servo is at this limit; 0: within */
  readonly saturation: Float64Array;
  /** -1, 1: friction pushes this way; 0: it sticks */
  readonly slip: Float64Array;

  // Of the step: servo's target minus position, rate at its beginning.
  readonly #gap: Float64Array;
  readonly #rate: Float64Array;

  /** @param reflected [numJoints] kg·m² or kg that followers add to the joints that they mimic */
  constructor(
    sites: readonly JointSite[],
    stepS: number,
    numCoordinates: number,
    reflected: readonly number[],
  ) {
    const make = () => new Float64Array(numCoordinates);
    this.#sites = sites;
    this.#stepS = stepS;
    this.#reflected = reflected;
    this.#wraps = new Uint8Array(reflected.length);
    for (const { connection } of sites) {
      if (connection.joint.type === 'continuous') this.#wraps[connection.jointIndex] = 1;
    }
    this.constant = make();
    this.slope = make();
    this.effort = make();
    this.stiffness = make();
    this.damping = make();
    this.maxEffort = make();
    this.loss = make();
    this.armature = make();
    this.friction = make();
    this.saturation = make();
    this.slip = make();
    this.#gap = make();
    this.#rate = make();
  }

  setDrive(index: number, { stiffness, damping, maxEffort }: JointDrive): void {
    const isOn = maxEffort > 0 && (stiffness > 0 || damping > 0);
    this.stiffness[index] = isOn ? stiffness : 0;
    this.damping[index] = isOn ? damping : 0;
    this.maxEffort[index] = isOn ? maxEffort : 0;
    this.saturation[index] = 0;
  }

  setScales(robot: number, scales: RobotScales): void {
    for (const { robot: owner, index, connection } of this.#sites) {
      if (owner !== robot) continue;
      const { joint, jointIndex: j } = connection;
      this.loss[index] = joint.damping * getFactor(scales.jointDamping, j);
      this.armature[index] = joint.armature * getFactor(scales.armature, j) + this.#reflected[j]!;
      this.friction[index] = joint.friction * getFactor(scales.jointFriction, j);
    }
  }

  /** [kg·m²] or [kg] that a joint is as good as within a step: the slope that holds, without friction, times the step */
  computeInertia(index: number): number {
    const h = this.#stepS;
    const isWithin = this.saturation[index] === 0;
    const servo = isWithin ? this.damping[index]! + h * this.stiffness[index]! : 0;
    return this.armature[index]! + h * (this.loss[index]! + servo);
  }

  /** Forgets what a joint did. */
  reset(index: number): void {
    this.saturation[index] = 0;
    this.slip[index] = 0;
  }

  /** Before a step, for the joints from `first` on. */
  begin(first: number, count: number, states: JointStates, targets: DriveTargets): void {
    for (let j = 0; j < count; j++) {
      this.#gap[first + j] = this.#computeGap(j, first + j, states, targets);
      this.#rate[first + j] = states.velocity[first + j]!;
    }
  }

  /** The lines that seem to hold. */
  write(first: number, count: number, targets: DriveTargets): void {
    const h = this.#stepS;
    for (let i = first; i < first + count; i++) {
      const rotor = this.armature[i]! / h;
      let slope = this.loss[i]! + rotor;
      let constant = rotor * this.#rate[i]!;
      if (this.maxEffort[i]! > 0) {
        if (this.saturation[i] === 0) {
          slope += this.damping[i]! + h * this.stiffness[i]!;
          constant +=
            this.stiffness[i]! * this.#gap[i]! + this.damping[i]! * targets.driveVelocity[i]!;
        } else constant += this.saturation[i]! * this.maxEffort[i]!;
      }
      if (this.friction[i]! > 0) {
        if (this.slip[i] === 0) slope += STICTION;
        else constant += this.slip[i]! * this.friction[i]!;
      }
      this.slope[i] = slope;
      this.constant[i] = constant;
    }
  }

  /** @returns whether they do, at rates that were found with them; those that do not are changed */
  judge(first: number, count: number, rates: Float64Array, targets: DriveTargets): boolean {
    let holds = true;
    for (let i = first; i < first + count; i++) {
      const limit = this.maxEffort[i]!;
      if (limit > 0) {
        const servo = this.#computeServo(i, rates[i]!, targets);
        const side = servo > limit ? 1 : servo < -limit ? -1 : 0;
        if (side !== this.saturation[i]) holds = false;
        this.saturation[i] = side;
      }
      if (this.friction[i]! > 0) {
        const slip = this.#judgeSlip(i, rates[i]!);
        if (slip !== this.slip[i]) holds = false;
        this.slip[i] = slip;
      }
    }
    return holds;
  }

  /** Efforts at those rates. */
  apply(first: number, count: number, rates: Float64Array, targets: DriveTargets): void {
    for (let i = first; i < first + count; i++) {
      const rate = rates[i]!;
      const limit = this.maxEffort[i]!;
      const friction = this.friction[i]!;
      let effort = (this.armature[i]! / this.#stepS) * (this.#rate[i]! - rate);
      effort -= this.loss[i]! * rate;
      if (limit > 0) effort += clamp(this.#computeServo(i, rate, targets), -limit, limit);
      if (friction > 0) {
        const held = clamp(-STICTION * rate, -friction, friction);
        effort += this.slip[i] === 0 ? held : this.slip[i]! * friction;
      }
      this.effort[i] = effort;
    }
  }

  /** [N·m or N] of a servo where its joint is, cut off */
  computeDriveEffort(index: number, states: JointStates, targets: DriveTargets): number {
    const limit = this.maxEffort[index]!;
    if (limit === 0) return 0;
    const gap = this.#computeGap(index % this.#wraps.length, index, states, targets);
    const rate = targets.driveVelocity[index]! - states.velocity[index]!;
    return clamp(this.stiffness[index]! * gap + this.damping[index]! * rate, -limit, limit);
  }

  /** Target minus position; a continuous joint goes the short way round. */
  #computeGap(joint: number, i: number, states: JointStates, targets: DriveTargets): number {
    const gap = targets.drivePosition[i]! - states.position[i]!;
    return this.#wraps[joint] === 1 ? wrapAngle(gap) : gap;
  }

  #computeServo(i: number, rate: number, targets: DriveTargets): number {
    const gap = this.#gap[i]! - this.#stepS * rate;
    return this.stiffness[i]! * gap + this.damping[i]! * (targets.driveVelocity[i]! - rate);
  }

  /** Sticks until it takes too much, slips until it would push on. */
  #judgeSlip(i: number, rate: number): number {
    const slip = this.slip[i]!;
    if (slip !== 0) return rate * slip > 0 ? 0 : slip;
    return STICTION * Math.abs(rate) > this.friction[i]! ? -Math.sign(rate) : 0;
  }
}
