import type { MainModule, MjModel } from '@mujoco/mujoco';
import { type QuatXYZW, wrapAngle } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { checkEngineConfig } from './check-config.ts';
import { assertDrive, assertMoves, assertScales, assertWatched, findBodyOfLink } from './checks.ts';
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
import { makeSnapshotLabel, type SnapshotLabel } from './snapshot-frame.ts';
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
 * How it moves (mujoco/motion.ts):
 * - free motion, which nothing constrains, is a step of Runge–Kutta's method. It costs two to three times as much as a
 *   semi-implicit one (64 crazyflies: 200,000 against 430,000 robot-steps per second), and is exact to 10⁻⁵ in a
 *   minute of a double pendulum, of a tumbling body, of a go2 with loose legs;
 * - all other motion is semi-implicit with forces of inertia from the middle of the step: a go2 that is thrown at
 *   3 rad/s and holds its legs keeps its energy to 0.02 % in a minute at 5 ms. Energy wavers by what half a step
 *   moves, 2 % for two 1 m rods that swing from level with a drive between them;
 * - joint damping is implicit; joint friction is a soft constraint;
 * - drives are exact implicit steps, cut off exactly at their largest effort (mujoco/drives.ts);
 * - a joint that mimics another follows within 10⁻⁶ rad, at the price of one more constraint;
 * - velocity and effort limits of the URDF are the actuators' business.
 *
 * What contacts do, all of them soft (mujoco/contacts.ts):
 * - they stop what strikes them in two steps, as few as MuJoCo allows, and find it only once it is in: what lands at v
 *   sinks in by about 0.8 v times the step, at 2 m/s by 2 mm at 2 ms and by 8 mm at 5 ms, on edges of height fields as on
 *   a plane. A resting box of 27 g is in by 0.004 mm, a foot of a 15 kg quadruped at 5 ms by 0.6 mm; limits give way by
 *   20 mrad to 1000 rad/s². `contactImpedance` 0.99 makes it a sixth and a tenth, at no cost in speed;
 * - what should stick creeps the less the higher `frictionImpedanceRatio` is. A box 2° below its angle of friction, at
 *   2 ms: 0.002 mm/s at 100. go2 standing on drives of 40 N·m/rad and 1 N·m·s/rad from 2 s to 10 s at 5 ms, always as fast:
 *
 *   | ratio | impedance | creep of go2     | sinks in |
 *   | ----- | --------- | ---------------- | -------- |
 *   | 1     | 0.9       | 9.9 mm, 1.2°     | 0.64 mm  |
 *   | 10    | 0.9       | 3.3 mm, 0.29°    | 0.63 mm  |
 *   | 100   | 0.9       | 0.33 mm, 0.02°   | 0.63 mm  |
 *   | 10    | 0.99      | 0.47 mm, 0.03°   | 0.10 mm  |
 *   | 100   | 0.99      | 0.069 mm, 0.004° | 0.10 mm  |
 *
 * - what slides keeps to Coulomb's law: a box is right to 10⁻⁹ after a second. What lands while it slips and spins up
 *   easily sinks in deeper than without slip: a ball at 3 m/s along and 2 m/s down on a friction of 0.5 by a twelfth, at
 *   8 m/s on a friction of 1 by two fifths, at 2 ms;
 * - bounces keep to Newton's law within 0.2 % of the speed before, and gain no energy. What would climb by less than
 *   it has sunk in, up to a step's way, stays down. What bounces while it slips fast is thrown up too high: at 5 m/s
 *   along and 4 m/s down on a friction of 0.5 a box leaves at 2.8 instead of 2 m/s;
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
  readonly gravityOffsetW: Float64Array;
  readonly shapeNames: readonly string[];

  readonly #label: SnapshotLabel;
  readonly #shared: CopyShared;
  readonly #layout: Layout;
  readonly #base: BaseDoor;
  readonly #copies: RobotCopy[] = [];
  readonly #rays: RayCaster;
  #isWatching = false;
  /** What the copies are copies of; then for rays. */
  readonly #compiled: MjModel;
  /** [numRobots, numJoints] as applied in the last step */
  readonly #lastEffort: Float64Array;

  constructor(config: EngineConfig, mujoco: MainModule, mjcf: Mjcf) {
    const { model, numRobots, timestepS, gravityW } = config;
    const numJoints = model.jointNames.length;
    this.config = config;
    this.#label = makeSnapshotLabel('mujoco', config);
    this.mapFromOdom = makeTiles(numRobots, config.tileSpacing);
    this.baseForceB = new Float64Array(numRobots * 3);
    this.baseTorqueB = new Float64Array(numRobots * 3);
    this.externalForceW = new Float64Array(numRobots * 3);
    this.jointEffort = new Float64Array(numRobots * numJoints);
    this.drivePosition = new Float64Array(numRobots * numJoints);
    this.driveVelocity = new Float64Array(numRobots * numJoints);
    this.gravityOffsetW = new Float64Array(numRobots * 3);
    this.shapeNames = listShapeNames(model);
    this.#lastEffort = new Float64Array(numRobots * numJoints);
    const compiled = compileMjcf(mujoco, mjcf.text, config);
    this.#compiled = compiled;
    this.#layout = computeLayout(mujoco, compiled, model, mjcf);
    const root = this.#layout.bodyIds[0]!;
    this.#base = model.base === 'floating' ? makeFloatingBase(root) : makeFixedBase();
    this.#shared = {
      ...{ mujoco, timestepS, gravityW, numJoints, bodies: mjcf.bodies },
      ...{ layout: this.#layout, base: this.#base, varies: config.varies },
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
    this.#rays = new RayCaster(mujoco, compiled, this.#layout, config.scene);
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
    const complete = { ...UNIT_SCALES, ...scales };
    assertScales(this.config, complete);
    this.#copies[robot]!.setScales(complete);
    this.gravityOffsetW.set(complete.gravityOffsetW, 3 * robot);
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

  watchContactForces(): void {
    this.#isWatching = true;
  }

  writeContactForces(out: Float64Array): void {
    assertWatched(this.#isWatching);
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
    return packSnapshot(
      this.#label,
      this.#copies.map((_, robot) => this.#viewState(robot)),
    );
  }

  restore(snapshot: Uint8Array): void {
    const rows = openSnapshot(snapshot, this.#label, this.#viewState(0));
    for (const [robot, [efforts, positions, velocities, ...parts]] of rows.entries()) {
      for (const [k, part] of [efforts, positions, velocities].entries()) {
        this.#viewJointRows(robot)[k]!.set(part!);
      }
      this.#copies[robot]!.restore(parts);
      this.gravityOffsetW.set(this.#copies[robot]!.gravityOffsetW, 3 * robot);
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
