import { writeNormalized, writeQuatProduct, writeRotated } from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import type { RigidBody } from './rigid-bodies.ts';
import type { StateBatch } from './state.ts';

/**
 * Where the rigid bodies of one robot are and how they move, by forward kinematics from a state. Row i belongs to
 * `bodies[i]`. Borrowed until the next `compute`; allocates only when made.
 */
export class BodyFrames {
  /** The root body first, parents before children. */
  readonly bodies: readonly RigidBody[];
  /** [numBodies, 3] m [@frame odom] origin of the body's frame */
  readonly position: Float64Array;
  /** [numBodies, 4] odom from body */
  readonly orientation: Float64Array;
  /** [numBodies, 3] m/s [@frame odom] of the origin */
  readonly linearVelocityW: Float64Array;
  /** [numBodies, 3] rad/s [@frame odom] */
  readonly angularVelocityW: Float64Array;
  /** [numBodies, 3] unit vectors [@frame odom] axis of the joint that carries the body; zero for the root */
  readonly jointAxisW: Float64Array;
  /** Row i: of the joint that carries body i. Copies in one kind of array are what makes kernels fast. */
  readonly #parent: Int32Array;
  readonly #jointIndex: Int32Array;
  readonly #slides: Uint8Array;
  readonly #axis: Float64Array;
  readonly #jointTranslation: Float64Array;
  readonly #jointRotation: Float64Array;
  readonly #arm = new Float64Array(3);
  readonly #turn = new Float64Array(4);

  constructor(bodies: readonly RigidBody[]) {
    this.bodies = bodies;
    const numBodies = this.bodies.length;
    this.position = new Float64Array(numBodies * 3);
    this.orientation = new Float64Array(numBodies * 4);
    this.linearVelocityW = new Float64Array(numBodies * 3);
    this.angularVelocityW = new Float64Array(numBodies * 3);
    this.jointAxisW = new Float64Array(numBodies * 3);
    this.#parent = new Int32Array(numBodies);
    this.#jointIndex = new Int32Array(numBodies);
    this.#slides = new Uint8Array(numBodies);
    this.#axis = new Float64Array(numBodies * 3);
    this.#jointTranslation = new Float64Array(numBodies * 3);
    this.#jointRotation = new Float64Array(numBodies * 4);
    for (const [i, { connection }] of this.bodies.entries()) {
      if (connection === undefined) continue;
      this.#parent[i] = connection.parent;
      this.#jointIndex[i] = connection.jointIndex;
      this.#slides[i] = connection.joint.type === 'prismatic' ? 1 : 0;
      this.#axis.set(connection.joint.axis, 3 * i);
      this.#jointTranslation.set(connection.parentBodyFromJoint.translation, 3 * i);
      this.#jointRotation.set(connection.parentBodyFromJoint.rotation, 4 * i);
    }
  }

  /** Index of the body that a link belongs to, or −1. */
  findBody(link: string): number {
    return this.bodies.findIndex(({ links }) => links.some(({ name }) => name === link));
  }

  /** Computes everything from row `row` of a state. */
  compute(state: StateBatch, row: number): void {
    this.computeOrientations(state, row);
    for (let k = 0; k < 3; k++) {
      this.position[k] = state.position[3 * row + k]!;
      this.linearVelocityW[k] = state.linearVelocityW[3 * row + k]!;
    }
    writeRotated(this.angularVelocityW, 0, this.orientation, 0, state.angularVelocityB, 3 * row);
    for (let body = 1; body < this.bodies.length; body++) {
      const joint = row * state.numJoints + this.#jointIndex[body]!;
      this.#move(body, state.jointPosition[joint]!, state.jointVelocity[joint]!);
    }
  }

  /** Computes `orientation` alone, at less than half the cost. */
  computeOrientations(state: StateBatch, row: number): void {
    const { orientation } = this;
    const turn = this.#turn;
    writeNormalized(orientation, 0, state.orientation, 4 * row);
    for (let body = 1; body < this.bodies.length; body++) {
      const q = 4 * body;
      const p = 4 * this.#parent[body]!;
      writeQuatProduct(orientation, q, orientation, p, this.#jointRotation, q);
      if (this.#slides[body] === 1) continue;
      const half = state.jointPosition[row * state.numJoints + this.#jointIndex[body]!]! / 2;
      const sine = Math.sin(half);
      for (let k = 0; k < 3; k++) turn[k] = this.#axis[3 * body + k]! * sine;
      turn[3] = Math.cos(half);
      writeQuatProduct(orientation, q, orientation, q, turn, 0);
    }
  }

  /** Position and velocities of a body whose parent has been computed, and whose orientation is known. */
  #move(body: number, position: number, speed: number): void {
    const { orientation, jointAxisW, angularVelocityW, linearVelocityW } = this;
    const arm = this.#arm;
    const parent = this.#parent[body]!;
    const b = 3 * body;
    const p = 3 * parent;
    const slide = this.#slides[body]!;
    // The joint's own turn leaves its axis where it is.
    writeRotated(jointAxisW, b, orientation, 4 * body, this.#axis, b);
    // The child's origin: at the joint, moved along the axis where the joint slides.
    writeRotated(arm, 0, orientation, 4 * parent, this.#jointTranslation, b);
    for (let k = 0; k < 3; k++) {
      arm[k] = arm[k]! + slide * position * jointAxisW[b + k]!;
      this.position[b + k] = this.position[p + k]! + arm[k]!;
      angularVelocityW[b + k] = angularVelocityW[p + k]! + (1 - slide) * speed * jointAxisW[b + k]!;
    }
    writeCross(arm, 0, angularVelocityW, p, arm, 0);
    for (let k = 0; k < 3; k++) {
      const slip = slide * speed * jointAxisW[b + k]!;
      linearVelocityW[b + k] = linearVelocityW[p + k]! + arm[k]! + slip;
    }
  }
}
