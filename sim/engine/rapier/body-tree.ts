import { writeRotated } from '../../math/quat.ts';
import type { Vec3 } from '../../math/vec3.ts';
import { type InertiaTensor, rotateInertia } from '../../robot/inertia.ts';
import type { RobotModel } from '../../robot/model.ts';
import type { BodyStates, Kinematics } from '../kinematics.ts';
import type { MassProperties } from '../scaled-body.ts';
import type { Wrenches } from '../wrenches.ts';
import { addPoint, PACKED } from './spatial.ts';

/** The tree of a robot's bodies as spatial quantities about the origin of its root body, [@frame odom]. */
export class BodyTree {
  readonly numBodies: number;
  readonly numJoints: number;
  readonly isFloating: boolean;
  readonly #stepS: number;
  readonly #gravity: Vec3;
  /** [numBodies] the body before it, whether it slides, its joint; [numBodies, 3] axis [@frame parent] */
  readonly parent: Int32Array;
  readonly slides: Uint8Array;
  readonly joint: Int32Array;
  readonly #axis: Float64Array;

  // Of each body of each copy, [rows] or [rows, n]; masses and tensors are part of snapshots.
  readonly #centres: Float64Array;
  readonly masses: Float64Array;
  /** kg·m²: xx yy zz xy xz yz about the centre of mass [@frame body] */
  readonly tensors: Float64Array;
  /** of the same with what is added for Rapier */
  readonly inverses: Float64Array;
  /** the tensors [@frame odom] */
  readonly tensorW: Float64Array;
  /** m from the root's origin to the centre of mass */
  readonly arm: Float64Array;
  /** motion of a body against its parent per rad/s or m/s of its joint */
  readonly screw: Float64Array;
  /** N·m·s by which a body turns its own momentum round in a step */
  readonly #gyro: Float64Array;

  // Of one copy at a time, by body.
  readonly #rotation: Float64Array;
  /** spatial inertia, packed */
  readonly inertia: Float64Array;
  /** minus the momentum that a body would end the step with, had it no joints */
  readonly rest: Float64Array;

  constructor(
    model: RobotModel,
    { bodies, centres }: Kinematics,
    numRobots: number,
    stepS: number,
    gravityW: Vec3,
  ) {
    const n = bodies.length;
    const rows = numRobots * n;
    const make = (length: number) => new Float64Array(length);
    this.numBodies = n;
    this.numJoints = model.jointNames.length;
    this.isFloating = model.base === 'floating';
    this.#stepS = stepS;
    this.#gravity = gravityW;
    this.#centres = centres;
    this.parent = Int32Array.from(bodies, ({ connection }) => connection?.parent ?? -1);
    this.joint = Int32Array.from(bodies, ({ connection }) => connection?.jointIndex ?? -1);
    this.slides = new Uint8Array(n);
    this.#axis = make(3 * n);
    for (const [b, { connection }] of bodies.entries()) {
      if (connection === undefined) continue;
      const { joint, parentBodyFromJoint } = connection;
      this.slides[b] = joint.type === 'prismatic' ? 1 : 0;
      writeRotated(this.#axis, 3 * b, parentBodyFromJoint.rotation, 0, joint.axis, 0);
    }
    this.masses = make(rows);
    this.tensors = make(6 * rows);
    this.inverses = make(6 * rows);
    this.tensorW = make(6 * rows);
    this.arm = make(3 * rows);
    this.screw = make(6 * rows);
    this.#gyro = make(3 * rows);
    this.#rotation = make(9 * n);
    this.inertia = make(PACKED * n);
    this.rest = make(6 * n);
  }

  /** @param sphere kg·m² that it has on top for Rapier */
  setBody(row: number, own: MassProperties, sphere: number): void {
    const tensor = rotateInertia([...own.moments, 0, 0, 0], own.bodyFromPrincipal);
    const [xx, yy, zz, ...rest] = tensor;
    this.masses[row] = own.mass;
    this.tensors.set(tensor, 6 * row);
    this.inverses.set(computeInverse([xx + sphere, yy + sphere, zz + sphere, ...rest]), 6 * row);
  }

  /** Where one copy's bodies are, how they move, and what acts on them besides joints and contacts. */
  place(robot: number, states: BodyStates, wrenches: Wrenches): void {
    for (let b = 0; b < this.numBodies; b++) {
      const row = robot * this.numBodies + b;
      this.#turn(b, row, states.orientation);
      this.#placeBody(robot, b, states.position);
      this.#gather(b, row, states, wrenches);
    }
  }

  /** Rotation matrix, and inertia turned by it: R · T · Rᵀ. */
  #turn(b: number, row: number, q: Float64Array): void {
    const x = q[4 * row]!;
    const y = q[4 * row + 1]!;
    const z = q[4 * row + 2]!;
    const w = q[4 * row + 3]!;
    const r00 = 1 - 2 * (y * y + z * z);
    const r01 = 2 * (x * y - z * w);
    const r02 = 2 * (x * z + y * w);
    const r10 = 2 * (x * y + z * w);
    const r11 = 1 - 2 * (x * x + z * z);
    const r12 = 2 * (y * z - x * w);
    const r20 = 2 * (x * z - y * w);
    const r21 = 2 * (y * z + x * w);
    const r22 = 1 - 2 * (x * x + y * y);
    const r = this.#rotation;
    const k = 9 * b;
    r[k] = r00;
    r[k + 1] = r01;
    r[k + 2] = r02;
    r[k + 3] = r10;
    r[k + 4] = r11;
    r[k + 5] = r12;
    r[k + 6] = r20;
    r[k + 7] = r21;
    r[k + 8] = r22;
    const tensor = this.tensors;
    const t = 6 * row;
    const xx = tensor[t]!;
    const yy = tensor[t + 1]!;
    const zz = tensor[t + 2]!;
    const xy = tensor[t + 3]!;
    const xz = tensor[t + 4]!;
    const yz = tensor[t + 5]!;
    const a00 = r00 * xx + r01 * xy + r02 * xz;
    const a01 = r00 * xy + r01 * yy + r02 * yz;
    const a02 = r00 * xz + r01 * yz + r02 * zz;
    const a10 = r10 * xx + r11 * xy + r12 * xz;
    const a11 = r10 * xy + r11 * yy + r12 * yz;
    const a12 = r10 * xz + r11 * yz + r12 * zz;
    const a20 = r20 * xx + r21 * xy + r22 * xz;
    const a21 = r20 * xy + r21 * yy + r22 * yz;
    const a22 = r20 * xz + r21 * yz + r22 * zz;
    const out = this.tensorW;
    out[t] = a00 * r00 + a01 * r01 + a02 * r02;
    out[t + 1] = a10 * r10 + a11 * r11 + a12 * r12;
    out[t + 2] = a20 * r20 + a21 * r21 + a22 * r22;
    out[t + 3] = a10 * r00 + a11 * r01 + a12 * r02;
    out[t + 4] = a20 * r00 + a21 * r01 + a22 * r02;
    out[t + 5] = a20 * r10 + a21 * r11 + a22 * r12;
  }

