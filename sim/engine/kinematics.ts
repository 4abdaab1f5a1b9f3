import {
  writeInverseRotated,
  writeNormalized,
  writeQuatProduct,
  writeRotated,
} from '../math/quat.ts';
import { computeDot, writeCross } from '../math/vec3.ts';
import type { Joint, RobotModel } from '../robot/model.ts';
import { computeRigidBodies, type RigidBody } from '../robot/rigid-bodies.ts';
import type { StateBatch } from '../robot/state.ts';
import { computeMimicSource } from './mimic-source.ts';

/**
 * Poses and twists of every rigid body of every copy. Row `robot * numBodies + body`, each in the odom
 * frame of its copy.
 */
export interface BodyStates {
  /** [rows, 3] m origin of the body's frame */
  readonly position: Float64Array;
  /** [rows, 4] odom from body */
  readonly orientation: Float64Array;
  /** [rows, 3] m/s [@frame odom] of the centre of mass */
  readonly centreVelocityW: Float64Array;
  /** [rows, 3] rad/s [@frame odom] */
  readonly angularVelocityW: Float64Array;
}

export function makeBodyStates(rows: number): BodyStates {
  const orientation = new Float64Array(rows * 4);
  for (let i = 0; i < rows; i++) orientation[4 * i + 3] = 1;
  return {
    position: new Float64Array(rows * 3),
    orientation,
    centreVelocityW: new Float64Array(rows * 3),
    angularVelocityW: new Float64Array(rows * 3),
  };
}

/** Positions and velocities of all joints of all copies; joints without a body stay 0. */
export interface JointStates {
  /** [numRobots, numJoints] rad or m, joint order */
  readonly position: Float64Array;
  /** [numRobots, numJoints] rad/s or m/s */
  readonly velocity: Float64Array;
  /**
   * [numRobots, numJoints] rad. Poses know an angle only up to whole turns: the turn nearest to this is meant. 0 for
   * continuous joints; the middle of the limits, or where those are wide the last position, for revolute ones
   */
  readonly reference: Float64Array;
}

/** [rad] From this width on, limits do not say which turn is meant: with give, both ends may look the same. */
const WIDE = 1.5 * Math.PI;

/** Whether turns of a joint have to be counted. */
export function isWide(joint: Joint): boolean {
  return joint.type === 'revolute' && !(joint.upper - joint.lower < WIDE);
}

export function makeJointStates(numRobots: number, numJoints: number): JointStates {
  return {
    position: new Float64Array(numRobots * numJoints),
    velocity: new Float64Array(numRobots * numJoints),
    reference: new Float64Array(numRobots * numJoints),
  };
}

/** Between reduced coordinates (base and joints) and the poses of all bodies. Allocates only when made. */
export interface Kinematics {
  /** The root body first, parents before children. */
  readonly bodies: readonly RigidBody[];
  /** [rows, 3] m [@frame body] centre of mass of each body of each copy, which copies may have elsewhere */
  readonly centres: Float64Array;
  /**
   * Forward: row `row` of `state` → the bodies of copy `robot`. Joints that mimic others follow those.
   * @param turns written: which turns the joints are in, for those who count them
   */
  writeBodies(
    out: BodyStates,
    robot: number,
    state: StateBatch,
    row: number,
    turns?: JointStates,
  ): void;
  /** Backward: the bodies of copy `robot` → pose and velocity of base_link in row `robot`. */
  writeRoot(out: StateBatch, robot: number, bodies: BodyStates): void;
  /** Backward: the bodies of copy `robot` → its joints; joints without a body are left alone. */
  writeJoints(out: JointStates, robot: number, bodies: BodyStates): void;
  /** The joint's axis. [@frame odom] */
  writeJointAxis(
    out: Float64Array,
    o: number,
    states: BodyStates,
    robot: number,
    body: number,
  ): void;
}

