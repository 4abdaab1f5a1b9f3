import RAPIER from '@dimforge/rapier3d-simd-compat';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { checkEngineConfig } from './check-config.ts';
import { type Engine, type EngineConfig, type RobotScales, UNIT_SCALES } from './engine.ts';
import { type BodyStates, type Kinematics, makeBodyStates, makeKinematics } from './kinematics.ts';
import { addColliders, addGround, addJoints, type BuiltCollider, setMass } from './rapier/build.ts';
import { listShapeNames } from './shape-names.ts';
import { makeTiles } from './tiles.ts';
import { makeWrenches, type Wrenches } from './wrenches.ts';

/** Gap up to which a shape counts as touching: Rapier's own slop of 1 mm (allowed linear error). [m] */
const TOUCH_DISTANCE = 1e-3;
const SNAPSHOT_MAGIC = 0x5a475231;
const HEADER_WORDS = 4;

/**
 * N copies of one robot in one Rapier world: rigid bodies in maximal coordinates, held together by
 * impulse joints; everything that is fixed to a body, rotors included, is lumped into it.
 *
 * Numbers are 32-bit inside, so copies on different tiles differ in the last bits. With `tileSpacing` 0
 * all copies lie in the same place, still unable to touch one another, at no cost in speed: then the
 * motion of a copy is the same to the last bit whatever its slot, its neighbours, the size of the world
 * and what the slot did before.
 *
 * What the integrator does (semi-implicit Euler, `solver.iterations` substeps per step of h seconds):
 * - free fall is late by g·t·h/(2·iterations): 10 mm after 1 s at 2 ms and 1 iteration;
 * - gyroscopic torque is part of it: a free body with moments 1 : 2 : 2.9 that tumbles at 20 rad/s turns
 *   the direction of its angular momentum by 1.1° in 1 s at 2 ms and 1 iteration, by 0.3° at 4;
 * - a pendulum swinging ±1.5 rad is off by 3 % of its energy after 10 s at 2 ms and 4 × 4 iterations;
 * - joint damping is implicit, joint friction is Coulomb friction with stiction;
 * - position limits hold; velocity and effort limits of the URDF are the actuators' business.
 * @throws UserError where the model has what this engine cannot simulate (mesh collisions)
 */
export async function makeRapierEngine(config: EngineConfig): Promise<Engine> {
  checkEngineConfig(config);
  await RAPIER.init();
  return new RapierEngine(config);
}

class RapierEngine implements Engine {
  readonly name = 'rapier';
  readonly config: EngineConfig;
  readonly mapFromOdom: Float64Array;
  readonly baseForceB: Float64Array;
  readonly baseTorqueB: Float64Array;
  readonly externalForceW: Float64Array;
  readonly jointEffort: Float64Array;
  readonly drivePosition: Float64Array;
  readonly driveVelocity: Float64Array;
  readonly shapeNames: readonly string[];

  readonly #kinematics: Kinematics;
  readonly #numBodies: number;
  /** Poses and twists as of the last step or write, filled on demand. */
  readonly #states: BodyStates;
  #statesAreFresh = false;
  readonly #wrenches: Wrenches;
  /** [rows] 1 where the world still holds a force of the step before */
  readonly #isForced: Uint8Array;
  /** [numRobots, numJoints] as applied in the last step */
  readonly #lastEffort: Float64Array;
  /** [numRobots] 1 from a write until the next step: contacts are those of the old pose */
  readonly #wasWritten: Uint8Array;
  readonly #vector = { x: 0, y: 0, z: 0 };
  readonly #rotation = { x: 0, y: 0, z: 0, w: 1 };

  #world: RAPIER.World;
  /** [rows] */
  #bodies: RAPIER.RigidBody[] = [];
  /** Per row, handles of its collision shapes; they survive snapshots. */
  readonly #colliders: BuiltCollider[][] = [];
  readonly #groundHandle: number | undefined;
  #touches = false;

