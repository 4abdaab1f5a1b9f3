import RAPIER from '@dimforge/rapier3d-simd-compat';
import type { QuatXYZW } from '../math/quat.ts';
import type { Vec3 } from '../math/vec3.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { checkEngineConfig } from './check-config.ts';
import { assertDrive, assertMoves, findBodyOfLink } from './checks.ts';
import { type ConvexParts, computeConvexParts } from './convex.ts';
import {
  type Engine,
  type EngineConfig,
  type JointDrive,
  type RayBatch,
  type RobotScales,
  UNIT_SCALES,
} from './engine.ts';
import {
  type BodyStates,
  type JointStates,
  type Kinematics,
  makeBodyStates,
  makeJointStates,
  makeKinematics,
} from './kinematics.ts';
import { BodyTable } from './rapier/body-table.ts';
import { makeCollisionRules } from './rapier/collision-rules.ts';
import { ContactReader, type ContactView } from './rapier/contacts.ts';
import {
  type CopyPlace,
  listPlaces,
  makeContactView,
  makeRayTargets,
  makeShards,
} from './rapier/copies.ts';
import { JointWorks } from './rapier/joint-works.ts';
import { MovingObjects } from './rapier/objects.ts';
import { RayCaster, type RayTargets } from './rapier/rays.ts';
import { type Shard, setMass } from './rapier/shard.ts';
import { packSnapshot, type StateArrays, unpackSnapshot } from './rapier/snapshot.ts';
import { listShapeNames } from './shape-names.ts';
import { makeTiles } from './tiles.ts';
import { makeWrenches, type Wrenches } from './wrenches.ts';

/**
 * N copies of one robot in Rapier: rigid bodies in maximal coordinates, held together by impulse joints; everything that
 * is fixed to a body, rotors included, is lumped into it.
 * @throws UserError, or UserErrors, where a collision mesh cannot be used
 */
