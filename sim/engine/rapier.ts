import RAPIER from '@dimforge/rapier3d-simd-compat';
import { UserError } from '../errors.ts';
import { writeNormalized } from '../math/quat.ts';
import { computeNorm } from '../math/vec3.ts';
import type { Geometry, Joint, RobotModel, Transform } from '../robot/model.ts';
import type { BodyConnection, RigidBody } from '../robot/rigid-bodies.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { composeTransforms } from '../robot/transform.ts';
import type { Engine, EngineConfig, RobotScales } from './engine.ts';
import { type BodyStates, type Kinematics, makeBodyStates, makeKinematics } from './kinematics.ts';
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
 * Numbers are 32-bit inside. Copies differ from tile to tile in the last bits, so whoever wants equal
 * bits must give a copy the same slot in a world of the same size.
 *
 * What the integrator does (semi-implicit Euler, `solver.iterations` substeps per step of h seconds):
 * - free fall is late by g·t·h/(2·iterations): 10 mm after 1 s at 2 ms and 1 iteration;
 * - gyroscopic torque is part of it: a free asymmetric body tumbling at 20 rad/s keeps the direction
 *   of its angular momentum to 0.4° in 1 s at 2 ms and 1 iteration, to 0.1° at 4 (see its test);
 * - joint damping is implicit, joint friction is Coulomb friction with stiction;
 * - position limits hold; velocity and effort limits of the URDF are the actuators' business.
 * @throws UserError where the model has what this engine cannot simulate (mesh collisions)
 */
export async function makeRapierEngine(config: EngineConfig): Promise<Engine> {
  checkConfig(config);
  await RAPIER.init();
  return new RapierEngine(config);
}

function checkConfig(config: EngineConfig): void {
  const { numRobots, timestepS, tileSpacing, solver } = config;
  const require = (holds: boolean, what: string, got: number) => {
    if (!holds) throw new RangeError(`makeRapierEngine: ${what}, got ${got}`);
  };
  require(Number.isInteger(numRobots) &&
    numRobots >= 1 &&
    numRobots <= 4096, 'numRobots must be a whole number from 1 to 4096', numRobots);
  require(timestepS > 0 && timestepS <= 0.1, 'timestepS must lie in (0, 0.1] s', timestepS);
  require(tileSpacing >= 0 &&
    Number.isFinite(tileSpacing), 'tileSpacing must be 0 m or more', tileSpacing);
  require(Number.isInteger(solver.iterations) &&
    solver.iterations >= 1, 'solver.iterations must be at least 1', solver.iterations);
  require(Number.isInteger(solver.internalIterations) &&
    solver.internalIterations >=
      1, 'solver.internalIterations must be at least 1', solver.internalIterations);
}

class RapierEngine implements Engine {
  readonly name = 'rapier';
  readonly config: EngineConfig;
  readonly mapFromOdom: Float64Array;
  readonly baseForceB: Float64Array;
  readonly baseTorqueB: Float64Array;
  readonly externalForceW: Float64Array;
  readonly jointEffort: Float64Array;

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
    this.#states = makeBodyStates(rows);
    this.#wrenches = makeWrenches(model, this.#kinematics, numRobots);
    this.#isForced = new Uint8Array(rows);
    this.#lastEffort = new Float64Array(numRobots * numJoints);
    this.#wasWritten = new Uint8Array(numRobots);
    const [x, y, z] = config.gravityW;
    this.#world = new RAPIER.World({ x, y, z });
    this.#world.timestep = config.timestepS;
    this.#world.numSolverIterations = solver.iterations;
    this.#world.numInternalPgsIterations = solver.internalIterations;
    this.#groundHandle = config.ground ? addGround(this.#world) : undefined;
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
      this.setScales(robot, { mass: 1, inertia: [1, 1, 1] });
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

