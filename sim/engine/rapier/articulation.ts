import type { Vec3 } from '../../math/vec3.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { BodyStates, Kinematics } from '../kinematics.ts';
import type { MassProperties } from '../scaled-body.ts';
import type { Wrenches } from '../wrenches.ts';
import { AddedWeight } from './added-weight.ts';
import { BodyTree } from './body-tree.ts';
import { addYielding, computePower, PACKED, writeMomentum, writeRest } from './spatial.ts';

/**
 * What of the last step is in what contacts are taken to press with; the rest is older. A leg that presses on the ground
 * has what its joints do answered there and then; taken for granted as it was, that would call for the opposite, the
 * more so the more links follow one another.
 */
const FRESHNESS = 0.5;
/** [-] of all momentum: what 32-bit numbers and some sweeps leave of forces that cancel */
const ROUNDING = 2 ** -17;

/** What joints do in the next step: effort = constant − slope · rate at the end of the step. */
export interface JointLaw {
  /** [numRobots × numJoints] N·m or N */
  readonly constant: Float64Array;
  /** [numRobots × numJoints] N·m·s/rad or N·s/m, 0 or more */
  readonly slope: Float64Array;
}

/**
 * Foresees, for each copy, the motion at the end of a step, by recursion over the tree of its bodies (Featherstone,
 * Rigid Body Dynamics Algorithms, 2008, chapter 7), in impulses and velocities instead of forces and accelerations: what
 * Rapier's joints will make of the bodies once its sweeps have settled.
 *
 * Rapier's sweeps find the impulses in joints from nothing in every step, and slowly. Therefore
 * 1. `begin` takes in where bodies are and what acts on them, and `solve` finds the rates of the joints under their
 *    laws, contacts pressing as they did last: from them follows what the joints will do;
 * 2. `launch` finds the motion of a robot whose joints do that and that nothing touches. Rapier starts from it, so all
 *    that is left to its sweeps is contacts, and limits of joints;
 * 3. `measure` sees what those did.
 */
export class Articulation {
  readonly tree: BodyTree;
  readonly #stepS: number;
  readonly #gravity: Vec3;
  readonly weight: AddedWeight;
  /** [rows, 6] rad/s and m/s of the centre of mass */
  readonly #launched: Float64Array;
  /** [rows, 3] m/s and rad/s that Rapier is to start from; it adds gravity and gyroscopic torque */
  readonly startVelocity: Float64Array;
  readonly startSpin: Float64Array;
  /** [numRobots × numJoints] rad/s or m/s foreseen */
  readonly rate: Float64Array;
  /** [numRobots × numJoints] N·m·s or N·s of contacts and limits in the last steps. Part of snapshots. */
  readonly answer: Float64Array;
  /** [numRobots, 6] N·m·s and N·s of them on the whole. Part of snapshots. */
  readonly rootAnswer: Float64Array;

  // Of one copy at a time, by body.
  readonly #inertia: Float64Array;
  readonly #rest: Float64Array;
  readonly #push: Float64Array;
  readonly #resistance: Float64Array;
  readonly #drive: Float64Array;
  readonly #twist: Float64Array;

  constructor(
    model: RobotModel,
    kinematics: Kinematics,
    numRobots: number,
    stepS: number,
    gravityW: Vec3,
  ) {
    const n = kinematics.bodies.length;
    const rows = numRobots * n;
    const numCoordinates = numRobots * model.jointNames.length;
    const make = (length: number) => new Float64Array(length);
    this.tree = new BodyTree(model, kinematics, numRobots, stepS, gravityW);
    this.#stepS = stepS;
    this.#gravity = gravityW;
    this.weight = new AddedWeight(this.tree, numRobots);
    this.#launched = make(6 * rows);
    this.startVelocity = make(3 * rows);
    this.startSpin = make(3 * rows);
    this.rate = make(numCoordinates);
    this.answer = make(numCoordinates);
    this.rootAnswer = make(6 * numRobots);
    this.#inertia = make(PACKED * n);
    this.#rest = make(6 * n);
    this.#push = make(6 * n);
    this.#resistance = make(n);
    this.#drive = make(n);
    this.#twist = make(6 * n);
  }

