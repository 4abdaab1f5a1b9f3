import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import { UserError } from '../errors.ts';
import { wrapAngle } from '../math/quat.ts';
import { computeRigidBodies, type RigidBody } from '../robot/rigid-bodies.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { checkEngineConfig } from './check-config.ts';
import { type Engine, type EngineConfig, type RobotScales, UNIT_SCALES } from './engine.ts';
import { makeMjcf } from './mjcf.ts';
import { type BaseDoor, makeFixedBase, makeFloatingBase } from './mujoco/base.ts';
import {
  computeLayout,
  deleteCopy,
  type Layout,
  makeCopy,
  type RobotCopy,
  setCopyScales,
  viewCopy,
} from './mujoco/copy.ts';
import { listShapeNames } from './shape-names.ts';
import { makeTiles } from './tiles.ts';

const SNAPSHOT_MAGIC = 0x5a474d31;
const HEADER_NUMBERS = 3;

let loaded: Promise<MainModule> | undefined;

/**
 * N copies of one robot in MuJoCo (the single-threaded WebAssembly build): joint coordinates, 64-bit numbers,
 * contacts and limits as soft constraints that Newton's method solves to convergence, so
 * `config.solver` does not apply. Each copy is a model and a world of its own: its motion is the same to
 * the last bit whatever its tile, its slot, its neighbours and what the slot did before, and it can have
 * masses of its own. One model with all copies in it steps twice as fast (64 crazyflies: 1.3 against
 * 0.56 million robot-steps per second of processor time, before forces and states are carried), but solves all
 * copies as one problem.
 *
 * What the integrator does (`implicitfast`, one step of h seconds, semi-implicit):
 * - free fall is late by g·t·h/2: 10 mm after 1 s at 2 ms;
 * - a free body with moments 1 : 2 : 2.9 that tumbles at 20 rad/s turns the direction of its angular momentum
 *   by 0.9° in 1 s at 2 ms, its size by 4 %;
 * - joint damping is implicit; joint friction and limits are soft constraints;
 * - a resting box sinks 0.1 mm into the ground; position limits give way by millimetres;
 * - velocity and effort limits of the URDF are the actuators' business.
 * @throws UserError where the model has what this engine cannot simulate (mesh collisions), or the
 *   optional package is not installed
 */
export async function makeMujocoEngine(config: EngineConfig): Promise<Engine> {
  checkEngineConfig(config);
  const mjcf = makeMjcf(config);
  loaded ??= loadMujoco();
  loaded.catch(() => {
    loaded = undefined;
  });
  return new MujocoEngine(config, await loaded, mjcf);
}

