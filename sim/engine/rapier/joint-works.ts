import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { RobotModel } from '../../robot/model.ts';
import type { EngineConfig, JointDrive, RobotScales } from '../engine.ts';
import { isWide, type JointStates, type Kinematics } from '../kinematics.ts';
import { type CopyPlace, listMainJoints, listSites } from './copies.ts';
import type { DriveLoad, DriveTargets } from './drive-aim.ts';
import { DriveEfforts } from './efforts.ts';
import { computeBareInertias, computeMovedInertias } from './inertias.ts';
import { WideLimits } from './limits.ts';
import { computeReflected, Mimics } from './mimics.ts';
import { JointMotors, type JointSite } from './motors.ts';
import type { StateArrays } from './snapshot.ts';

/** Everything that acts along joints: servos, losses, rotors, wide limits, followers. */
export class JointWorks {
  readonly sites: readonly JointSite[];
  /** [numRobots × numJoints] N·m or N explicit efforts of the substep, with what followers do */
  readonly effort: Float64Array;
  readonly #motors: JointMotors;
  readonly #efforts: DriveEfforts;
  readonly #mimics: Mimics;
  readonly #limits: WideLimits;
  readonly #hasMimics: boolean;
  readonly #hasRotors: boolean;
  #hasDrives = false;
  #mains: readonly RAPIER.ImpulseJoint[];
  #inputs: Float64Array;
  readonly #substeps: number;
  readonly #iterations: number;

