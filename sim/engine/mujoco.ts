import type { MainModule, MjModel } from '@mujoco/mujoco';
import { type QuatXYZW, wrapAngle } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { checkEngineConfig } from './check-config.ts';
import { assertDrive, assertMoves, findBodyOfLink } from './checks.ts';
import { computeConvexParts } from './convex.ts';
import {
  type Engine,
  type EngineConfig,
  type JointDrive,
  type RayBatch,
  type RobotScales,
  UNIT_SCALES,
} from './engine.ts';
import { type Mjcf, makeMjcf } from './mjcf.ts';
import { type BaseDoor, makeFixedBase, makeFloatingBase } from './mujoco/base.ts';
import { checkContactMemory, computeDeepest, touchesScene } from './mujoco/contacts.ts';
import { type CopyShared, RobotCopy } from './mujoco/copy.ts';
import { computeLayout, type Layout } from './mujoco/layout.ts';
import { compileMjcf, loadMujoco } from './mujoco/load.ts';
import { RayCaster } from './mujoco/rays.ts';
import { openSnapshot, packSnapshot } from './mujoco/snapshot.ts';
import { listShapeNames } from './shape-names.ts';
import { makeTiles } from './tiles.ts';

let loaded: Promise<MainModule> | undefined;

/**
 * N copies of one robot in MuJoCo (the single-threaded WebAssembly build): joint coordinates, 64-bit numbers,
 * contacts, limits and drives as soft constraints that Newton's method solves to convergence. Each copy is a model
 * and a world of its own: its motion is the same to the last bit whatever its tile, its slot, its neighbours and
 * what the slot did before, and it can have masses of its own. One model with all copies in it steps twice as fast
 * (64 crazyflies: 1.3 against 0.56 million robot-steps per second of processor time, before forces and states are
 * carried), but solves all copies as one problem.
 *
 * What the integrator does (`implicitfast`, one step of h seconds, semi-implicit):
 * - free fall is late by g·t·h/2: 10 mm after 1 s at 2 ms;
 * - a free body with moments 1 : 2 : 2.9 that tumbles at 20 rad/s turns the direction of its angular momentum
 *   by 0.9° in 1 s at 2 ms, its size by 4 %;
 * - joint damping is implicit; joint friction is a soft constraint;
 * - drives are exact implicit steps, cut off exactly at their largest effort (mujoco/drives.ts);
 * - a joint that mimics another follows within 10⁻⁶ rad, at the price of one more constraint;
 * - velocity and effort limits of the URDF are the actuators' business.
 *
 * What contacts do, all of them soft:
 * - a resting box sinks 0.1 mm into the ground, a foot of a 15 kg quadruped 2 mm; limits give way by 20 mrad to
 *   1000 rad/s². `contactImpedance` 0.99 makes it a fifth and a tenth, at no cost in speed;
 * - what should stick creeps: go2 standing on drives of 40 N·m/rad and 1 N·m·s/rad by 7.7 mm and 1.0° from 2 s to
 *   10 s, at 2 and at 5 ms. `frictionImpedanceRatio` is the cure, and costs nothing either:
 *
 *   | ratio | impedance | creep of go2    | sinks in | simulated s per s of processor time, 5 ms |
 *   | ----- | --------- | --------------- | -------- | ----------------------------------------- |
 *   | 1     | 0.9       | 7.7 mm, 1.05°   | 2.0 mm   | 215                                       |
 *   | 10    | 0.9       | 4.9 mm, 0.49°   | 1.9 mm   | 210                                       |
 *   | 100   | 0.9       | 0.48 mm, 0.04°  | 1.9 mm   | 212                                       |
 *   | 10    | 0.99      | 0.95 mm, 0.08°  | 0.4 mm   | 216                                       |
 *   | 100   | 0.99      | 0.11 mm, 0.008° | 0.4 mm   | 223                                       |
 *
 * - what slides hops, since MuJoCo solves friction and normal force as one convex problem: at slip v a contact
 *   strives for a gap of μ·v·0.04 s. A flat box at 1 m/s leaves the ground by up to a millimetre at a time; its
 *   friction is right on average, to 1 % after a second. Sticking, rolling and walking do not show it;
 * - bounces keep to Newton's law within 0.6 % of the speed, and gain no energy (mjcf/materials.ts);
 * - of two materials the smaller friction and the larger restitution hold exactly;
 * - objects that move push and drag with the velocity that they were placed with, for MuJoCo itself they stand;
 * - of a shape and a height field MuJoCo keeps 50 contacts: larger shapes are refused (mjcf/footprints.ts).
 *
 * Rays are exact. From below the ground they are 0 long, from below a height field, too.
 * @throws UserError, or UserErrors, where a collision mesh cannot be used, a shape is too large for the cells of a
 *   height field, MuJoCo refuses the robot, or the optional package is not installed
 */