  constructor(config: EngineConfig) {
    this.config = config;
    const { model, numRobots, solver } = config;
    this.#kinematics = makeKinematics(model);
    this.#numBodies = this.#kinematics.bodies.length;
    const rows = numRobots * this.#numBodies;
    const numJoints = model.jointNames.length;
    this.mapFromOdom = makeTiles(numRobots, config.tileSpacing);
    this.baseForceB = new Float64Array(numRobots * 3);
    this.baseTorqueB = new Float64Array(numRobots * 3);
    this.externalForceW = new Float64Array(numRobots * 3);
    this.jointEffort = new Float64Array(numRobots * numJoints);
    this.drivePosition = new Float64Array(numRobots * numJoints);
    this.driveVelocity = new Float64Array(numRobots * numJoints);
    this.shapeNames = listShapeNames(model);
    this.#states = makeBodyStates(rows);
    this.#wrenches = makeWrenches(model, this.#kinematics, numRobots);
    this.#isForced = new Uint8Array(rows);
    this.#lastEffort = new Float64Array(numRobots * numJoints);
    this.#wasWritten = new Uint8Array(numRobots);
    const [x, y, z] = config.gravityW;
    this.#world = new RAPIER.World({ x, y, z });
    this.#world.timestep = config.timestepS;
    this.#world.numSolverIterations = solver.rapier.iterations;
    this.#world.numInternalPgsIterations = solver.rapier.internalIterations;
    this.#groundHandle = config.scene.ground !== undefined ? addGround(this.#world) : undefined;
    this.#addRobots();
  }

  #addRobots(): void {
    const { model, numRobots } = this.config;
    const home = makeStateBatch(1, model.jointNames.length);
    home.position.set(model.home.position);
    home.orientation.set(model.home.orientation);
    home.jointPosition.set(model.home.jointPosition);
    for (let robot = 0; robot < numRobots; robot++) {
      for (const [i, body] of this.#kinematics.bodies.entries()) {
        const isFixed = i === 0 && model.base === 'fixed';
        const description = isFixed ? RAPIER.RigidBodyDesc.fixed() : RAPIER.RigidBodyDesc.dynamic();
        description.setCanSleep(false).setLinearDamping(0).setAngularDamping(0);
        const rigidBody = this.#world.createRigidBody(description);
        this.#bodies.push(rigidBody);
        this.#colliders.push(addColliders(this.#world, rigidBody, body, model));
      }
      this.setScales(robot, UNIT_SCALES);
      this.writeState(robot, home, 0);
      for (const [i, body] of this.#kinematics.bodies.entries()) {
        if (body.connection === undefined) continue;
        const parent = this.#bodies[robot * this.#numBodies + body.connection.parent]!;
        addJoints(this.#world, parent, this.#bodies[robot * this.#numBodies + i]!, body.connection);
      }
    }
  }

  step(): void {
    this.#refreshStates();
    this.#wrenches.gather(this, this.#states);
    this.#sendWrenches();
    this.#world.step();
    this.#statesAreFresh = false;
    this.#wasWritten.fill(0);
    this.#lastEffort.set(this.jointEffort);
    this.#clearInputs();
  }

  readState(out: StateBatch): void {
    this.#refreshStates();
    const { numRobots, model } = this.config;
    for (let robot = 0; robot < numRobots; robot++) {
      this.#kinematics.writeState(out, robot, this.#states);
      for (let i = 1; i < this.#numBodies; i++) {
        const { jointIndex } = this.#kinematics.bodies[i]!.connection!;
        const index = robot * model.jointNames.length + jointIndex;
        out.jointEffort[index] = this.#lastEffort[index]!;
      }
    }
  }

