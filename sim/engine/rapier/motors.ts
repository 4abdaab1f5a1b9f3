import type RAPIER from '@dimforge/rapier3d-simd-compat';
import { getFactor } from '../../math/factor.ts';
import type { BodyConnection } from '../../robot/rigid-bodies.ts';
import type { JointDrive, RobotScales } from '../engine.ts';
import type { JointStates } from '../kinematics.ts';
import { DriveAim, type DriveLoad, type DriveTargets } from './drive-aim.ts';
import { addMotor, getMotor, type Pair, setMaxEffort, switchOff } from './joints.ts';

/** [N·m·s/rad or N·s/m] So steep that friction is at its limit unless the joint stands still. */
const STICTION_DAMPING = 1e6;

/** A joint of a copy. */
export interface JointSite {
  /** Index in [numRobots, numJoints]. */
  readonly index: number;
  readonly robot: number;
  readonly connection: BodyConnection;
  /** The world that it is in now. */
  world(): RAPIER.World;
  /** Its bodies, now. */
  pair(): Pair;
}

interface Rows {
  readonly site: JointSite;
  /** Handles of its motors, if it has them. Part of snapshots. */
  readonly handles: { passive: number; friction: number; drive: number };
  passive?: RAPIER.UnitImpulseJoint | undefined;
  friction?: RAPIER.UnitImpulseJoint | undefined;
  drive?: RAPIER.UnitImpulseJoint | undefined;
}

const KINDS = ['passive', 'friction', 'drive'] as const;
/** Of a motor that a joint does not have. */
const ABSENT = -1;

/**
 * What moves and brakes joints, as motors of Rapier's solver, all implicit:
 * - `passive`: damping and armature. A motor with the damping I/h that strives for the velocity before the step
 *   of h seconds does what a rotor with the moment I does, exactly, so the engine makes one step of each
 *   substep;
 * - `friction`: a motor that strives for standstill, as hard as it may;
 * - `drive`: the servo.
 */
export class JointMotors {
  readonly #rows: readonly Rows[];
  readonly #byIndex = new Map<number, Rows>();
  /** [s] */
  readonly #substepS: number;
  readonly #reflected: (jointIndex: number) => number;
  /** [numRobots × numJoints] kg·m² or kg, as scaled; with what followers reflect. Part of snapshots. */
  readonly armature: Float64Array;
  /** [numRobots × numJoints] N·m·s/rad or N·s/m, as scaled. Part of snapshots. */
  readonly damping: Float64Array;
  readonly aim: DriveAim;

  /**
   * @param reflected [numJoints] kg·m² or kg that followers add to the joints that they mimic
   * @param drives whether a joint is to have a servo from the beginning on, by name
   */
  constructor(
    sites: readonly JointSite[],
    settings: {
      readonly substepS: number;
      /** [s] what Rapier solves at once: its own substeps */
      readonly solvedS: number;
      readonly numCoordinates: number;
      readonly loads: readonly DriveLoad[];
      readonly reflected: (jointIndex: number) => number;
      readonly drives: (jointName: string) => boolean;
    },
  ) {
    this.#substepS = settings.substepS;
    this.armature = new Float64Array(settings.numCoordinates);
    this.damping = new Float64Array(settings.numCoordinates);
    this.aim = new DriveAim(settings.numCoordinates, settings);
    this.#rows = sites.map((site) => {
      const { joint, jointIndex } = site.connection;
      const rows: Rows = { site, handles: { passive: ABSENT, friction: ABSENT, drive: ABSENT } };
      const resists = joint.damping > 0 || joint.armature > 0 || settings.reflected(jointIndex) > 0;
      if (resists) addRow(rows, 'passive');
      if (joint.friction > 0) addRow(rows, 'friction');
      if (settings.drives(joint.name)) addRow(rows, 'drive');
      this.#byIndex.set(site.index, rows);
      return rows;
    });
    this.#reflected = settings.reflected;
  }

  /** @throws RangeError for an index without a simulated joint */
  setDrive(index: number, drive: JointDrive): void {
    const rows = this.#byIndex.get(index)!;
    const isOn = drive.maxEffort > 0 && (drive.stiffness > 0 || drive.damping > 0);
    if (!isOn && rows.drive === undefined) return;
    if (rows.drive === undefined) addRow(rows, 'drive');
    this.aim.set(index, isOn ? drive : undefined);
    if (!isOn) switchOff(rows.drive!);
  }

  setScales(robot: number, scales: RobotScales): void {
    for (const { site, passive, friction } of this.#rows) {
      if (site.robot !== robot) continue;
      const { joint, jointIndex } = site.connection;
      this.damping[site.index] = joint.damping * getFactor(scales.jointDamping, jointIndex);
      this.armature[site.index] =
        joint.armature * getFactor(scales.armature, jointIndex) + this.#reflected(jointIndex);
      if (passive !== undefined && this.armature[site.index] === 0) {
        const damping = this.damping[site.index]!;
        if (damping > 0) passive.configureMotorVelocity(0, damping);
        setMaxEffort(passive, damping > 0 ? Number.POSITIVE_INFINITY : 0);
      } else if (passive !== undefined) {
        setMaxEffort(passive, Number.POSITIVE_INFINITY);
      }
      if (friction !== undefined) {
        friction.configureMotorVelocity(0, STICTION_DAMPING);
        setMaxEffort(friction, joint.friction * getFactor(scales.jointFriction, jointIndex));
      }
    }
  }

  /**
   * Before each substep: what rotors and servos strive for.
   * @param efforts [numRobots × numJoints] N·m or N, added to: what is applied outright
   */
  update(states: JointStates, targets: DriveTargets, efforts: Float64Array): void {
    for (let r = 0; r < this.#rows.length; r++) {
      const { site, passive, drive } = this.#rows[r]!;
      const { index } = site;
      const armature = this.armature[index]!;
      if (armature > 0 && passive !== undefined) {
        const rotor = armature / this.#substepS;
        const total = rotor + this.damping[index]!;
        passive.configureMotorVelocity((rotor * states.velocity[index]!) / total, total);
      }
      if (drive !== undefined) {
        efforts[index]! += this.aim.update(drive, site.connection.joint, index, states, targets);
      }
    }
  }

  /** [numSites, 3] of the motors, -1 where there is none */
  copyHandles(): Float64Array {
    return Float64Array.from(
      this.#rows.flatMap(({ handles }) => KINDS.map((kind) => handles[kind])),
    );
  }

  /** After worlds were restored. */
  restoreHandles(from: Float64Array): void {
    for (const [r, rows] of this.#rows.entries()) {
      for (const [k, kind] of KINDS.entries()) {
        const handle = from[3 * r + k]!;
        rows.handles[kind] = handle;
        rows[kind] =
          handle === ABSENT
            ? undefined
            : getMotor(rows.site.world(), handle, rows.site.connection.joint);
      }
    }
  }
}

function addRow(rows: Rows, kind: (typeof KINDS)[number]): void {
  const { site } = rows;
  const handle = addMotor(site.world(), site.pair(), site.connection);
  rows.handles[kind] = handle;
  rows[kind] = getMotor(site.world(), handle, site.connection.joint);
}