export function makeKinematics(model: RobotModel, numRobots: number): Kinematics {
  const bodies = computeRigidBodies(model);
  const numBodies = bodies.length;
  const centres = new Float64Array(numRobots * numBodies * 3);
  for (let row = 0; row < numRobots * numBodies; row++) {
    centres.set(bodies[row % numBodies]!.centreOfMass, 3 * row);
  }
  const numJoints = model.jointNames.length;
  const wide = Uint8Array.from(bodies, ({ connection }) =>
    connection !== undefined && isWide(connection.joint) ? 1 : 0,
  );
  const sources = bodies.map(
    ({ connection }) => connection && computeMimicSource(model, connection.joint),
  );
  // What is asked for in every step, flat.
  const slides = Uint8Array.from(bodies, ({ connection }) =>
    connection?.joint.type === 'prismatic' ? 1 : 0,
  );
  const parents = Int32Array.from(bodies, ({ connection }) => connection?.parent ?? -1);
  const jointIndices = Int32Array.from(bodies, ({ connection }) => connection?.jointIndex ?? -1);
  const jointAxes = Float64Array.from(
    bodies.flatMap(({ connection }) => connection?.joint.axis ?? [0, 0, 0]),
  );
  const jointRotations = Float64Array.from(
    bodies.flatMap(({ connection }) => connection?.parentBodyFromJoint.rotation ?? [0, 0, 0, 1]),
  );
  // Scratch of one call, three or four numbers each.
  const offset = new Float64Array(3);
  const velocity = new Float64Array(3);
  const axis = new Float64Array(3);
  const rotation = new Float64Array(4);
  const turn = new Float64Array(4);

  function writeJointAxis(
    out: Float64Array,
    o: number,
    states: BodyStates,
    robot: number,
    body: number,
  ): void {
    const { connection } = bodies[body]!;
    // The joint's frame is fixed in the parent, and its axis is the same seen from the child.
    const parentRow = robot * numBodies + connection!.parent;
    const q = connection!.parentBodyFromJoint.rotation;
    writeRotated(out, o, q, 0, connection!.joint.axis, 0);
    writeRotated(out, o, states.orientation, 4 * parentRow, out, o);
  }

  function writeCentreVelocity(out: BodyStates, row: number): void {
    writeRotated(offset, 0, out.orientation, 4 * row, centres, 3 * row);
    writeCross(offset, 0, out.angularVelocityW, 3 * row, offset, 0);
    for (let k = 0; k < 3; k++) out.centreVelocityW[3 * row + k]! += offset[k]!;
  }

  /** Velocity of a body's origin; its centre's minus ω × arm. */
  function writeOriginVelocity(out: Float64Array, s: BodyStates, row: number) {
    writeRotated(out, 0, s.orientation, 4 * row, centres, 3 * row);
    writeCross(out, 0, s.angularVelocityW, 3 * row, out, 0);
    for (let k = 0; k < 3; k++) out[k] = s.centreVelocityW[3 * row + k]! - out[k]!;
  }

  function writeChild(
    out: BodyStates,
    robot: number,
    index: number,
    position: number,
    speed: number,
  ) {
    const { joint, parent, parentBodyFromJoint } = bodies[index]!.connection!;
    const row = robot * numBodies + index;
    const parentRow = robot * numBodies + parent;
    const slides = joint.type === 'prismatic';
    writeJointAxis(axis, 0, out, robot, index);
    writeQuatProduct(rotation, 0, out.orientation, 4 * parentRow, parentBodyFromJoint.rotation, 0);
    writeAxisTurn(turn, joint, slides ? 0 : position);
    writeQuatProduct(out.orientation, 4 * row, rotation, 0, turn, 0);
    writeNormalized(out.orientation, 4 * row, out.orientation, 4 * row);
    writeRotated(offset, 0, out.orientation, 4 * parentRow, parentBodyFromJoint.translation, 0);
    if (slides) for (let k = 0; k < 3; k++) offset[k]! += axis[k]! * position;
    writeOriginVelocity(velocity, out, parentRow);
    for (let k = 0; k < 3; k++) {
      out.position[3 * row + k] = out.position[3 * parentRow + k]! + offset[k]!;
      out.angularVelocityW[3 * row + k] =
        out.angularVelocityW[3 * parentRow + k]! + (slides ? 0 : axis[k]! * speed);
    }
    writeCross(offset, 0, out.angularVelocityW, 3 * parentRow, offset, 0);
    for (let k = 0; k < 3; k++) {
      out.centreVelocityW[3 * row + k] =
        velocity[k]! + offset[k]! + (slides ? axis[k]! * speed : 0);
    }
    writeCentreVelocity(out, row);
  }

  /** Angle and rate of a hinge; all in numbers of its own, for this is done for every joint in every step. */
  function writeHinge(out: JointStates, robot: number, s: BodyStates, index: number): void {
    const parentRow = robot * numBodies + parents[index]!;
    const row = robot * numBodies + index;
    const q = s.orientation;
    const px = q[4 * parentRow]!;
    const py = q[4 * parentRow + 1]!;
    const pz = q[4 * parentRow + 2]!;
    const pw = q[4 * parentRow + 3]!;
    const jx = jointRotations[4 * index]!;
    const jy = jointRotations[4 * index + 1]!;
    const jz = jointRotations[4 * index + 2]!;
    const jw = jointRotations[4 * index + 3]!;
    // The joint's frame in odom.
    const fx = pw * jx + px * jw + py * jz - pz * jy;
    const fy = pw * jy - px * jz + py * jw + pz * jx;
    const fz = pw * jz + px * jy - py * jx + pz * jw;
    const fw = pw * jw - px * jx - py * jy - pz * jz;
    const cx = q[4 * row]!;
    const cy = q[4 * row + 1]!;
    const cz = q[4 * row + 2]!;
    const cw = q[4 * row + 3]!;
    const ax = jointAxes[3 * index]!;
    const ay = jointAxes[3 * index + 1]!;
    const az = jointAxes[3 * index + 2]!;
    // Of the turn from there to the child: cosine, and sine along the axis, of half the angle.
    const cosine = fw * cw + fx * cx + fy * cy + fz * cz;
    const sine =
      ax * (fw * cx - fx * cw - fy * cz + fz * cy) +
      ay * (fw * cy + fx * cz - fy * cw - fz * cx) +
      az * (fw * cz - fx * cy + fy * cx - fz * cw);
    const target = robot * numJoints + jointIndices[index]!;
    const angle = 2 * Math.atan2(sine, cosine);
    out.position[target] = computeNearestTurn(angle, out.reference[target]!);
    if (wide[index] === 1) out.reference[target] = out.position[target]!;
    const tx = 2 * (fy * az - fz * ay);
    const ty = 2 * (fz * ax - fx * az);
    const tz = 2 * (fx * ay - fy * ax);
    const w = s.angularVelocityW;
    out.velocity[target] =
      (ax + fw * tx + fy * tz - fz * ty) * (w[3 * row]! - w[3 * parentRow]!) +
      (ay + fw * ty + fz * tx - fx * tz) * (w[3 * row + 1]! - w[3 * parentRow + 1]!) +
      (az + fw * tz + fx * ty - fy * tx) * (w[3 * row + 2]! - w[3 * parentRow + 2]!);
  }

  function writeSlide(out: JointStates, robot: number, s: BodyStates, index: number): void {
    const { jointIndex, parent, parentBodyFromJoint } = bodies[index]!.connection!;
    const row = robot * numBodies + index;
    const parentRow = robot * numBodies + parent;
    const target = robot * numJoints + jointIndex;
    writeJointAxis(axis, 0, s, robot, index);
    // Along the axis: from the joint's place in the parent to the child's origin.
    writeRotated(offset, 0, s.orientation, 4 * parentRow, parentBodyFromJoint.translation, 0);
    for (let k = 0; k < 3; k++) {
      offset[k] = s.position[3 * row + k]! - s.position[3 * parentRow + k]! - offset[k]!;
    }
    out.position[target] = computeDot(axis, 0, offset, 0);
    // Rate of the same length: the child's origin against the parent's point that it is over now.
    for (let k = 0; k < 3; k++) {
      offset[k] = s.position[3 * row + k]! - s.position[3 * parentRow + k]!;
    }
    writeCross(offset, 0, s.angularVelocityW, 3 * parentRow, offset, 0);
    writeOriginVelocity(velocity, s, parentRow);
    for (let k = 0; k < 3; k++) offset[k]! += velocity[k]!;
    writeOriginVelocity(velocity, s, row);
    for (let k = 0; k < 3; k++) velocity[k]! -= offset[k]!;
    out.velocity[target] = computeDot(axis, 0, velocity, 0);
  }

  return {
    bodies,
    centres,
    writeJointAxis,
    writeBodies(out, robot, state, row, turns) {
      const root = robot * numBodies;
      writeNormalized(out.orientation, 4 * root, state.orientation, 4 * row);
      writeRotated(
        out.angularVelocityW,
        3 * root,
        out.orientation,
        4 * root,
        state.angularVelocityB,
        3 * row,
      );
      for (let k = 0; k < 3; k++) {
        out.position[3 * root + k] = state.position[3 * row + k]!;
        out.centreVelocityW[3 * root + k] = state.linearVelocityW[3 * row + k]!;
      }
      writeCentreVelocity(out, root);
      for (let i = 1; i < numBodies; i++) {
        const { joint, jointIndex } = bodies[i]!.connection!;
        const { index, multiplier, offset: shift } = sources[i]!;
        const at = row * state.numJoints + index;
        const position = multiplier * state.jointPosition[at]! + shift;
        const speed = multiplier * state.jointVelocity[at]!;
        if (turns !== undefined) {
          turns.reference[robot * numJoints + jointIndex] = computeReference(joint, position);
        }
        writeChild(out, robot, i, position, speed);
      }
    },
    writeJoints(out, robot, s) {
      for (let i = 1; i < numBodies; i++) {
        if (slides[i] === 1) writeSlide(out, robot, s, i);
        else writeHinge(out, robot, s, i);
      }
    },
    writeRoot(out, robot, s) {
      const root = robot * numBodies;
      writeOriginVelocity(velocity, s, root);
      for (let k = 0; k < 3; k++) {
        out.position[3 * robot + k] = s.position[3 * root + k]!;
        out.linearVelocityW[3 * robot + k] = velocity[k]!;
      }
      for (let k = 0; k < 4; k++) out.orientation[4 * robot + k] = s.orientation[4 * root + k]!;
      writeInverseRotated(
        out.angularVelocityB,
        3 * robot,
        s.orientation,
        4 * root,
        s.angularVelocityW,
        3 * root,
      );
    },
  };
}

function writeAxisTurn(out: Float64Array, joint: Joint, angle: number): void {
  const sine = Math.sin(angle / 2);
  for (let k = 0; k < 3; k++) out[k] = joint.axis[k]! * sine;
  out[3] = Math.cos(angle / 2);
}

/** The angle in the turn nearest to a reference: within (−π, π] of it. [rad] */
function computeNearestTurn(angle: number, reference: number): number {
  const turns = Math.ceil((angle - reference - Math.PI) / (2 * Math.PI));
  return angle - turns * 2 * Math.PI;
}

/** What a position that was written says about the turn that is meant from then on. [rad] */
function computeReference(joint: Joint, position: number): number {
  if (joint.type !== 'revolute') return 0;
  if (isWide(joint)) return position;
  const middle = (joint.lower + joint.upper) / 2;
  return middle + 2 * Math.PI * Math.round((position - middle) / (2 * Math.PI));
}