/** @throws UserError with a remedy if the package is absent or does not start */
export async function loadMujoco(
  importPackage: () => Promise<typeof import('@mujoco/mujoco')> = () => import('@mujoco/mujoco'),
): Promise<MainModule> {
  try {
    const { default: start } = await importPackage();
    return await start();
  } catch (cause) {
    throw new UserError({
      where: "engine 'mujoco'",
      problem: 'MuJoCo, an optional dependency, cannot be loaded',
      expected: 'the package @mujoco/mujoco',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: "Run `npm install @mujoco/mujoco`, or choose engine 'rapier'.",
      cause,
    });
  }
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

  readonly #mujoco: MainModule;
  readonly #bodies: readonly RigidBody[];
  readonly #layout: Layout;
  readonly #copies: RobotCopy[] = [];
  /** Data whose state may be lost. */
  readonly #scratch: MjData;
  readonly #base: BaseDoor;
  /** [numRobots, numJoints] as applied in the last step */
  readonly #lastEffort: Float64Array;
  /** [numRobots, 4] mass, then principal moments */
  readonly #scales: Float64Array;
  /** [numRobots] 1 from a write until the next step: contacts are forgotten */
  readonly #wasWritten: Uint8Array;
  /** Numbers of one copy in a snapshot. */
  readonly #snapshotWidth: number;

  constructor(config: EngineConfig, mujoco: MainModule, mjcf: string) {
    const { model, numRobots } = config;
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
    this.#mujoco = mujoco;
    this.#bodies = computeRigidBodies(model);
    this.#lastEffort = new Float64Array(numRobots * numJoints);
    this.#scales = new Float64Array(numRobots * 4);
    this.#wasWritten = new Uint8Array(numRobots);
    const compiled = compile(mujoco, mjcf, config);
    this.#layout = computeLayout(mujoco, compiled, model, this.#bodies);
    this.#base =
      model.base === 'floating' ? makeFloatingBase(this.#layout.bodyIds[0]!) : makeFixedBase();
    for (let robot = 0; robot < numRobots; robot++) this.#copies.push(makeCopy(mujoco, compiled));
    compiled.delete();
    this.#scratch = new mujoco.MjData(this.#copies[0]!.model);
    this.#snapshotWidth = this.#computeSnapshotWidth();
    const home = makeHomeRow(config);
    for (let robot = 0; robot < numRobots; robot++) {
      this.setScales(robot, UNIT_SCALES);
      this.writeState(robot, home, 0);
    }
  }

  /** Second half of MuJoCo's step, then the first half of the next: contacts are those of now. */
  step(): void {
    this.#keepViews();
    for (let robot = 0; robot < this.#copies.length; robot++) {
      const { model, data } = this.#copies[robot]!;
      this.#sendInputs(robot);
      this.#mujoco.mj_step2(model, data);
      this.#mujoco.mj_step1(model, data);
    }
    this.#wasWritten.fill(0);
    this.#lastEffort.set(this.jointEffort);
    this.#clearInputs();
  }

  readState(out: StateBatch): void {
    this.#keepViews();
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
    this.#keepViews();
    const { model, data, views } = this.#copies[robot]!;
    this.#mujoco.mj_resetData(model, data);
    this.#base.write(views, state, row);
    for (const joint of this.#layout.joints) {
      const index = row * state.numJoints + joint.jointIndex;
      views.qpos[joint.qpos] = state.jointPosition[index]!;
      views.qvel[joint.dof] = state.jointVelocity[index]!;
    }
    this.#mujoco.mj_step1(model, data);
    const numJoints = this.config.model.jointNames.length;
    this.#lastEffort.fill(0, robot * numJoints, (robot + 1) * numJoints);
    this.#wasWritten[robot] = 1;
  }

  setScales(robot: number, given: Partial<RobotScales>): void {
    const scales = { ...UNIT_SCALES, ...given };
    const { model, data } = this.#copies[robot]!;
    const target = { model, scratch: this.#scratch };
    const robotParts = { layout: this.#layout, bodies: this.#bodies };
    setCopyScales(this.#mujoco, target, robotParts, scales);
    this.#scales.set([scales.mass, ...scales.inertia], 4 * robot);
    this.#mujoco.mj_step1(model, data);
  }

  isInContact(robot: number): boolean {
    return this.#wasWritten[robot] === 0 && this.#copies[robot]!.data.ncon > 0;
  }

  setDrive(): void {
    throw new RangeError('setDrive: this engine has no drives');
  }

  writeContactForces(): void {
    throw new RangeError('writeContactForces: this engine does not tell forces');
  }

  computePenetration(): number {
    throw new RangeError('computePenetration: this engine does not tell depths');
  }

  castRays(): void {
    throw new RangeError('castRays: this engine casts no rays');
  }

  placeObject(): void {
    throw new RangeError('placeObject: nothing moves in this engine');
  }

  /** What the next step starts from, copy by copy; inputs not yet stepped are not part of it. */
  snapshot(): Uint8Array {
    this.#keepViews();
    const { numRobots, model } = this.config;
    const numJoints = model.jointNames.length;
    const out = new Float64Array(HEADER_NUMBERS + numRobots * this.#snapshotWidth);
    out.set([SNAPSHOT_MAGIC, numRobots, this.#snapshotWidth]);
    let o = HEADER_NUMBERS;
    const append = (part: ArrayLike<number>) => {
      out.set(part, o);
      o += part.length;
    };
    for (let robot = 0; robot < numRobots; robot++) {
      for (const view of this.#viewState(robot)) append(view);
      append(this.#scales.subarray(4 * robot, 4 * robot + 4));
      append(this.#lastEffort.subarray(robot * numJoints, (robot + 1) * numJoints));
      append(this.#wasWritten.subarray(robot, robot + 1));
    }
    return new Uint8Array(out.buffer);
  }

  restore(snapshot: Uint8Array): void {
    const numbers = this.#openSnapshot(snapshot);
    const numJoints = this.config.model.jointNames.length;
    let o = HEADER_NUMBERS;
    const take = (length: number) => {
      o += length;
      return numbers.subarray(o - length, o);
    };
    for (let robot = 0; robot < this.#copies.length; robot++) {
      const { model, data } = this.#copies[robot]!;
      this.#mujoco.mj_resetData(model, data);
      this.#keepViews();
      for (const view of this.#viewState(robot)) view.set(take(view.length));
      const [mass, x, y, z] = take(4) as unknown as readonly [number, number, number, number];
      this.setScales(robot, { mass, inertia: [x, y, z] });
      this.#lastEffort.set(take(numJoints), robot * numJoints);
      this.#wasWritten[robot] = take(1)[0]!;
    }
    this.#clearInputs();
  }

  free(): void {
    this.#scratch.delete();
    for (const copy of this.#copies) deleteCopy(copy);
    this.#copies.length = 0;
  }

  /** The heap moves when it grows, whoever made it grow; views of the old one are empty. */
  #keepViews(): void {
    if (this.#copies[0]!.views.xfrc.length > 0) return;
    for (const copy of this.#copies) copy.views = viewCopy(copy.data);
  }

  #viewState(robot: number): readonly Float64Array[] {
    const { qpos, qvel, warmStart, mocapPosition, mocapQuat } = this.#copies[robot]!.views;
    return [qpos, qvel, warmStart, mocapPosition, mocapQuat];
  }

  #computeSnapshotWidth(): number {
    this.#keepViews();
    const state = this.#viewState(0).reduce((sum, view) => sum + view.length, 0);
    return state + 4 + this.config.model.jointNames.length + 1;
  }

  #openSnapshot(snapshot: Uint8Array): Float64Array {
    const wanted = [SNAPSHOT_MAGIC, this.config.numRobots, this.#snapshotWidth] as const;
    const isWhole = snapshot.length > 0 && snapshot.length % 8 === 0;
    const numbers = new Float64Array(isWhole ? snapshot.slice().buffer : new ArrayBuffer(0));
    const isOurs =
      wanted.every((value, k) => numbers[k] === value) &&
      numbers.length === HEADER_NUMBERS + wanted[1] * wanted[2];
    if (isOurs) return numbers;
    throw new RangeError(
      `restore: the snapshot is of another world (expected ${wanted[1]} robots of ${wanted[2]} numbers, got ${numbers[1]} of ${numbers[2]})`,
    );
  }

  #clearInputs(): void {
    this.baseForceB.fill(0);
    this.baseTorqueB.fill(0);
    this.externalForceW.fill(0);
    this.jointEffort.fill(0);
  }

  #sendInputs(robot: number): void {
    const { views } = this.#copies[robot]!;
    this.#base.push(views, this, robot);
    const first = robot * this.config.model.jointNames.length;
    for (const { dof, jointIndex } of this.#layout.joints) {
      views.qfrc[dof] = this.jointEffort[first + jointIndex]!;
    }
  }
}

/** @throws UserError with MuJoCo's own words where it refuses the robot */
function compile(mujoco: MainModule, mjcf: string, { model }: EngineConfig): MjModel {
  try {
    return mujoco.MjModel.from_xml_string(mjcf);
  } catch (cause) {
    throw new UserError({
      where: `robot '${model.name}'`,
      problem: 'MuJoCo refuses it',
      expected: 'a robot that MuJoCo can compile',
      got: cause instanceof Error ? cause.message.trim() : String(cause),
      remedy: "Correct the description, or choose engine 'rapier'.",
      cause,
    });
  }
}

function makeHomeRow({ model }: EngineConfig): StateBatch {
  const home = makeStateBatch(1, model.jointNames.length);
  home.position.set(model.home.position);
  home.orientation.set(model.home.orientation);
  home.jointPosition.set(model.home.jointPosition);
  return home;
}