  writeState(robot: number, state: StateBatch, row: number): void {
    this.#refreshStates();
    this.#kinematics.writeBodies(this.#states, robot, state, row);
    for (let i = 0; i < this.#numBodies; i++) this.#sendBody(robot, i);
    const numJoints = this.config.model.jointNames.length;
    this.#lastEffort.fill(0, robot * numJoints, (robot + 1) * numJoints);
    this.#wasWritten[robot] = 1;
  }

  setScales(robot: number, given: Partial<RobotScales>): void {
    const scales = { ...UNIT_SCALES, ...given };
    for (const [i, body] of this.#kinematics.bodies.entries()) {
      if (body.mass === 0) continue;
      setMass(this.#bodies[robot * this.#numBodies + i]!, body, scales);
    }
  }

  isInContact(robot: number): boolean {
    if (this.#groundHandle === undefined || this.#wasWritten[robot] === 1) return false;
    this.#refreshStates();
    const ground = this.#world.getCollider(this.#groundHandle);
    this.#touches = false;
    for (let i = 0; i < this.#numBodies; i++) {
      const row = robot * this.#numBodies + i;
      for (const { handle, reach } of this.#colliders[row]!) {
        // The ground is the plane z = 0, so most shapes can be ruled out without asking the engine.
        if (this.#states.position[3 * row + 2]! > reach + TOUCH_DISTANCE) continue;
        this.#world.contactPair(this.#world.getCollider(handle), ground, this.#noteContact);
        if (this.#touches) return true;
      }
    }
    return false;
  }

  readonly #noteContact = (manifold: RAPIER.TempContactManifold): void => {
    for (let k = 0; k < manifold.numContacts(); k++) {
      if (manifold.contactDist(k) <= TOUCH_DISTANCE) this.#touches = true;
    }
  };

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

  /** World bytes behind a header and the last efforts; forces not yet stepped are not part of it. */
  snapshot(): Uint8Array {
    const world = this.#world.takeSnapshot();
    const efforts = new Uint8Array(this.#lastEffort.slice().buffer);
    const header = new Uint32Array([
      SNAPSHOT_MAGIC,
      this.config.numRobots,
      this.#bodies.length,
      efforts.length,
    ]);
    const out = new Uint8Array(
      header.byteLength + efforts.length + this.#wasWritten.length + world.length,
    );
    out.set(new Uint8Array(header.buffer), 0);
    out.set(efforts, header.byteLength);
    out.set(this.#wasWritten, header.byteLength + efforts.length);
    out.set(world, header.byteLength + efforts.length + this.#wasWritten.length);
    return out;
  }

  restore(snapshot: Uint8Array): void {
    const bytes = snapshot.slice();
    const headerBytes = HEADER_WORDS * 4;
    const isWhole = bytes.length > headerBytes;
    const header = new Uint32Array(bytes.buffer, 0, isWhole ? HEADER_WORDS : 0);
    const [magic, numRobots, numRows, effortBytes] = header;
    if (
      magic !== SNAPSHOT_MAGIC ||
      numRobots !== this.config.numRobots ||
      numRows !== this.#bodies.length ||
      effortBytes !== this.#lastEffort.byteLength
    ) {
      throw new RangeError(
        `restore: the snapshot is of another world (expected ${this.config.numRobots} robots and ${this.#bodies.length} bodies, got ${numRobots} and ${numRows})`,
      );
    }
    const effortEnd = headerBytes + effortBytes;
    const writtenEnd = effortEnd + this.#wasWritten.length;
    const handles = this.#bodies.map((body) => body.handle);
    const world = RAPIER.World.restoreSnapshot(bytes.subarray(writtenEnd));
    this.#world.free();
    this.#world = world;
    this.#bodies = handles.map((handle) => world.getRigidBody(handle));
    this.#lastEffort.set(new Float64Array(bytes.slice(headerBytes, effortEnd).buffer));
    this.#wasWritten.set(bytes.subarray(effortEnd, writtenEnd));
    this.#isForced.fill(1);
    this.#statesAreFresh = false;
    this.#clearInputs();
  }

  free(): void {
    this.#world.free();
    this.#bodies = [];
  }

  #clearInputs(): void {
    this.baseForceB.fill(0);
    this.baseTorqueB.fill(0);
    this.externalForceW.fill(0);
    this.jointEffort.fill(0);
  }

  /** Reads every moving body once per step: four calls across the WebAssembly boundary each. */
  #refreshStates(): void {
    if (this.#statesAreFresh) return;
    const { position, orientation, centreVelocityW, angularVelocityW } = this.#states;
    const vector = this.#vector;
    const rotation = this.#rotation;
    const firstMoving = this.config.model.base === 'fixed' ? 1 : 0;
    for (let row = 0; row < this.#bodies.length; row++) {
      if (row % this.#numBodies < firstMoving) continue;
      const body = this.#bodies[row]!;
      const tile = 3 * Math.floor(row / this.#numBodies);
      body.translation(vector);
      position[3 * row] = vector.x - this.mapFromOdom[tile]!;
      position[3 * row + 1] = vector.y - this.mapFromOdom[tile + 1]!;
      position[3 * row + 2] = vector.z - this.mapFromOdom[tile + 2]!;
      body.rotation(rotation);
      const { x, y, z, w } = rotation;
      // Single-precision unit quaternions are off by 1e-7; the contract promises unit length.
      const scale = 1 / Math.sqrt(x * x + y * y + z * z + w * w);
      orientation[4 * row] = x * scale;
      orientation[4 * row + 1] = y * scale;
      orientation[4 * row + 2] = z * scale;
      orientation[4 * row + 3] = w * scale;
      body.linvel(vector);
      centreVelocityW[3 * row] = vector.x;
      centreVelocityW[3 * row + 1] = vector.y;
      centreVelocityW[3 * row + 2] = vector.z;
      body.angvel(vector);
      angularVelocityW[3 * row] = vector.x;
      angularVelocityW[3 * row + 1] = vector.y;
      angularVelocityW[3 * row + 2] = vector.z;
    }
    this.#statesAreFresh = true;
  }

  #sendBody(robot: number, index: number): void {
    const row = robot * this.#numBodies + index;
    const body = this.#bodies[row]!;
    const { position, orientation, centreVelocityW, angularVelocityW } = this.#states;
    const rotation = this.#rotation;
    body.setTranslation(this.#toVector(position, row, 3 * robot), true);
    rotation.x = orientation[4 * row]!;
    rotation.y = orientation[4 * row + 1]!;
    rotation.z = orientation[4 * row + 2]!;
    rotation.w = orientation[4 * row + 3]!;
    body.setRotation(rotation, true);
    if (body.isFixed()) return;
    body.setLinvel(this.#toVector(centreVelocityW, row), true);
    body.setAngvel(this.#toVector(angularVelocityW, row), true);
  }

  #toVector(source: Float64Array, row: number, tile?: number): { x: number; y: number; z: number } {
    const vector = this.#vector;
    vector.x = source[3 * row]! + (tile === undefined ? 0 : this.mapFromOdom[tile]!);
    vector.y = source[3 * row + 1]! + (tile === undefined ? 0 : this.mapFromOdom[tile + 1]!);
    vector.z = source[3 * row + 2]! + (tile === undefined ? 0 : this.mapFromOdom[tile + 2]!);
    return vector;
  }

  #sendWrenches(): void {
    const { force, torque } = this.#wrenches;
    for (let row = 0; row < this.#bodies.length; row++) {
      const o = 3 * row;
      const pushes = force[o] !== 0 || force[o + 1] !== 0 || force[o + 2] !== 0;
      const turns = torque[o] !== 0 || torque[o + 1] !== 0 || torque[o + 2] !== 0;
      const body = this.#bodies[row]!;
      if (this.#isForced[row] === 1) {
        body.resetForces(true);
        body.resetTorques(true);
      }
      if (pushes) body.addForce(this.#toVector(force, row), true);
      if (turns) body.addTorque(this.#toVector(torque, row), true);
      this.#isForced[row] = pushes || turns ? 1 : 0;
    }
  }
}
