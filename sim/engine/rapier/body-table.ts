import type { BodyStates } from '../kinematics.ts';
import type { Wrenches } from '../wrenches.ts';
import RAPIER from './api.ts';
import type { CopyPlace } from './copies.ts';

type RawVector = ReturnType<typeof RAPIER.VectorOps.intoRaw>;

/** [-] Of a unit quaternion, which 32-bit numbers hold to 6e-8. */
const NEXT_TO_NOTHING = 1e-15;

/** Every rigid body of every copy, row by row, and their traffic across the WebAssembly boundary: 80 ns a call. */
export class BodyTable {
  /** [rows] */
  #bodies: RAPIER.RigidBody[] = [];
  /** [rows] */
  #sets: RAPIER.RigidBodySet[] = [];
  readonly #firstMoving: number;
  readonly #numBodies: number;
  /** [rows] 1 where the world still holds a force of the step before */
  readonly #isForced: Uint8Array;
  /** [rows] of the bodies, in their sets */
  readonly #handles: Float64Array;
  readonly #vector = { x: 0, y: 0, z: 0 };
  /** What Rapier writes a vector or a quaternion to; one object less than its bodies make, and no boxed numbers. */
  readonly #read = new Float32Array(4);
  readonly #raw = RAPIER.VectorOps.intoRaw({ x: 0, y: 0, z: 0 });
  readonly #rotation = { x: 0, y: 0, z: 0, w: 1 };

  constructor(places: readonly CopyPlace[], numBodies: number, base: 'fixed' | 'floating') {
    this.#numBodies = numBodies;
    this.#firstMoving = base === 'fixed' ? 1 : 0;
    this.#isForced = new Uint8Array(places.length * numBodies);
    this.#handles = new Float64Array(places.length * numBodies);
    this.connect(places);
  }

  get(row: number): RAPIER.RigidBody {
    return this.#bodies[row]!;
  }

