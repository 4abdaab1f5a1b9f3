import { writeNormalized, writeQuatProduct, writeRotated } from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import type { RobotModel } from './model.ts';
import { computeRigidBodies, type RigidBody } from './rigid-bodies.ts';
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
  readonly #arm = new Float64Array(3);
  readonly #turn = new Float64Array(4);

  constructor(model: RobotModel) {
    this.bodies = computeRigidBodies(model);
    const numBodies = this.bodies.length;
    this.position = new Float64Array(numBodies * 3);
    this.orientation = new Float64Array(numBodies * 4);
    this.linearVelocityW = new Float64Array(numBodies * 3);
    this.angularVelocityW = new Float64Array(numBodies * 3);
    this.jointAxisW = new Float64Array(numBodies * 3);
  }

  /** Index of the body that a link belongs to, or −1. */
  findBody(link: string): number {
    return this.bodies.findIndex(({ links }) => links.some(({ name }) => name === link));
  }

  /** Computes the frames of all bodies from row `row` of a state. */
  compute(state: StateBatch, row: number): void {
    writeNormalized(this.orientation, 0, state.orientation, 4 * row);
    for (let k = 0; k < 3; k++) {
      this.position[k] = state.position[3 * row + k]!;
      this.linearVelocityW[k] = state.linearVelocityW[3 * row + k]!;
    }
    writeRotated(this.angularVelocityW, 0, this.orientation, 0, state.angularVelocityB, 3 * row);
    for (let body = 1; body < this.bodies.length; body++) {
      const joint = row * state.numJoints + this.bodies[body]!.connection!.jointIndex;
      this.#writeChild(body, state.jointPosition[joint]!, state.jointVelocity[joint]!);
    }
  }

  #writeChild(body: number, position: number, speed: number): void {
    const { joint, parent, parentBodyFromJoint } = this.bodies[body]!.connection!;
    const { orientation, jointAxisW, angularVelocityW, linearVelocityW } = this;
    const [b, p] = [3 * body, 3 * parent];
    const slide = joint.type === 'prismatic' ? 1 : 0;
    writeQuatProduct(
      orientation,
      4 * body,
      orientation,
      4 * parent,
      parentBodyFromJoint.rotation,
      0,
    );
    writeRotated(jointAxisW, b, orientation, 4 * body, joint.axis, 0);
    const half = (1 - slide) * (position / 2);
    for (let k = 0; k < 3; k++) this.#turn[k] = joint.axis[k]! * Math.sin(half);
    this.#turn[3] = Math.cos(half);
    writeQuatProduct(orientation, 4 * body, orientation, 4 * body, this.#turn, 0);
    writeNormalized(orientation, 4 * body, orientation, 4 * body);
    // The child's origin: at the joint, moved along the axis where the joint slides.
    writeRotated(this.#arm, 0, orientation, 4 * parent, parentBodyFromJoint.translation, 0);
    for (let k = 0; k < 3; k++) {
      this.#arm[k] = this.#arm[k]! + slide * position * jointAxisW[b + k]!;
      this.position[b + k] = this.position[p + k]! + this.#arm[k]!;
      angularVelocityW[b + k] = angularVelocityW[p + k]! + (1 - slide) * speed * jointAxisW[b + k]!;
    }
    writeCross(this.#arm, 0, angularVelocityW, p, this.#arm, 0);
    for (let k = 0; k < 3; k++) {
      const slip = slide * speed * jointAxisW[b + k]!;
      linearVelocityW[b + k] = linearVelocityW[p + k]! + this.#arm[k]! + slip;
    }
  }
}
