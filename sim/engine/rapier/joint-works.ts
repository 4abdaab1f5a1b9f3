import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { RobotModel } from '../../robot/model.ts';
import type { EngineConfig, JointDrive, RobotScales } from '../engine.ts';
import { type BodyStates, isWide, type JointStates, type Kinematics } from '../kinematics.ts';
import type { MassProperties } from '../scaled-body.ts';
import type { Wrenches } from '../wrenches.ts';
import { Articulation } from './articulation.ts';
import { type CopyPlace, listMainJoints, listSites } from './copies.ts';
import { type DriveTargets, JointLaws } from './laws.ts';
import { WideLimits } from './limits.ts';
import { computeReflected, Mimics } from './mimics.ts';
import type { JointSite } from './sites.ts';
import type { StateArrays } from './snapshot.ts';

/** Times that the lines of the joints' laws are tried in a step; two are enough but where many change at once. */
const MAX_TRIALS = 4;

/** Everything that acts along joints: servos, losses, rotors, wide limits, followers. */
export class JointWorks {
  readonly sites: readonly JointSite[];
  /** [numRobots × numJoints] N·m or N explicit efforts of the substep, with what followers do */
  readonly effort: Float64Array;
  /** [numRobots × numJoints] N·m or N of servos, mean over the last step. Part of snapshots. */
  readonly driveEffort: Float64Array;
  readonly articulation: Articulation;
  readonly #laws: JointLaws;
  readonly #mimics: Mimics;
  readonly #limits: WideLimits;
  readonly #hasMimics: boolean;
  readonly #numRobots: number;
  readonly #numJoints: number;
  #isActive: boolean;
  #mains: readonly RAPIER.ImpulseJoint[];