  /** Finds the bodies in the worlds that they are in now. */
  connect(places: readonly CopyPlace[]): void {
    this.#bodies = places.flatMap(({ shard, copy }) =>
      copy.bodies.map((handle) => shard.world.getRigidBody(handle)),
    );
    this.#sets = places.flatMap(({ shard, copy }) => copy.bodies.map(() => shard.world.bodies));
    this.#handles.set(this.#bodies.map(({ handle }) => handle));
    this.#isForced.fill(1);
  }

  free(): void {
    this.#raw.free();
  }

  /** Reads moving bodies, four calls each: all of them, or those of some rows. */
  read(states: BodyStates, from = 0, to = this.#bodies.length): void {
    const { position, orientation, centreVelocityW, angularVelocityW } = states;
    const read = this.#read;
    for (let row = from; row < to; row++) {
      if (row % this.#numBodies < this.#firstMoving) continue;
      const set = this.#sets[row]!.raw;
      const handle = this.#handles[row]!;
      const v = 3 * row;
      const q = 4 * row;
      set.rbTranslation(handle, read);
      position[v] = read[0]!;
      position[v + 1] = read[1]!;
      position[v + 2] = read[2]!;
      set.rbRotation(handle, read);
      const x = read[0]!;
      const y = read[1]!;
      const z = read[2]!;
      const w = read[3]!;
      // Single-precision unit quaternions are off by 1e-7; the contract promises unit length.
      const scale = 1 / Math.sqrt(x * x + y * y + z * z + w * w);
      orientation[q] = x * scale;
      orientation[q + 1] = y * scale;
      orientation[q + 2] = z * scale;
      orientation[q + 3] = w * scale;
      set.rbLinvel(handle, read);
      centreVelocityW[v] = read[0]!;
      centreVelocityW[v + 1] = read[1]!;
      centreVelocityW[v + 2] = read[2]!;
      set.rbAngvel(handle, read);
      angularVelocityW[v] = read[0]!;
      angularVelocityW[v + 1] = read[1]!;
      angularVelocityW[v + 2] = read[2]!;
    }
  }

  /** Puts one body where the states have it. */
  write(row: number, states: BodyStates): void {
    const body = this.#bodies[row]!;
    const { position, orientation, centreVelocityW, angularVelocityW } = states;
    body.setTranslation(this.#toVector(position, row), true);
    body.setRotation(this.#toRotation(orientation, row), true);
    if (body.isFixed()) return;
    body.setLinvel(this.#toVector(centreVelocityW, row), true);
    body.setAngvel(this.#toVector(angularVelocityW, row), true);
  }

  /**
   * Sets to zero what is next to nothing in the orientations of moving bodies. A cart on its rail leans by 1e-20, which
   * is rounding, and products of such numbers are subnormal: processors take a hundred times as long for each, and
   * Rapier three times as long for a step of cart and pole. Followers feel each rounding of an angle, and this adds one.
   * @param states as just read; become what they are then
   * @returns whether there was any
   */
  flushToZero(states: BodyStates): boolean {
    const { orientation } = states;
    const rotation = this.#rotation;
    let any = false;
    for (let row = 0; row < this.#bodies.length; row++) {
      if (row % this.#numBodies < this.#firstMoving) continue;
      const q = 4 * row;
      const x = isNextToNothing(orientation[q]!);
      const y = isNextToNothing(orientation[q + 1]!);
      const z = isNextToNothing(orientation[q + 2]!);
      const w = isNextToNothing(orientation[q + 3]!);
      if (!x && !y && !z && !w) continue;
      // As it is there: what states have was made a unit quaternion, and every rounding turns the body.
      const body = this.#bodies[row]!;
      body.rotation(rotation);
      if (x) rotation.x = 0;
      if (y) rotation.y = 0;
      if (z) rotation.z = 0;
      if (w) rotation.w = 0;
      body.setRotation(rotation, true);
      // Rapier makes it a unit quaternion again, which rounds.
      this.read(states, row, row + 1);
      any = true;
    }
    return any;
  }

  /** Gives every moving body the velocities that the next step starts from. [rows, 3] m/s and rad/s */
  launch(velocity: Float64Array, spin: Float64Array): void {
    for (let row = 0; row < this.#bodies.length; row++) {
      if (row % this.#numBodies < this.#firstMoving) continue;
      const set = this.#sets[row]!.raw;
      const handle = this.#handles[row]!;
      set.rbSetLinvel(handle, this.#toRaw(velocity, 3 * row), true);
      set.rbSetAngvel(handle, this.#toRaw(spin, 3 * row), true);
    }
  }

  /** Gives every body its force and torque for the next step. */
  push({ force, torque }: Wrenches): void {
    for (let row = 0; row < this.#bodies.length; row++) {
      const o = 3 * row;
      const pushes = force[o] !== 0 || force[o + 1] !== 0 || force[o + 2] !== 0;
      const turns = torque[o] !== 0 || torque[o + 1] !== 0 || torque[o + 2] !== 0;
      const set = this.#sets[row]!.raw;
      const handle = this.#handles[row]!;
      if (this.#isForced[row] === 1) {
        set.rbResetForces(handle, true);
        set.rbResetTorques(handle, true);
      }
      if (pushes) set.rbAddForce(handle, this.#toRaw(force, o), true);
      if (turns) set.rbAddTorque(handle, this.#toRaw(torque, o), true);
      this.#isForced[row] = pushes || turns ? 1 : 0;
    }
  }

  /** As the setters of its bodies do, without a vector made and thrown away in each call. */
  #toRaw(source: Float64Array, offset: number): RawVector {
    const raw = this.#raw;
    raw.x = source[offset]!;
    raw.y = source[offset + 1]!;
    raw.z = source[offset + 2]!;
    return raw;
  }

  #toVector(source: Float64Array, row: number): { x: number; y: number; z: number } {
    const vector = this.#vector;
    vector.x = source[3 * row]!;
    vector.y = source[3 * row + 1]!;
    vector.z = source[3 * row + 2]!;
    return vector;
  }
  #toRotation(source: Float64Array, row: number): { x: number; y: number; z: number; w: number } {
    const rotation = this.#rotation;
    rotation.x = source[4 * row]!;
    rotation.y = source[4 * row + 1]!;
    rotation.z = source[4 * row + 2]!;
    rotation.w = source[4 * row + 3]!;
    return rotation;
  }
}

function isNextToNothing(value: number): boolean {
  return value !== 0 && Math.abs(value) < NEXT_TO_NOTHING;
}