  setScales(robot: number, scales: RobotScales): void {
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

// Interaction groups: 16 bits of membership, 16 bits of what to collide with.
const ROBOT_GROUP = 0x0001_0002;
const WORLD_GROUP = 0x0002_0001;
/** [-] URDF has no contact friction; this is Rapier's own default, hard plastic on a hard floor. */
const CONTACT_FRICTION = 0.5;
/** [N·m·s/rad or N·s/m] So steep that friction is at its limit unless the joint stands still. */
const STICTION_DAMPING = 1e6;
/** Rapier's cylinders stand along y, URDF's along z: a quarter turn about x. */
const SHAPE_FROM_CYLINDER = {
  translation: [0, 0, 0],
  rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2],
} as const;

interface BuiltCollider {
  readonly handle: number;
  /** [m] farthest point from the body's origin */
  readonly reach: number;
}

function addGround(world: RAPIER.World): number {
  const plane = new RAPIER.ColliderDesc(new RAPIER.HalfSpace({ x: 0, y: 0, z: 1 }));
  plane.setCollisionGroups(WORLD_GROUP).setFriction(CONTACT_FRICTION);
  return world.createCollider(plane).handle;
}

function addColliders(
  world: RAPIER.World,
  rigidBody: RAPIER.RigidBody,
  body: RigidBody,
  model: RobotModel,
): BuiltCollider[] {
  return body.links.flatMap(({ name, bodyFromLink }) => {
    const link = model.links.find((candidate) => candidate.name === name)!;
    return link.collisions.map((shape) => {
      const { description, reach } = toCollider(
        shape.geometry,
        `robot '${model.name}', link '${name}', collision '${shape.name}'`,
      );
      const bodyFromShape = composeTransforms(bodyFromLink, shape.linkFromShape);
      const { translation, rotation } =
        shape.geometry.kind === 'cylinder'
          ? composeTransforms(bodyFromShape, SHAPE_FROM_CYLINDER)
          : bodyFromShape;
      description
        .setDensity(0)
        .setTranslation(...translation)
        .setRotation(toRotation(rotation))
        .setCollisionGroups(ROBOT_GROUP)
        .setFriction(CONTACT_FRICTION);
      const { handle } = world.createCollider(description, rigidBody);
      return { handle, reach: computeNorm(translation) + reach };
    });
  });
}

function toCollider(
  geometry: Geometry,
  where: string,
): { description: RAPIER.ColliderDesc; reach: number } {
  switch (geometry.kind) {
    case 'box': {
      const [x, y, z] = geometry.size;
      return {
        description: RAPIER.ColliderDesc.cuboid(x / 2, y / 2, z / 2),
        reach: computeNorm(geometry.size) / 2,
      };
    }
    case 'sphere':
      return { description: RAPIER.ColliderDesc.ball(geometry.radius), reach: geometry.radius };
    case 'cylinder':
      return {
        description: RAPIER.ColliderDesc.cylinder(geometry.length / 2, geometry.radius),
        reach: Math.hypot(geometry.length / 2, geometry.radius),
      };
    case 'mesh':
      throw new UserError({
        where,
        problem: 'the rapier engine does not load collision meshes',
        expected: 'a box, sphere or cylinder',
        got: `mesh '${geometry.uri}'`,
        remedy: 'Replace the collision mesh by primitives around it; visual meshes are fine.',
      });
  }
}

function toRotation([x, y, z, w]: readonly [number, number, number, number]) {
  return { x, y, z, w };
}

function toVector([x, y, z]: readonly [number, number, number]) {
  return { x, y, z };
}

function setMass(target: RAPIER.RigidBody, body: RigidBody, scales: RobotScales): void {
  const [x, y, z] = body.moments;
  const [sx, sy, sz] = scales.inertia;
  target.setAdditionalMassProperties(
    body.mass * scales.mass,
    toVector(body.centreOfMass),
    { x: x * sx, y: y * sy, z: z * sz },
    toRotation(body.bodyFromPrincipal),
    true,
  );
}

/** One joint, or two where damping and friction each need a motor. */
function addJoints(
  world: RAPIER.World,
  parent: RAPIER.RigidBody,
  child: RAPIER.RigidBody,
  { joint, parentBodyFromJoint }: BodyConnection,
): void {
  const add = () => {
    const zero = { x: 0, y: 0, z: 0 };
    const along = { x: 1, y: 0, z: 0 };
    const description =
      joint.type === 'prismatic'
        ? RAPIER.JointData.prismatic(zero, zero, along)
        : RAPIER.JointData.revolute(zero, zero, along);
    const made = world.createImpulseJoint(
      description,
      parent,
      child,
      true,
    ) as RAPIER.UnitImpulseJoint;
    const { translation, rotation } = composeTransforms(parentBodyFromJoint, jointFromAxis(joint));
    made.setLocalFrame1(toVector(translation), toRotation(rotation));
    made.setLocalFrame2(zero, toRotation(jointFromAxis(joint).rotation));
    made.configureMotorModel(RAPIER.MotorModel.ForceBased);
    return made;
  };
  const main = add();
  if (Number.isFinite(joint.lower) || Number.isFinite(joint.upper))
    main.setLimits(joint.lower, joint.upper);
  if (joint.damping > 0) main.configureMotorVelocity(0, joint.damping);
  if (joint.friction === 0) return;
  const brake = joint.damping > 0 ? add() : main;
  brake.configureMotorVelocity(0, STICTION_DAMPING);
  brake.setMotorMaxForce(joint.friction);
}

/** A frame whose x axis is the joint's axis, which is how Rapier wants it. */
function jointFromAxis(joint: Joint): Transform {
  const [x, y, z] = joint.axis;
  // Half-way rotation from x to the axis; a half turn about z where the axis is −x.
  const rotation: [number, number, number, number] =
    x < -1 + 1e-12 ? [0, 0, 1, 0] : [0, -z, y, 1 + x];
  writeNormalized(rotation, 0, rotation, 0);
  return { translation: [0, 0, 0], rotation };
}