  /** @param added kg·m² or kg that its joint adds to it for Rapier */
  setBody(robot: number, body: number, own: MassProperties, added: number): void {
    const { numBodies, numJoints, slides, joint } = this.tree;
    this.tree.setBody(robot * numBodies + body, own, slides[body] === 1 ? 0 : added);
    if (body > 0) this.weight.added[robot * numJoints + joint[body]!] = added;
  }

  /** Forgets what acted on one copy in its last step. */
  reset(robot: number): void {
    const { numJoints } = this.tree;
    this.answer.fill(0, robot * numJoints, (robot + 1) * numJoints);
    this.rootAnswer.fill(0, 6 * robot, 6 * robot + 6);
    this.weight.forgive(robot);
  }

  /** Where one copy's bodies are, how they move, and what acts on them besides joints and contacts. */
  begin(robot: number, states: BodyStates, wrenches: Wrenches): void {
    this.tree.place(robot, states, wrenches);
    for (let b = 1; b < this.tree.numBodies; b++) this.weight.pay(robot, b);
  }

  /** Finds the rates of that copy's joints under their laws, contacts pressing as in the last step. */
  solve(robot: number, { constant, slope }: JointLaw): void {
    this.#descend(robot, constant, slope);
  }

  #descend(robot: number, constant: Float64Array, slope: Float64Array | undefined): void {
    const h = this.#stepS;
    const n = this.tree.numBodies;
    const inertia = this.#inertia;
    const rest = this.#rest;
    const screw = this.tree.screw;
    const push = this.#push;
    const twist = this.#twist;
    const isTouched = slope !== undefined;
    inertia.set(this.tree.inertia);
    rest.set(this.tree.rest);
    if (isTouched) for (let i = 0; i < 6; i++) rest[i]! -= this.rootAnswer[6 * robot + i]!;
    for (let b = n - 1; b > 0; b--) {
      const at = robot * this.tree.numJoints + this.tree.joint[b]!;
      const s = 6 * (robot * n + b);
      const p = 6 * b;
      writeMomentum(push, p, inertia, PACKED * b, screw, s);
      let resistance = computePower(push, p, screw, s);
      let drive = h * constant[at]! - computePower(rest, p, screw, s);
      if (isTouched) {
        resistance += h * slope[at]!;
        drive += this.answer[at]!;
      }
      this.#resistance[b] = resistance;
      this.#drive[b] = drive;
      const parent = this.tree.parent[b]!;
      if (parent === 0 && !this.tree.isFloating) continue;
      const inverse = 1 / resistance;
      addYielding(inertia, PACKED * parent, PACKED * b, push, p, inverse);
      for (let i = 0; i < 6; i++) {
        rest[6 * parent + i]! += rest[p + i]! + inverse * push[p + i]! * drive;
      }
    }
    if (this.tree.isFloating) writeRest(twist, inertia, rest);
    else twist.fill(0, 0, 6);
    for (let b = 1; b < n; b++) {
      const s = 6 * (robot * n + b);
      const p = 6 * this.tree.parent[b]!;
      const rate = (this.#drive[b]! - computePower(push, 6 * b, twist, p)) / this.#resistance[b]!;
      if (isTouched) this.rate[robot * this.tree.numJoints + this.tree.joint[b]!] = rate;
      for (let i = 0; i < 6; i++) twist[6 * b + i] = twist[p + i]! + screw[s + i]! * rate;
    }
  }

  /**
   * What Rapier is to start from, given what the joints do.
   * @param effort [numRobots × numJoints] N·m or N
   */
  launch(robot: number, effort: Float64Array): void {
    const n = this.tree.numBodies;
    for (let b = 0; b < n; b++) this.#writeMotion(this.weight.foreseen, robot * n + b, b);
    for (let b = 1; b < n; b++) this.weight.add(robot, b);
    this.#descend(robot, effort, undefined);
    const h = this.#stepS;
    for (let b = 0; b < n; b++) {
      const row = robot * n + b;
      this.#writeMotion(this.#launched, row, b);
      const launched = this.#launched;
      const o = 3 * row;
      for (let k = 0; k < 3; k++) {
        this.startVelocity[o + k] = launched[6 * row + 3 + k]! - h * this.#gravity[k]!;
      }
      this.tree.writeGyroGain(this.startSpin, row, b);
      for (let k = 0; k < 3; k++) {
        this.startSpin[o + k] = launched[6 * row + k]! - this.startSpin[o + k]!;
      }
    }
  }

