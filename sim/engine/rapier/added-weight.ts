import type { BodyStates } from '../kinematics.ts';
import type { BodyTree } from './body-tree.ts';
import { addPoint, PACKED } from './spatial.ts';

/** Share of its debt that a joint pays in a step; above 2/3 debts of what is held fast would swing up. */
const INSTALMENT = 0.25;
/**
 * What joints do is decided before contacts are known, so a steep law (a rotor, a stiff servo) would answer an impact a
 * step late, and a light child would rattle at whatever it strikes. Therefore Rapier has every child heavier than it
 * is, by the slope of its joint's law times the step: as a sphere where it turns, as a mass where it slides. It is
 * launched so that this is not felt where things go as foreseen. Where they do not, the child resists as its joint
 * would have made it, but leans on nothing, where a joint leans on the parent.
 *
 * A robot that touches the world has the world to lean on. One that floats free would gain momentum from nowhere, so it
 * pays back in the next steps: to the child what the added weight did, and to both what the joint would have done.
 */
export class AddedWeight {
  readonly #tree: BodyTree;
  /** [numRobots × numJoints] kg·m² or kg. Part of snapshots. */
  readonly added: Float64Array;
  /** [numRobots × numJoints, 4] N·m·s or N·s owed to the child, and along the axis to the parent. Part of snapshots. */
  readonly debt: Float64Array;
  /** [rows, 6] rad/s and m/s of the centre of mass at the end of the step */
  readonly foreseen: Float64Array;
  readonly #toChild = new Float64Array(3);
  readonly #toParent = new Float64Array(3);

  constructor(tree: BodyTree, numRobots: number) {
    this.#tree = tree;
    this.added = new Float64Array(numRobots * tree.numJoints);
    this.debt = new Float64Array(4 * numRobots * tree.numJoints);
    this.foreseen = new Float64Array(6 * numRobots * tree.numBodies);
  }

  forgive(robot: number): void {
    const { numJoints } = this.#tree;
    this.debt.fill(0, 4 * robot * numJoints, 4 * (robot + 1) * numJoints);
  }

  /** Pays an instalment of what is owed to a child and its parent. */
  pay(robot: number, b: number): void {
    const at = robot * this.#tree.numJoints + this.#tree.joint[b]!;
    if (this.added[at] === 0) return;
    const row = robot * this.#tree.numBodies + b;
    const part = 6 * row + (this.#tree.slides[b] === 1 ? 3 : 0);
    const along = INSTALMENT * this.debt[4 * at + 3]!;
    for (let k = 0; k < 3; k++) {
      this.#toParent[k] = along * this.#tree.screw[part + k]!;
      this.#toChild[k] = INSTALMENT * this.debt[4 * at + k]! - this.#toParent[k]!;
    }
    this.#push(b, row, this.#tree.slides[b] === 1, this.#toChild);
    this.#push(this.#tree.parent[b]!, row, this.#tree.slides[b] === 1, this.#toParent);
  }

  /** Makes a child as heavy as Rapier has it, what is added moving as foreseen. */
  add(robot: number, b: number): void {
    const tree = this.#tree;
    const row = robot * tree.numBodies + b;
    const added = this.added[robot * tree.numJoints + tree.joint[b]!]!;
    if (added === 0) return;
    const slides = tree.slides[b] === 1;
    const part = 6 * row + (slides ? 3 : 0);
    for (let k = 0; k < 3; k++) this.#toChild[k] = added * this.foreseen[part + k]!;
    this.#push(b, row, slides, this.#toChild);
    if (slides) {
      const o = 3 * row;
      const { arm } = tree;
      addPoint(tree.inertia, PACKED * b, added, arm[o]!, arm[o + 1]!, arm[o + 2]!);
    } else {
      tree.inertia[PACKED * b]! += added;
      tree.inertia[PACKED * b + 2]! += added;
      tree.inertia[PACKED * b + 5]! += added;
    }
  }

  /** An impulse on body b, at the centre of mass of the body of a row, or an impulse that only turns. */
  #push(b: number, row: number, slides: boolean, f: Float64Array): void {
    const { rest, arm } = this.#tree;
    if (!slides) {
      for (let k = 0; k < 3; k++) rest[6 * b + k]! -= f[k]!;
      return;
    }
    const cx = arm[3 * row]!;
    const cy = arm[3 * row + 1]!;
    const cz = arm[3 * row + 2]!;
    rest[6 * b]! -= cy * f[2]! - cz * f[1]!;
    rest[6 * b + 1]! -= cz * f[0]! - cx * f[2]!;
    rest[6 * b + 2]! -= cx * f[1]! - cy * f[0]!;
    for (let k = 0; k < 3; k++) rest[6 * b + 3 + k]! -= f[k]!;
  }

  /** After a step: adds up what a child's added weight did, and what its joint would have done. */
  owe(robot: number, b: number, states: BodyStates): void {
    const tree = this.#tree;
    const at = robot * tree.numJoints + tree.joint[b]!;
    const added = this.added[at]!;
    if (added === 0) return;
    const row = robot * tree.numBodies + b;
    const parentRow = robot * tree.numBodies + tree.parent[b]!;
    const slides = tree.slides[b] === 1;
    const part = slides ? 3 : 0;
    const velocity = slides ? states.centreVelocityW : states.angularVelocityW;
    const { foreseen, debt } = this;
    let along = 0;
    for (let k = 0; k < 3; k++) {
      const own = velocity[3 * row + k]! - foreseen[6 * row + part + k]!;
      let parents = velocity[3 * parentRow + k]! - foreseen[6 * parentRow + part + k]!;
      if (slides) parents += this.#computeSwing(row, parentRow, k, states);
      debt[4 * at + k] = (1 - INSTALMENT) * debt[4 * at + k]! + added * own;
      along += tree.screw[6 * row + part + k]! * (own - parents);
    }
    debt[4 * at + 3] = (1 - INSTALMENT) * debt[4 * at + 3]! + added * along;
  }

  /** What the parent's unforeseen spin adds where the child's centre of mass is, component k: (ω × arm)_k. */
  #computeSwing(row: number, parentRow: number, k: number, states: BodyStates): number {
    const i = (k + 1) % 3;
    const j = (k + 2) % 3;
    const { arm } = this.#tree;
    const spin = (c: number) =>
      states.angularVelocityW[3 * parentRow + c]! - this.foreseen[6 * parentRow + c]!;
    const length = (c: number) => arm[3 * row + c]! - arm[3 * parentRow + c]!;
    return spin(i) * length(j) - spin(j) * length(i);
  }
}