  /** Centre of mass, screw of its joint and spatial inertia, all from the root's origin. */
  #placeBody(robot: number, b: number, position: Float64Array): void {
    const row = robot * this.numBodies + b;
    const root = 3 * robot * this.numBodies;
    const px = position[3 * row]! - position[root]!;
    const py = position[3 * row + 1]! - position[root + 1]!;
    const pz = position[3 * row + 2]! - position[root + 2]!;
    const r = this.#rotation;
    if (b > 0) {
      const k = 9 * this.parent[b]!;
      const ux = this.#axis[3 * b]!;
      const uy = this.#axis[3 * b + 1]!;
      const uz = this.#axis[3 * b + 2]!;
      const ax = r[k]! * ux + r[k + 1]! * uy + r[k + 2]! * uz;
      const ay = r[k + 3]! * ux + r[k + 4]! * uy + r[k + 5]! * uz;
      const az = r[k + 6]! * ux + r[k + 7]! * uy + r[k + 8]! * uz;
      const screw = this.screw;
      const s = 6 * row;
      const slides = this.slides[b] === 1;
      screw[s] = slides ? 0 : ax;
      screw[s + 1] = slides ? 0 : ay;
      screw[s + 2] = slides ? 0 : az;
      screw[s + 3] = slides ? ax : py * az - pz * ay;
      screw[s + 4] = slides ? ay : pz * ax - px * az;
      screw[s + 5] = slides ? az : px * ay - py * ax;
    }
    const k = 9 * b;
    const lx = this.#centres[3 * row]!;
    const ly = this.#centres[3 * row + 1]!;
    const lz = this.#centres[3 * row + 2]!;
    const cx = px + r[k]! * lx + r[k + 1]! * ly + r[k + 2]! * lz;
    const cy = py + r[k + 3]! * lx + r[k + 4]! * ly + r[k + 5]! * lz;
    const cz = pz + r[k + 6]! * lx + r[k + 7]! * ly + r[k + 8]! * lz;
    this.arm[3 * row] = cx;
    this.arm[3 * row + 1] = cy;
    this.arm[3 * row + 2] = cz;
    const inertia = this.inertia;
    const tensor = this.tensorW;
    const m = PACKED * b;
    inertia.fill(0, m, m + PACKED);
    inertia[m] = tensor[6 * row]!;
    inertia[m + 1] = tensor[6 * row + 3]!;
    inertia[m + 2] = tensor[6 * row + 1]!;
    inertia[m + 3] = tensor[6 * row + 4]!;
    inertia[m + 4] = tensor[6 * row + 5]!;
    inertia[m + 5] = tensor[6 * row + 2]!;
    addPoint(inertia, m, this.masses[row]!, cx, cy, cz);
  }

  /** Minus the momentum that a body would end the step with, had it no joints. */
  #gather(b: number, row: number, states: BodyStates, { force, torque }: Wrenches): void {
    const h = this.#stepS;
    const o = 3 * row;
    const t = 6 * row;
    const w = this.tensorW;
    const spin = states.angularVelocityW;
    const sx = spin[o]!;
    const sy = spin[o + 1]!;
    const sz = spin[o + 2]!;
    const lx = w[t]! * sx + w[t + 3]! * sy + w[t + 4]! * sz;
    const ly = w[t + 3]! * sx + w[t + 1]! * sy + w[t + 5]! * sz;
    const lz = w[t + 4]! * sx + w[t + 5]! * sy + w[t + 2]! * sz;
    const gx = h * (ly * sz - lz * sy);
    const gy = h * (lz * sx - lx * sz);
    const gz = h * (lx * sy - ly * sx);
    this.#gyro[o] = gx;
    this.#gyro[o + 1] = gy;
    this.#gyro[o + 2] = gz;
    const m = this.masses[row]!;
    const gravity = this.#gravity;
    const velocity = states.centreVelocityW;
    const fx = m * (velocity[o]! + h * gravity[0]) + h * force[o]!;
    const fy = m * (velocity[o + 1]! + h * gravity[1]) + h * force[o + 1]!;
    const fz = m * (velocity[o + 2]! + h * gravity[2]) + h * force[o + 2]!;
    const nx = lx + gx + h * torque[o]!;
    const ny = ly + gy + h * torque[o + 1]!;
    const nz = lz + gz + h * torque[o + 2]!;
    this.writeMinus(this.rest, b, row, nx, ny, nz, fx, fy, fz);
  }

  /** out[b] = − an impulse at the centre of mass, moved to the origin. */
  writeMinus(
    out: Float64Array,
    b: number,
    row: number,
    nx: number,
    ny: number,
    nz: number,
    fx: number,
    fy: number,
    fz: number,
  ): void {
    const cx = this.arm[3 * row]!;
    const cy = this.arm[3 * row + 1]!;
    const cz = this.arm[3 * row + 2]!;
    out[6 * b] = -(nx + cy * fz - cz * fy);
    out[6 * b + 1] = -(ny + cz * fx - cx * fz);
    out[6 * b + 2] = -(nz + cx * fy - cy * fx);
    out[6 * b + 3] = -fx;
    out[6 * b + 4] = -fy;
    out[6 * b + 5] = -fz;
  }

  /** out[row] = R · (T + added)⁻¹ · Rᵀ · gyroscopic impulse: what Rapier adds to the spin of a body by itself. [rad/s] */
  writeGyroGain(out: Float64Array, row: number, b: number): void {
    const r = this.#rotation;
    const k = 9 * b;
    const o = 3 * row;
    const x = this.#gyro[o]!;
    const y = this.#gyro[o + 1]!;
    const z = this.#gyro[o + 2]!;
    const bx = r[k]! * x + r[k + 3]! * y + r[k + 6]! * z;
    const by = r[k + 1]! * x + r[k + 4]! * y + r[k + 7]! * z;
    const bz = r[k + 2]! * x + r[k + 5]! * y + r[k + 8]! * z;
    const i = this.inverses;
    const t = 6 * row;
    const ix = i[t]! * bx + i[t + 3]! * by + i[t + 4]! * bz;
    const iy = i[t + 3]! * bx + i[t + 1]! * by + i[t + 5]! * bz;
    const iz = i[t + 4]! * bx + i[t + 5]! * by + i[t + 2]! * bz;
    out[o] = r[k]! * ix + r[k + 1]! * iy + r[k + 2]! * iz;
    out[o + 1] = r[k + 3]! * ix + r[k + 4]! * iy + r[k + 5]! * iz;
    out[o + 2] = r[k + 6]! * ix + r[k + 7]! * iy + r[k + 8]! * iz;
  }
}

/** Of a symmetric matrix: xx yy zz xy xz yz. */
function computeInverse([xx, yy, zz, xy, xz, yz]: InertiaTensor): InertiaTensor {
  const a = yy * zz - yz * yz;
  const d = xz * yz - xy * zz;
  const e = xy * yz - xz * yy;
  const determinant = xx * a + xy * d + xz * e;
  if (determinant === 0) return [0, 0, 0, 0, 0, 0];
  const f = 1 / determinant;
  return [
    f * a,
    f * (xx * zz - xz * xz),
    f * (xx * yy - xy * xy),
    f * d,
    f * e,
    f * (xy * xz - xx * yz),
  ];
}