  /** out[row] = [rad/s, m/s of the centre of mass] as found last */
  #writeMotion(out: Float64Array, row: number, b: number): void {
    const twist = this.#twist;
    const x = twist[6 * b]!;
    const y = twist[6 * b + 1]!;
    const z = twist[6 * b + 2]!;
    const cx = this.tree.arm[3 * row]!;
    const cy = this.tree.arm[3 * row + 1]!;
    const cz = this.tree.arm[3 * row + 2]!;
    out[6 * row] = x;
    out[6 * row + 1] = y;
    out[6 * row + 2] = z;
    out[6 * row + 3] = twist[6 * b + 3]! + y * cz - z * cy;
    out[6 * row + 4] = twist[6 * b + 4]! + z * cx - x * cz;
    out[6 * row + 5] = twist[6 * b + 5]! + x * cy - y * cx;
  }

  /** After a step: what contacts and limits did to one copy, and what its joints would have done about it. */
  measure(robot: number, states: BodyStates): void {
    const n = this.tree.numBodies;
    const sum = this.#rest;
    let momentum = 0;
    for (let b = this.tree.isFloating ? 0 : 1; b < n; b++) {
      const row = robot * n + b;
      this.#writeAnswer(sum, robot, b, states);
      const v = states.centreVelocityW;
      const size = Math.abs(v[3 * row]!) + Math.abs(v[3 * row + 1]!) + Math.abs(v[3 * row + 2]!);
      momentum += this.tree.masses[row]! * size;
    }
    for (let b = n - 1; b > 0; b--) {
      const at = robot * this.tree.numJoints + this.tree.joint[b]!;
      this.answer[at] =
        (1 - FRESHNESS) * this.answer[at]! -
        FRESHNESS * computePower(sum, 6 * b, this.tree.screw, 6 * (robot * n + b));
      const parent = this.tree.parent[b]!;
      if (parent === 0 && !this.tree.isFloating) continue;
      for (let i = 0; i < 6; i++) sum[6 * parent + i]! += sum[6 * b + i]!;
    }
    if (!this.tree.isFloating) return;
    for (let i = 0; i < 6; i++)
      this.rootAnswer[6 * robot + i] =
        (1 - FRESHNESS) * this.rootAnswer[6 * robot + i]! - FRESHNESS * sum[i]!;
    const push = Math.abs(sum[3]!) + Math.abs(sum[4]!) + Math.abs(sum[5]!);
    if (push > ROUNDING * momentum) this.weight.forgive(robot);
    else for (let b = 1; b < n; b++) this.weight.owe(robot, b, states);
  }

  /** out[b] = − impulse that the solver gave to a body, as heavy as it has it */
  #writeAnswer(out: Float64Array, robot: number, b: number, states: BodyStates): void {
    const row = robot * this.tree.numBodies + b;
    const o = 3 * row;
    const t = 6 * row;
    const added =
      b === 0 ? 0 : this.weight.added[robot * this.tree.numJoints + this.tree.joint[b]!]!;
    const mass = this.tree.masses[row]! + (this.tree.slides[b] === 1 ? added : 0);
    const sphere = this.tree.slides[b] === 1 ? 0 : added;
    const from = this.#launched;
    const x = states.angularVelocityW[o]! - from[t]!;
    const y = states.angularVelocityW[o + 1]! - from[t + 1]!;
    const z = states.angularVelocityW[o + 2]! - from[t + 2]!;
    const w = this.tree.tensorW;
    this.tree.writeMinus(
      out,
      b,
      row,
      (w[t]! + sphere) * x + w[t + 3]! * y + w[t + 4]! * z,
      w[t + 3]! * x + (w[t + 1]! + sphere) * y + w[t + 5]! * z,
      w[t + 4]! * x + w[t + 5]! * y + (w[t + 2]! + sphere) * z,
      mass * (states.centreVelocityW[o]! - from[t + 3]!),
      mass * (states.centreVelocityW[o + 1]! - from[t + 4]!),
      mass * (states.centreVelocityW[o + 2]! - from[t + 5]!),
    );
  }
}
