import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import type { QuatXYZW } from '../../math/quat.ts';
import type { Vec3 } from '../../math/vec3.ts';
import type { RigidBody } from '../../robot/rigid-bodies.ts';
import type { StateBatch } from '../../robot/state.ts';
import type { EngineConfig, JointDrive, RobotScales } from '../engine.ts';
import { scaleBody } from '../scaled-body.ts';
import type { EngineInputs } from '../wrenches.ts';
import { type BaseDoor, writeQuat } from './base.ts';
import { addMovers, correctContacts, writeShapeForces } from './contacts.ts';
import { CopyDrives, type DriveInputs } from './drives.ts';
import type { Layout } from './layout.ts';
import { Motion } from './motion.ts';
import {
  countScales,
  readGravityOffset,
  readScales,
  setCopyScales,
  writeScales,
} from './scales.ts';
import { type CopyViews, makeViews } from './views.ts';

/** What all copies of a world share. */
export interface CopyShared {
  readonly mujoco: MainModule;
  readonly layout: Layout;
  readonly base: BaseDoor;
  readonly bodies: readonly RigidBody[];
  readonly timestepS: number;
  readonly gravityW: Vec3;
  readonly varies: EngineConfig['varies'];
  readonly numJoints: number;
  readonly numShapes: number;
  readonly numObjects: number;
  /** Data of the same robot whose state may be lost. */
  readonly scratch: MjData;
}

/**
 * Where a copy is between two steps. MuJoCo's step has two halves: the first finds contacts and what moves them,
 * the second solves and integrates. The first is made when it is asked for, at the latest by the next step.
 */
type Phase =
  | 'after step'
  /** The pose or the model is another than that of the last first half. */
  | 'changed'
  | 'after first half';

/** One copy of the robot: a model and its data, both in WebAssembly memory until they are freed. */
export class RobotCopy {
  readonly model: MjModel;
  readonly data: MjData;
  readonly #shared: CopyShared;
  readonly #drives: CopyDrives;
  readonly #motion: Motion;
  #views: CopyViews;
  #phase: Phase = 'changed';
  /** As of the last first half; -1 until it is asked for. */
  #numContacts = -1;
  /** [numShapes, 3] N of the last step; up to date in every other phase than 'after step' */
  readonly #forces: Float64Array;
  readonly #scales: Float64Array;
  /** [m] [@frame base_link] how far the root body's centre of mass is from where it is described */
  readonly #centreShift = new Float64Array(3);
  /** What it falls in. */
  readonly #surroundings: { readonly gravityW: Float64Array; readonly timestepS: number };
  /** [numJoints, 3] what `setDrive` was given */
  readonly #driveRows: Float64Array;
  /** [1] 1 from a write until the next step: contacts are forgotten */
  readonly #written = new Float64Array(1);
  /** [numObjects, 3] m/s [@frame odom] for the next step */
  readonly #objectVelocity: Float64Array;
  #isPushed = false;

  constructor(shared: CopyShared, compiled: MjModel) {
    const { mujoco, layout, timestepS, numJoints, numShapes, numObjects } = shared;
    this.#shared = shared;
    this.model = new mujoco.MjModel(compiled);
    this.data = new mujoco.MjData(this.model);
    this.#views = makeViews(this.data, layout.baseMocap);
    this.#drives = new CopyDrives(layout, timestepS);
    this.#motion = new Motion(mujoco, this.model, this.data);
    this.#scales = new Float64Array(countScales(numJoints));
    this.#surroundings = { gravityW: Float64Array.from(shared.gravityW), timestepS };
    this.#forces = new Float64Array(3 * numShapes);
    this.#driveRows = new Float64Array(3 * numJoints);
    this.#objectVelocity = new Float64Array(3 * numObjects);
  }

  /** The heap moves when it grows, whoever made it grow, and views of the old one are empty: made again then. */
  get views(): CopyViews {
    if (this.#views.xfrc.length === 0) {
      this.#views = makeViews(this.data, this.#shared.layout.baseMocap);
    }
    return this.#views;
  }