  constructor(
    config: EngineConfig,
    kinematics: Kinematics,
    places: readonly CopyPlace[],
    substeps: number,
  ) {
    const { model, numRobots } = config;
    const numJoints = model.jointNames.length;
    const numCoordinates = numRobots * numJoints;
    const substepS = config.timestepS / substeps;
    this.#substeps = substeps;
    this.#iterations = config.solver.rapier.iterations / substeps;
    this.sites = listSites(places, kinematics, numJoints);
    this.effort = new Float64Array(numCoordinates);
    this.#inputs = this.effort;
    const reflected = model.jointNames.map((_, j) => computeReflected(model, kinematics, j));
    this.#motors = new JointMotors(this.sites, {
      substepS,
      solvedS: substepS / this.#iterations,
      numCoordinates,
      loads: computeLoads(model, kinematics),
      reflected: (jointIndex) => reflected[jointIndex]!,
      drives: (name) => hasSolverDrive(model, name),
    });
    this.#efforts = new DriveEfforts(this.sites, this.#motors.aim);
    this.#mimics = new Mimics(this.sites, model, kinematics, substepS);
    this.#limits = new WideLimits(
      this.sites.flatMap(({ connection: { joint }, index }, main) =>
        isWide(joint) ? [{ joint, index, main }] : [],
      ),
    );
    this.#hasMimics = hasMimics(model);
    this.#hasRotors = this.sites.some(({ connection: { joint } }) => joint.armature > 0);
    this.#mains = listMainJoints(places);
  }

  /**
   * How many steps of Rapier make a step: one, with all substeps in it, unless something has to be told to its
   * motors before every substep.
   */
  static countSubsteps({ model, solver }: EngineConfig): number {
    const hasRotors = model.joints.some(({ armature, type }) => type !== 'fixed' && armature > 0);
    return hasRotors || hasMimics(model) ? solver.rapier.iterations : 1;
  }

  /** Whether `beforeSubstep` looks at joint states. */
  get needStates(): boolean {
    return this.measures || this.#hasRotors || this.#limits.count > 0;
  }

  /** Whether there is anything to do after a substep. */
  get measures(): boolean {
    return this.#hasDrives || this.#hasMimics;
  }

  /** [numRobots × numJoints] N·m or N of servos, mean over the last step */
  get driveEffort(): Float64Array {
    return this.#efforts.mean;
  }

  /** What of it is part of snapshots, besides handles. */
  get arrays(): StateArrays {
    const { aim, armature, damping } = this.#motors;
    return [
      armature,
      damping,
      aim.stiffness,
      aim.damping,
      aim.maxEffort,
      aim.outright,
      this.#efforts.mean,
      this.#mimics.reaction,
      this.#limits.given,
    ];
  }

  setDrive(index: number, drive: JointDrive): void {
    this.#motors.setDrive(index, drive);
    this.#hasDrives ||= drive.maxEffort > 0;
  }

  setScales(robot: number, scales: RobotScales): void {
    this.#motors.setScales(robot, scales);
  }

  /** Forgets what a copy did in its last step. */
  reset(robot: number): void {
    for (const { robot: owner, index } of this.sites) {
      if (owner !== robot) continue;
      this.#efforts.mean[index] = 0;
      this.#motors.aim.outright[index] = 0;
    }
    this.#mimics.reset(robot);
  }

  /** Before a step. @param inputs [numRobots × numJoints] N·m or N */
  begin(inputs: Float64Array): void {
    this.#inputs = inputs;
    this.#efforts.begin();
  }

  beforeSubstep(states: JointStates, targets: DriveTargets): void {
    this.effort.set(this.#inputs);
    if (this.#hasMimics) {
      this.#mimics.addReactions(this.effort);
      this.#mimics.update(states);
    }
    if (this.#hasRotors || this.#hasDrives || this.#hasMimics) {
      this.#motors.update(states, targets, this.effort);
    }
    if (this.#limits.count > 0) this.#limits.update(this.#mains, states);
    if (this.#hasDrives) this.#efforts.note(states);
  }

  afterSubstep(states: JointStates, targets: DriveTargets): void {
    if (this.#hasMimics) this.#mimics.measure(states);
    if (this.#hasDrives) this.#efforts.add(states, targets, 1 / this.#substeps, this.#iterations);
  }

  copyHandles(): Float64Array {
    return this.#motors.copyHandles();
  }

  /**
   * After the world of one copy was put back to what it was when it was built; servos stay.
   * @param asBuilt what `copyHandles` said then
   */
  rebuild(robot: number, asBuilt: Float64Array, places: readonly CopyPlace[]): void {
    const handles = this.copyHandles();
    const perSite = handles.length / this.sites.length;
    this.sites.forEach((site, s) => {
      if (site.robot !== robot) return;
      handles.set(asBuilt.subarray(s * perSite, (s + 1) * perSite), s * perSite);
    });
    this.reconnect(handles, places);
    const { stiffness, damping, maxEffort } = this.#motors.aim;
    for (const { robot: owner, index } of this.sites) {
      if (owner !== robot || maxEffort[index] === 0) continue;
      this.#motors.setDrive(index, {
        stiffness: stiffness[index]!,
        damping: damping[index]!,
        maxEffort: maxEffort[index]!,
      });
    }
  }

  /** After worlds and arrays were restored. */
  reconnect(handles: Float64Array, places: readonly CopyPlace[]): void {
    this.#motors.restoreHandles(handles);
    this.#motors.aim.restore();
    this.#mimics.reconnect();
    this.#mains = listMainJoints(places);
    this.#hasDrives = this.#motors.aim.maxEffort.some((effort) => effort > 0);
  }
}

/** [numJoints] */
function computeLoads(model: RobotModel, kinematics: Kinematics): readonly DriveLoad[] {
  const bare = computeBareInertias(model, kinematics);
  const moved = computeMovedInertias(model, kinematics);
  return model.jointNames.map((name, j) => {
    const { armature } = model.joints.find((joint) => joint.name === name)!;
    // A rotor joint has no body, and nothing to be moved.
    const ownShare = moved[j]! > 0 ? (bare[j]! + armature) / moved[j]! : 0;
    return { bare: bare[j]!, ownShare };
  });
}

function hasMimics(model: RobotModel): boolean {
  return model.joints.some(({ mimic }) => mimic !== undefined);
}

/** Whether a joint is sure to be given a servo. */
function hasSolverDrive(model: RobotModel, jointName: string): boolean {
  return model.actuators.some(
    (actuator) =>
      (actuator.kind === 'pd' || actuator.kind === 'velocity') &&
      actuator.integration === 'solver' &&
      actuator.joint === jointName,
  );
}