export async function makeRapierEngine(config: EngineConfig): Promise<Engine> {
  checkEngineConfig(config);
  await RAPIER.init();
  return new RapierEngine(config, await computeConvexParts(config.model));
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
  readonly #shards: readonly Shard[];
  readonly #places: readonly CopyPlace[];
  readonly #bodies: BodyTable;
  readonly #joints: JointWorks;
  readonly #objects: MovingObjects;
  readonly #rays: RayCaster;
  readonly #contacts = new ContactReader();
  readonly #wrenches: Wrenches;
  /** Steps of Rapier in a step. */
  readonly #substeps: number;
  /** Poses and twists as of the last step or write, filled on demand; and what follows from them for joints. */
  readonly #states: BodyStates;
  #statesAreFresh = false;
  readonly #jointStates: JointStates;
  #jointsAreFresh = false;
  #collidersAreFresh = false;
  /** [numRobots, numJoints] inputs as applied in the last step */
  readonly #lastEffort: Float64Array;
  /** [numRobots] 1 from a write until the next step: contacts are those of the old pose */
  readonly #wasWritten: Uint8Array;
  #contactViews: readonly ContactView[] = [];
  #rayTargets: readonly RayTargets[] = [];

  constructor(config: EngineConfig, convexParts: ConvexParts) {
    this.config = config;
    const { model, numRobots, scene } = config;
    const numJoints = model.jointNames.length;
    this.#kinematics = makeKinematics(model);
    const { bodies } = this.#kinematics;
    this.#numBodies = bodies.length;
    this.mapFromOdom = makeTiles(numRobots, config.tileSpacing);
    this.baseForceB = new Float64Array(numRobots * 3);
    this.baseTorqueB = new Float64Array(numRobots * 3);
    this.externalForceW = new Float64Array(numRobots * 3);
    this.jointEffort = new Float64Array(numRobots * numJoints);
    this.drivePosition = new Float64Array(numRobots * numJoints);
    this.driveVelocity = new Float64Array(numRobots * numJoints);
    this.shapeNames = listShapeNames(model);
    this.#states = makeBodyStates(numRobots * bodies.length);
    this.#jointStates = makeJointStates(numRobots, numJoints);
    this.#wrenches = makeWrenches(model, this.#kinematics, numRobots);
    this.#lastEffort = new Float64Array(numRobots * numJoints);
    this.#wasWritten = new Uint8Array(numRobots);
    const hasMoving = scene.objects.some(({ moves }) => moves);
    const rules = makeCollisionRules(model, bodies, hasMoving);
    this.#substeps = JointWorks.countSubsteps(config);
    this.#shards = makeShards(
      { config, bodies, rules, convexParts, shapeNames: this.shapeNames },
      this.#substeps,
    );
    this.#places = listPlaces(this.#shards);
    this.#bodies = new BodyTable(this.#places, bodies.length, model.base);
    this.#joints = new JointWorks(config, this.#kinematics, this.#places, this.#substeps);
    this.#objects = new MovingObjects(this.#places.map(({ copy }) => copy));
    this.#rays = new RayCaster(scene);
    this.#connect();
    this.#putHome();
  }

  step(): void {
    const works = this.#joints;
    works.begin(this.jointEffort);
    for (let substep = 0; substep < this.#substeps; substep++) {
      this.#refreshStates();
      if (works.needStates) this.#refreshJoints();
      works.beforeSubstep(this.#jointStates, this);
      this.#wrenches.gather(this, works.effort, this.#states);
      this.#bodies.push(this.#wrenches);
      for (let s = 0; s < this.#shards.length; s++) this.#shards[s]!.world.step();
      this.#statesAreFresh = false;
      this.#jointsAreFresh = false;
      if (works.measures) {
        this.#refreshJoints();
        works.afterSubstep(this.#jointStates, this);
      }
    }
    const hasSettled = this.#objects.settle((robot, slot) => this.#getMovingBody(robot, slot));
    this.#collidersAreFresh = !hasSettled;
    this.#wasWritten.fill(0);
    this.#lastEffort.set(this.jointEffort);
    this.#clearInputs();
  }

  readState(out: StateBatch): void {
    this.#refreshJoints();
    const { numRobots } = this.config;
    const { position, velocity } = this.#jointStates;
    for (let robot = 0; robot < numRobots; robot++) {
      this.#kinematics.writeRoot(out, robot, this.#states);
    }
    for (const { index } of this.#joints.sites) {
      out.jointPosition[index] = position[index]!;
      out.jointVelocity[index] = velocity[index]!;
      out.jointEffort[index] = this.#lastEffort[index]! + this.#joints.driveEffort[index]!;
    }
  }

  writeState(robot: number, state: StateBatch, row: number): void {
    this.#refreshStates();
    this.#kinematics.writeBodies(this.#states, robot, state, row, this.#jointStates);
    const first = robot * this.#numBodies;
    for (let i = 0; i < this.#numBodies; i++) this.#bodies.write(first + i, this.#states);
    const numJoints = this.config.model.jointNames.length;
    this.#lastEffort.fill(0, robot * numJoints, (robot + 1) * numJoints);
    this.#joints.reset(robot);
    this.#wasWritten[robot] = 1;
    this.#jointsAreFresh = false;
    this.#collidersAreFresh = false;
  }

  setDrive(robot: number, jointIndex: number, drive: JointDrive): void {
    const { model } = this.config;
    assertDrive(model, this.#kinematics.bodies, jointIndex, drive);
    this.#joints.setDrive(robot * model.jointNames.length + jointIndex, drive);
  }

  setScales(robot: number, given: Partial<RobotScales>): void {
    const scales = { ...UNIT_SCALES, ...given };
    const { shard, copy } = this.#places[robot]!;
    for (const [i, body] of this.#kinematics.bodies.entries()) {
      if (body.mass > 0) setMass(this.#bodies.get(robot * this.#numBodies + i), body, scales);
    }
    for (const { handle, friction } of copy.colliders.flat()) {
      shard.world.getCollider(handle).setFriction(friction * scales.contactFriction);
    }
    this.#joints.setScales(robot, scales);
  }

  isInContact(robot: number): boolean {
    if (this.#wasWritten[robot] === 1) return false;
    this.#refreshStates();
    return this.#contacts.touchesScene(this.#contactViews[robot]!, this.#states);
  }

  writeContactForces(out: Float64Array): void {
    out.fill(0);
    const { numRobots, timestepS, solver } = this.config;
    // What Rapier 0.20 tells as impulses holds the last substep of the step before once more.
    const iterations = solver.rapier.iterations / this.#substeps;
    const perImpulse = (iterations / (iterations + 1)) * (this.#substeps / timestepS);
    for (let robot = 0; robot < numRobots; robot++) {
      if (this.#wasWritten[robot] === 1) continue;
      const offset = 3 * robot * this.shapeNames.length;
      this.#contacts.addNormalForces(out, offset, this.#contactViews[robot]!, perImpulse);
    }
  }

  computePenetration(robot: number): number {
    if (this.#wasWritten[robot] === 1) return 0;
    return this.#contacts.computePenetration(this.#contactViews[robot]!);
  }

  castRays(rays: RayBatch): void {
    const { model } = this.config;
    const { hits } = rays;
    const except =
      hits === 'scene'
        ? undefined
        : findBodyOfLink(model, this.#kinematics.bodies, hits.robotExceptLink);
    this.#refreshStates();
    if (!this.#collidersAreFresh) {
      for (const { world } of this.#shards) world.propagateModifiedBodyPositionsToColliders();
      this.#collidersAreFresh = true;
    }
    this.#rays.cast(rays, this.#states, this.#rayTargets, except);
  }

  placeObject(
    robot: number,
    object: number,
    position: Vec3,
    orientation: QuatXYZW,
    velocityW: Vec3,
  ): void {
    assertMoves(this.config.scene, object);
    const body = this.#getMovingBody(robot, this.#objects.getSlot(object));
    this.#objects.place(body, robot, object, { position, orientation, velocityW });
    this.#collidersAreFresh = false;
  }

  /** Worlds, and what the engine itself remembers; forces not yet stepped are not part of it. */
  snapshot(): Uint8Array {
    this.#refreshJoints();
    const worlds = this.#shards.map(({ world }) => world.takeSnapshot());
    return packSnapshot(this.#shape, this.#listArrays(this.#joints.copyHandles()), worlds);
  }

  restore(snapshot: Uint8Array): void {
    const handles = this.#joints.copyHandles();
    const arrays = this.#listArrays(handles);
    const worlds = unpackSnapshot(snapshot, this.#shape, arrays, this.#shards.length);
    for (const [s, bytes] of worlds.entries()) this.#shards[s]!.restore(bytes);
    this.#bodies.connect(this.#places);
    this.#joints.reconnect(handles, this.#places);
    this.#objects.reconnect();
    this.#connect();
    this.#clearInputs();
  }

  free(): void {
    for (const { world } of this.#shards) world.free();
    this.#rays.free();
  }

  get #shape(): readonly [numRobots: number, numRows: number] {
    return [this.config.numRobots, this.config.numRobots * this.#numBodies];
  }

  #listArrays(handles: Float64Array): StateArrays {
    return [
      this.#lastEffort,
      this.#wasWritten,
      this.drivePosition,
      this.driveVelocity,
      this.#jointStates.reference,
      this.#objects.placed,
      this.#objects.isOnItsWay,
      handles,
      ...this.#joints.arrays,
    ];
  }

  #connect(): void {
    const isPlane = this.config.scene.ground?.kind === 'plane';
    this.#contactViews = this.#places.map((place, robot) =>
      makeContactView(place, robot, this.#numBodies, isPlane),
    );
    this.#rayTargets = this.#places.map((place, robot) =>
      makeRayTargets(place, robot, this.#numBodies),
    );
    this.#statesAreFresh = false;
    this.#jointsAreFresh = false;
    this.#collidersAreFresh = false;
  }

  #putHome(): void {
    const { model, numRobots } = this.config;
    const home = makeStateBatch(1, model.jointNames.length);
    home.position.set(model.home.position);
    home.orientation.set(model.home.orientation);
    home.jointPosition.set(model.home.jointPosition);
    for (let robot = 0; robot < numRobots; robot++) {
      this.setScales(robot, UNIT_SCALES);
      this.writeState(robot, home, 0);
    }
  }

  #getMovingBody(robot: number, slot: number): RAPIER.RigidBody {
    const { shard, copy } = this.#places[robot]!;
    return shard.world.getRigidBody(copy.moving[slot]!.body);
  }

  #clearInputs(): void {
    this.baseForceB.fill(0);
    this.baseTorqueB.fill(0);
    this.externalForceW.fill(0);
    this.jointEffort.fill(0);
  }

  #refreshStates(): void {
    if (this.#statesAreFresh) return;
    this.#bodies.read(this.#states);
    this.#statesAreFresh = true;
  }

  #refreshJoints(): void {
    this.#refreshStates();
    if (this.#jointsAreFresh) return;
    for (let robot = 0; robot < this.config.numRobots; robot++) {
      this.#kinematics.writeJoints(this.#jointStates, robot, this.#states);
    }
    this.#jointsAreFresh = true;
  }
}