export async function makeMujocoEngine(config: EngineConfig): Promise<Engine> {
  checkEngineConfig(config);
  const mjcf = makeMjcf(config, await computeConvexParts(config.model));
  loaded ??= loadChecked();
  loaded.catch(() => {
    loaded = undefined;
  });
  return new MujocoEngine(config, await loaded, mjcf);
}

async function loadChecked(): Promise<MainModule> {
  const mujoco = await loadMujoco();
  checkContactMemory(mujoco);
  return mujoco;
}

class MujocoEngine implements Engine {
  readonly name = 'mujoco';
  readonly config: EngineConfig;
  readonly mapFromOdom: Float64Array;
  readonly baseForceB: Float64Array;
  readonly baseTorqueB: Float64Array;
  readonly externalForceW: Float64Array;
  readonly jointEffort: Float64Array;
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;
  readonly shapeNames: readonly string[];

  readonly #shared: CopyShared;
  readonly #layout: Layout;
  readonly #base: BaseDoor;
  readonly #copies: RobotCopy[] = [];
  readonly #rays: RayCaster;
  /** What the copies are copies of; then for rays. */
  readonly #compiled: MjModel;
  /** [numRobots, numJoints] as applied in the last step */
  readonly #lastEffort: Float64Array;

  constructor(config: EngineConfig, mujoco: MainModule, mjcf: Mjcf) {
    const { model, numRobots, timestepS, gravityW } = config;
    const numJoints = model.jointNames.length;
    this.config = config;
    this.mapFromOdom = makeTiles(numRobots, config.tileSpacing);
    this.baseForceB = new Float64Array(numRobots * 3);
    this.baseTorqueB = new Float64Array(numRobots * 3);
    this.externalForceW = new Float64Array(numRobots * 3);
    this.jointEffort = new Float64Array(numRobots * numJoints);
    this.drivePosition = new Float64Array(numRobots * numJoints);
    this.driveVelocity = new Float64Array(numRobots * numJoints);
    this.shapeNames = listShapeNames(model);
    this.#lastEffort = new Float64Array(numRobots * numJoints);
    const compiled = compileMjcf(mujoco, mjcf.text, config);
    this.#compiled = compiled;
    this.#layout = computeLayout(mujoco, compiled, model, mjcf);
    const root = this.#layout.bodyIds[0]!;
    this.#base = model.base === 'floating' ? makeFloatingBase(root) : makeFixedBase();
    this.#shared = {
      ...{ mujoco, timestepS, gravityW, numJoints, bodies: mjcf.bodies },
      ...{ layout: this.#layout, base: this.#base },
      numShapes: this.shapeNames.length,
      numObjects: mjcf.objects.length,
      scratch: new mujoco.MjData(compiled),
    };
    const home = makeHomeRow(config);
    for (let robot = 0; robot < numRobots; robot++) {
      const copy = new RobotCopy(this.#shared, compiled);
      copy.setScales(UNIT_SCALES);
      copy.write(home, 0);
      this.#copies.push(copy);
    }
    this.#rays = new RayCaster(mujoco, compiled, this.#layout);
  }

  step(): void {
    this.#lastEffort.set(this.jointEffort);
    for (let robot = 0; robot < this.#copies.length; robot++) {
      this.#copies[robot]!.step(this, robot, this.#lastEffort);
    }
    this.#clearInputs();
  }

  readState(out: StateBatch): void {
    const numJoints = out.numJoints;
    for (let robot = 0; robot < this.#copies.length; robot++) {
      const { views } = this.#copies[robot]!;
      this.#base.read(out, robot, views);
      for (const joint of this.#layout.joints) {
        const index = robot * numJoints + joint.jointIndex;
        const position = views.qpos[joint.qpos]!;
        out.jointPosition[index] = joint.isContinuous ? wrapAngle(position) : position;
        out.jointVelocity[index] = views.qvel[joint.dof]!;
        out.jointEffort[index] = this.#lastEffort[index]!;
      }
    }
  }

  writeState(robot: number, state: StateBatch, row: number): void {
    this.#copies[robot]!.write(state, row);
    const { numJoints } = this.#shared;
    this.#lastEffort.fill(0, robot * numJoints, (robot + 1) * numJoints);
  }

  setScales(robot: number, scales: Partial<RobotScales>): void {
    this.#copies[robot]!.setScales({ ...UNIT_SCALES, ...scales });
  }

  setDrive(robot: number, jointIndex: number, drive: JointDrive): void {
    assertDrive(this.config.model, this.#shared.bodies, jointIndex, drive);
    this.#copies[robot]!.setDrive(jointIndex, drive);
  }

  isInContact(robot: number): boolean {
    const copy = this.#copies[robot]!;
    if (copy.wasWritten) return false;
    copy.refresh();
    return touchesScene(copy, this.#layout);
  }

  writeContactForces(out: Float64Array): void {
    for (let robot = 0; robot < this.#copies.length; robot++) {
      out.set(this.#copies[robot]!.viewForces(), 3 * robot * this.shapeNames.length);
    }
  }

  computePenetration(robot: number): number {
    const copy = this.#copies[robot]!;
    if (copy.wasWritten) return 0;
    copy.refresh();
    return computeDeepest(copy);
  }

  castRays(rays: RayBatch): void {
    const { hits } = rays;
    const except =
      hits === 'scene'
        ? undefined
        : findBodyOfLink(this.config.model, this.#shared.bodies, hits.robotExceptLink);
    const exceptId = except === undefined ? undefined : this.#layout.bodyIds[except]!;
    this.#rays.cast(rays, this.#copies, exceptId);
  }

  placeObject(
    robot: number,
    object: number,
    position: Vec3,
    orientation: QuatXYZW,
    linearVelocityW: Vec3,
  ): void {
    assertMoves(this.config.scene, object);
    this.#copies[robot]!.placeObject(object, position, orientation, linearVelocityW);
  }

  /** What the next step starts from; inputs not yet stepped are not part of it, targets of drives are. */
  snapshot(): Uint8Array {
    return packSnapshot(this.#copies.map((_, robot) => this.#viewState(robot)));
  }

  restore(snapshot: Uint8Array): void {
    const rows = openSnapshot(snapshot, this.#copies.length, this.#viewState(0));
    for (const [robot, [efforts, positions, velocities, ...parts]] of rows.entries()) {
      for (const [k, part] of [efforts, positions, velocities].entries()) {
        this.#viewJointRows(robot)[k]!.set(part!);
      }
      this.#copies[robot]!.restore(parts);
    }
    this.#clearInputs();
  }

  free(): void {
    this.#rays.free();
    this.#shared.scratch.delete();
    for (const copy of this.#copies) copy.free();
    this.#compiled.delete();
    this.#copies.length = 0;
  }

  #viewState(robot: number): readonly Float64Array[] {
    return [...this.#viewJointRows(robot), ...this.#copies[robot]!.viewState()];
  }

  /** Last efforts and the targets of drives of one copy. */
  #viewJointRows(robot: number): readonly Float64Array[] {
    const { numJoints } = this.#shared;
    return [this.#lastEffort, this.drivePosition, this.driveVelocity].map((table) =>
      table.subarray(robot * numJoints, (robot + 1) * numJoints),
    );
  }

  #clearInputs(): void {
    this.baseForceB.fill(0);
    this.baseTorqueB.fill(0);
    this.externalForceW.fill(0);
    this.jointEffort.fill(0);
  }
}

function makeHomeRow({ model }: EngineConfig): StateBatch {
  const home = makeStateBatch(1, model.jointNames.length);
  home.position.set(model.home.position);
  home.orientation.set(model.home.orientation);
  home.jointPosition.set(model.home.jointPosition);
  return home;
}