  /** As of the last first half of a step. */
  get numContacts(): number {
    if (this.#numContacts < 0) this.#numContacts = this.data.ncon;
    return this.#numContacts;
  }

  get wasWritten(): boolean {
    return this.#written[0] === 1;
  }

  /** @param efforts [numRobots, numJoints] what drives do is added to it */
  step(inputs: EngineInputs & DriveInputs, robot: number, efforts: Float64Array): void {
    const { layout, base, numJoints } = this.#shared;
    const firstJoint = robot * numJoints;
    if (this.#phase !== 'after first half') this.#makeFirstHalf();
    const { views } = this;
    base.push(views, inputs, robot, this.#centreShift);
    for (const { dof, jointIndex } of layout.joints) {
      views.qfrc[dof] = inputs.jointEffort[firstJoint + jointIndex]!;
    }
    this.#drives.aim(this, inputs, firstJoint);
    if (this.#isPushed) {
      if (this.numContacts > 0) addMovers(this, layout, this.#objectVelocity);
      this.#objectVelocity.fill(0);
      this.#isPushed = false;
    }
    if (this.numContacts > 0) correctContacts(this, layout, this.#surroundings);
    this.#motion.step(views);
    this.#drives.addEfforts(efforts, this, firstJoint);
    this.#phase = 'after step';
    this.#written[0] = 0;
  }

  /** Makes poses and contacts those of now. */
  refresh(): void {
    if (this.#phase === 'after first half') return;
    this.#keepForces();
    this.#makeFirstHalf();
    this.#phase = 'after first half';
  }

  /** Borrows the contact forces of the last step. [numShapes, 3] N [@frame odom] */
  viewForces(): Float64Array {
    this.#keepForces();
    return this.#forces;
  }

  write(state: StateBatch, row: number): void {
    const { base, layout } = this.#shared;
    this.#forget();
    const { views } = this;
    base.write(views, state, row);
    for (const { jointIndex, qpos, dof, mimic } of layout.joints) {
      const index = row * state.numJoints + (mimic?.leader ?? jointIndex);
      const { multiplier, offset } = mimic ?? { multiplier: 1, offset: 0 };
      views.qpos[qpos] = multiplier * state.jointPosition[index]! + offset;
      views.qvel[dof] = multiplier * state.jointVelocity[index]!;
    }
    this.#forces.fill(0);
    this.#written[0] = 1;
  }

  setScales(scales: RobotScales): void {
    const { mujoco, scratch, bodies, gravityW, numJoints } = this.#shared;
    setCopyScales(mujoco, { model: this.model, scratch }, this.#shared, scales);
    writeScales(this.#scales, scales, numJoints);
    const { centreOfMass } = scaleBody(bodies[0]!, scales, true);
    for (let k = 0; k < 3; k++) {
      this.#centreShift[k] = centreOfMass[k]! - bodies[0]!.centreOfMass[k]!;
      this.#surroundings.gravityW[k] = gravityW[k]! + scales.gravityOffsetW[k]!;
    }
    this.#drives.apply(this);
    this.#motion.noteParameters();
    this.#noteChange();
  }

  /** [3] m/s² [@frame odom] */
  get gravityOffsetW(): Float64Array {
    return readGravityOffset(this.#scales);
  }

  /** @param jointIndex of a joint that moves on its own */
  setDrive(jointIndex: number, drive: JointDrive): void {
    this.#drives.set(this, jointIndex, drive);
    const { stiffness, damping, maxEffort } = drive;
    this.#driveRows.set([stiffness, damping, maxEffort], 3 * jointIndex);
    this.#noteChange();
  }

  /** @param object index of one that moves */
  placeObject(object: number, position: Vec3, orientation: QuatXYZW, velocityW: Vec3): void {
    const { mocapPosition, mocapQuat } = this.views;
    const mocap = this.#shared.layout.objectMocaps[object]!;
    mocapPosition.set(position, 3 * mocap);
    writeQuat(mocapQuat, 4 * mocap, orientation);
    this.#objectVelocity.set(velocityW, 3 * object);
    this.#isPushed = true;
    this.#noteChange();
  }

  /** Borrows every array that makes up the state. */
  viewState(): readonly Float64Array[] {
    const { qpos, qvel, warmStart, mocapPosition, mocapQuat } = this.views;
    return [
      ...[qpos, qvel, warmStart, mocapPosition, mocapQuat],
      ...[this.#scales, this.#driveRows, this.viewForces(), this.#written],
      this.#motion.velocityChange,
    ];
  }

  /** @param parts as `viewState` gave them */
  restore(parts: readonly Float64Array[]): void {
    this.#forget();
    this.#phase = 'changed';
    for (const [k, view] of this.viewState().entries()) view.set(parts[k]!);
    const drives = this.#driveRows.slice();
    for (const { jointIndex, mimic } of this.#shared.layout.joints) {
      if (mimic !== undefined) continue;
      const [stiffness, damping, maxEffort] = drives.subarray(3 * jointIndex);
      this.setDrive(jointIndex, {
        stiffness: stiffness!,
        damping: damping!,
        maxEffort: maxEffort!,
      });
    }
    this.setScales(readScales(this.#scales, this.#shared.numJoints));
    this.#objectVelocity.fill(0);
    this.#isPushed = false;
  }

  free(): void {
    this.#motion.free();
    this.data.delete();
    this.model.delete();
  }

  #makeFirstHalf(): void {
    this.#shared.mujoco.mj_step1(this.model, this.data);
    this.#numContacts = -1;
  }

  /** Contacts of the last step are lost in the next first half; their forces are not. */
  #keepForces(): void {
    if (this.#phase !== 'after step') return;
    this.#forces.fill(0);
    if (this.numContacts > 0) writeShapeForces(this.#forces, this, this.#shared.layout);
  }

  #noteChange(): void {
    if (this.#phase === 'after first half') this.#phase = 'changed';
  }

  /** Everything but where objects are. */
  #forget(): void {
    const { mocapPosition, mocapQuat } = this.views;
    const poses = [mocapPosition.slice(), mocapQuat.slice()] as const;
    this.#shared.mujoco.mj_resetData(this.model, this.data);
    mocapPosition.set(poses[0]);
    mocapQuat.set(poses[1]);
    this.#motion.velocityChange.fill(0);
    this.#phase = 'changed';
    this.#numContacts = 0;
  }
}