  constructor(config: EngineConfig, kinematics: Kinematics, places: readonly CopyPlace[]) {
    const { model, numRobots, gravityW } = config;
    const numJoints = model.jointNames.length;
    const numCoordinates = numRobots * numJoints;
    const substepS = config.timestepS / config.solver.rapier.iterations;
    this.#numRobots = numRobots;
    this.#numJoints = numJoints;
    this.sites = listSites(places, kinematics, numJoints);
    this.effort = new Float64Array(numCoordinates);
    this.driveEffort = new Float64Array(numCoordinates);
    const reflected = model.jointNames.map((_, j) => computeReflected(model, kinematics, j));
    this.#laws = new JointLaws(this.sites, substepS, numCoordinates, reflected);
    this.articulation = new Articulation(model, kinematics, numRobots, substepS, gravityW);
    this.#mimics = new Mimics(this.sites, model, kinematics, substepS);
    this.#limits = new WideLimits(
      this.sites.flatMap(({ connection: { joint }, index }, main) =>
        isWide(joint) ? [{ joint, index, main }] : [],
      ),
    );
    this.#hasMimics = model.joints.some(({ mimic }) => mimic !== undefined);
    // Rotors are on joints that are not simulated.
    this.#isActive = this.sites.length > 0 && isWorked(model);
    this.#mains = listMainJoints(places);
  }

  /** Whether anything acts along joints; then each substep is a step of Rapier's own. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** Whether `beforeSubstep` looks at joint states. */
  get needStates(): boolean {
    return this.#isActive || this.#limits.count > 0;
  }

  /** What of it is part of snapshots. */
  get arrays(): StateArrays {
    const laws = this.#laws;
    const { answer, rootAnswer, weight, tree } = this.articulation;
    return [
      laws.stiffness,
      laws.damping,
      laws.maxEffort,
      laws.loss,
      laws.armature,
      laws.friction,
      laws.saturation,
      laws.slip,
      tree.masses,
      tree.tensors,
      tree.inverses,
      weight.added,
      weight.debt,
      answer,
      rootAnswer,
      this.driveEffort,
      this.#mimics.reaction,
      this.#limits.given,
    ];
  }

  setDrive(index: number, drive: JointDrive): void {
    this.#laws.setDrive(index, drive);
    this.#isActive ||= drive.maxEffort > 0;
  }

  /** The servo of a joint; without any effort where it has none. */
  getDrive(index: number): JointDrive {
    const { stiffness, damping, maxEffort } = this.#laws;
    return {
      stiffness: stiffness[index]!,
      damping: damping[index]!,
      maxEffort: maxEffort[index]!,
    };
  }

  setScales(robot: number, scales: RobotScales): void {
    this.#laws.setScales(robot, scales);
  }

  /**
   * After drives or scales were set: what a body is, and what it has to be for Rapier.
   * @returns kg·m² or kg that its joint adds to it there
   */
  setBody(robot: number, body: number, joint: number | undefined, own: MassProperties): number {
    const index = robot * this.#numJoints + (joint ?? 0);
    const added = joint === undefined ? 0 : this.#laws.computeInertia(index);
    this.articulation.setBody(robot, body, own, added);
    return added;
  }

  /** Forgets what a copy did in its last step. */
  reset(robot: number): void {
    for (const { robot: owner, index } of this.sites) {
      if (owner !== robot) continue;
      this.driveEffort[index] = 0;
      this.#laws.reset(index);
    }
    this.articulation.reset(robot);
    this.#mimics.reset(robot);
  }

  /** Before a substep. @param inputs [numRobots × numJoints] N·m or N */
  beforeSubstep(inputs: Float64Array, states: JointStates): void {
    this.effort.set(inputs);
    if (this.#hasMimics) {
      this.#mimics.addReactions(this.effort);
      this.#mimics.update(states);
    }
    if (this.#limits.count > 0) this.#limits.update(this.#mains, states);
  }

  /**
   * Finds where Rapier is to start from.
   * @param wrenches what acts besides servos, losses and rotors
   * @param onWeight for each site whose child has to weigh something else in Rapier from now on
   */
  launch(
    bodies: BodyStates,
    joints: JointStates,
    targets: DriveTargets,
    wrenches: Wrenches,
    onWeight: (site: JointSite) => void,
  ): void {
    const count = this.#numJoints;
    const laws = this.#laws;
    const { articulation } = this;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      const first = robot * count;
      articulation.begin(robot, bodies, wrenches);
      laws.begin(first, count, joints, targets);
      for (let trial = 0; trial < MAX_TRIALS; trial++) {
        laws.write(first, count, targets);
        articulation.solve(robot, laws);
        if (laws.judge(first, count, articulation.rate, targets)) break;
      }
      laws.apply(first, count, articulation.rate, targets);
      this.#weigh(robot, onWeight);
      articulation.launch(robot, laws.effort);
    }
  }

  /** A servo that has come to its limit resists no more, and one that comes off it does. */
  #weigh(robot: number, onWeight: (site: JointSite) => void): void {
    const { added } = this.articulation.weight;
    const perRobot = this.sites.length / this.#numRobots;
    for (let s = robot * perRobot; s < (robot + 1) * perRobot; s++) {
      const { index } = this.sites[s]!;
      if (added[index] !== this.#laws.computeInertia(index)) onWeight(this.sites[s]!);
    }
  }

  /** @param share of the step that the substep was */
  afterSubstep(
    bodies: BodyStates,
    joints: JointStates,
    targets: DriveTargets,
    share: number,
  ): void {
    if (this.#hasMimics) this.#mimics.measure(joints);
    for (let index = 0; index < this.driveEffort.length; index++) {
      this.driveEffort[index]! += share * this.#laws.computeDriveEffort(index, joints, targets);
    }
    for (let robot = 0; robot < this.#numRobots; robot++) this.articulation.measure(robot, bodies);
  }

  /** After the world of one copy was put back to what it was when it was built; servos stay. */
  rebuild(robot: number, places: readonly CopyPlace[]): void {
    for (const [main, { robot: owner }] of this.sites.entries()) {
      if (owner === robot) this.#limits.forget(main);
    }
    this.reconnect(places);
  }

  /** After worlds and arrays were restored. */
  reconnect(places: readonly CopyPlace[]): void {
    this.#mimics.reconnect();
    this.#mains = listMainJoints(places);
    this.#isActive ||= this.#laws.maxEffort.some((effort) => effort > 0);
  }
}

/** Whether a robot's description has anything act along its joints. */
function isWorked({ joints, actuators }: RobotModel): boolean {
  const resists = joints.some(
    ({ type, damping, friction, armature, mimic }) =>
      type !== 'fixed' && (damping > 0 || friction > 0 || armature > 0 || mimic !== undefined),
  );
  return resists || actuators.some((a) => 'integration' in a && a.integration === 'solver');
}
