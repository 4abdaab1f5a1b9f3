import type RAPIER from '@dimforge/rapier3d-simd-compat';
import { type QuatXYZW, writeRotated } from '../math/quat.ts';
import { clamp, type Vec3, writeCross } from '../math/vec3.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { checkEngineConfig } from './check-config.ts';
import { assertDrive, assertMoves, assertScales, findBodyOfLink } from './checks.ts';
import { type ConvexParts, computeConvexParts } from './convex.ts';
import {
  type Engine,
  type EngineConfig,
  type JointDrive,
  type RayBatch,
  type RobotScales,
  UNIT_SCALES,
} from './engine.ts';
import { type Kinematics, makeKinematics } from './kinematics.ts';
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
import { EngineInputArrays } from './rapier/inputs.ts';
import { JointWorks } from './rapier/joint-works.ts';
import { loadRapier } from './rapier/load.ts';
import { MovingObjects } from './rapier/objects.ts';
import { RayCaster, type RayTargets } from './rapier/rays.ts';
import { type Shard, setMass } from './rapier/shard.ts';
import { packSnapshot, type StateArrays, unpackSnapshot } from './rapier/snapshot.ts';
import { StateCache } from './rapier/state-cache.ts';
import { type MassProperties, scaleBody } from './scaled-body.ts';
import { listShapeNames } from './shape-names.ts';
import { makeSnapshotLabel, type SnapshotLabel } from './snapshot-frame.ts';
import { makeTiles } from './tiles.ts';
import { makeWrenches, type Wrenches } from './wrenches.ts';

/**
 * N copies of one robot in Rapier: rigid bodies in maximal coordinates, held together by impulses; everything
 * that is fixed to a body, rotors included, is lumped into it. Numbers are 32-bit inside.
 *
 * All copies lie in one place, their odom frames on top of one another. Copies share a world only where that leaves no
 * trace (rapier/copies.ts): one shape to a body, at most a plane to touch. All others have a world each, so the motion
 * of a copy is the same to the last bit whatever its tile, its slot and its neighbours. That costs go2 a tenth of its
 * speed and turtlebot a third, and memory: ten bytes for each height of a height field, for each copy, 8 MB on a
 * terrain grid of ten by ten tiles.
 *
 * What the integrator does (semi-implicit Euler, `solver.iterations` substeps per step of h seconds):
 * - free fall is late by g·t·h/(2·iterations): 10 mm after 1 s at 2 ms and 1 iteration;
 * - a free body with moments 1 : 2 : 2.9 that tumbles at 20 rad/s turns the direction of its angular momentum by
 *   1.1° in 1 s at 2 ms and 1 iteration, by 0.3° at 4;
 * - a pendulum swinging ±1.5 rad loses 11 % of its energy in 10 s at 2 ms and 1 × 8, 6 % at 2 × 8, 3 % at 4 × 4;
 * - no body turns by more than 45° in a step: 392 rad/s at 2 ms, 157 rad/s at 5 ms. A faster wheel is held back.
 *
 * What its solver does (`solver.internalIterations` sweeps per substep):
 * - poses settle before efforts do. The knees of go2, standing at 5 ms and without friction in its joints, need
 *   5.94 N·m; after 4, 8 and 16 sweeps in each of 2 substeps they have 6.18, 6.06 and 5.96, after 16 in one step
 *   6.01. With 0.2 N·m of friction, which is found sweep by sweep as well, 6.55 after 2 × 8 and 6.43 after 1 × 16;
 * - go2 stands: between 2 s and 10 s it creeps by 0.04 mm at 5 ms and 2 × 8, by 1 mm at 1 × 8 and 0.002 mm at 1 × 16;
 *   its feet sink in by 0.17 mm at most;
 * - a servo that holds a link by its end wants the link to have some size: where its own moment is a twelfth of
 *   what its mass adds (a uniform rod has a third) all is well, at a hundredth it sags by 8 % too much, and at a
 *   thousandth it cannot be held. Hands of light links want small steps: at 2 ms and 2 × 32 the fingers of a Shadow
 *   hand drift by 0.1° in 8 s, at 0.5 ms and 1 × 16 by 0.004°;
 * - rotors gain from sweeps that have not settled. Weightless, with loose joints, turning at 3 rad/s, go2 gains 7 % of
 *   energy in 60 s at 2 ms and 2 × 8, 2 % at 2 × 64, 20 % at 0.5 ms and 1 × 16, and without armature 0.1 %.
 *
 * Joints: damping, friction, armature, servos and followers are implicit (rapier/motors.ts, rapier/mimics.ts).
 * Where a joint has armature or follows another, each substep is a step of Rapier's own, collision detection
 * included. A follower of 1 kg, 0.3 m beside its axle, that swings by a radian at 1.6 Hz, strays by 0.2 mrad at
 * 2 ms and 2 × 8. Position limits hold; velocity and effort limits of the URDF are the actuators' business.
 *
 * Contacts: forces are normal forces alone, for Rapier's interface tells friction only under a model of it that slides
 * too easily (rapier/world.ts), and a share 1/(n + 1) of them is that of the step before, n being its substeps, so
 * sums over time are right. Rays meet cylinders and capsules to within 0.02 mm, everything else to rounding.
 * @throws UserError, or UserErrors, where a collision mesh cannot be used
 */
export async function makeRapierEngine(config: EngineConfig): Promise<Engine> {
  checkEngineConfig(config);
  await loadRapier();
  return new RapierEngine(config, await computeConvexParts(config.model));
}

class RapierEngine extends EngineInputArrays implements Engine {
  readonly name = 'rapier';
  readonly config: EngineConfig;
  readonly mapFromOdom: Float64Array;
  readonly shapeNames: readonly string[];
  readonly gravityOffsetW: Float64Array;

  readonly #label: SnapshotLabel;
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
  readonly #cache: StateCache;
  #collidersAreFresh = false;
  /** [numRobots, numJoints] inputs as applied in the last step */
  readonly #lastEffort: Float64Array;
  /** [numRobots] 1 from a write until the next step: contacts are those of the old pose */
  readonly #wasWritten: Uint8Array;
  readonly #scales: Partial<RobotScales>[];
  /** A world as built, where copies have one each. */
  readonly #asBuilt: Uint8Array | undefined;
  readonly #handlesAsBuilt: Float64Array;
  readonly #contactViews: ContactView[] = [];
  readonly #rayTargets: RayTargets[] = [];

  constructor(config: EngineConfig, convexParts: ConvexParts) {
    super(config);
    this.config = config;
    this.#label = makeSnapshotLabel('rapier', config);
    const { model, numRobots, scene } = config;
    const numJoints = model.jointNames.length;
    this.#kinematics = makeKinematics(model, numRobots);
    const { bodies } = this.#kinematics;
    this.#numBodies = bodies.length;
    this.mapFromOdom = makeTiles(numRobots, config.tileSpacing);
    this.shapeNames = listShapeNames(model);
    this.#wrenches = makeWrenches(model, this.#kinematics, numRobots);
    this.gravityOffsetW = this.#wrenches.gravityOffsetW;
    this.#lastEffort = new Float64Array(numRobots * numJoints);
    this.#wasWritten = new Uint8Array(numRobots);
    const rules = makeCollisionRules(model, bodies);
    this.#substeps = JointWorks.countSubsteps(config);
    this.#shards = makeShards(
      { config, bodies, rules, convexParts, shapeNames: this.shapeNames },
      this.#substeps,
    );
    this.#places = listPlaces(this.#shards);
    this.#bodies = new BodyTable(this.#places, bodies.length, model.base);
    this.#cache = new StateCache(this.#bodies, this.#kinematics, numRobots, numJoints);
    this.#joints = new JointWorks(config, this.#kinematics, this.#places, this.#substeps);
    this.#objects = new MovingObjects(this.#places.map(({ copy }) => copy));
    this.#rays = new RayCaster(scene);
    this.#connect();
    this.#scales = Array.from({ length: numRobots }, () => UNIT_SCALES);
    this.#handlesAsBuilt = this.#joints.copyHandles();
    const [first] = this.#shards;
    this.#asBuilt = first?.copies.length === 1 ? first.world.takeSnapshot() : undefined;
    this.#putHome();
  }

  step(): void {
    const works = this.#joints;
    works.begin(this.jointEffort);
    for (let substep = 0; substep < this.#substeps; substep++) {
      const states = this.#cache.viewStates();
      const joints = works.needStates ? this.#cache.viewJoints() : this.#cache.joints;
      works.beforeSubstep(joints, this);
      this.#wrenches.gather(this, works.effort, states);
      this.#bodies.push(this.#wrenches);
      for (let s = 0; s < this.#shards.length; s++) this.#shards[s]!.world.step();
      this.#cache.forget();
      if (works.measures) works.afterSubstep(this.#cache.viewJoints(), this);
    }
    const hasSettled = this.#objects.settle((robot, slot) => this.#getMovingBody(robot, slot));
    this.#collidersAreFresh = !hasSettled;
    this.#wasWritten.fill(0);
    this.#lastEffort.set(this.jointEffort);
    this.clearInputs();
  }

  readState(out: StateBatch): void {
    const states = this.#cache.viewStates();
    const { position, velocity } = this.#cache.viewJoints();
    for (let robot = 0; robot < this.config.numRobots; robot++) {
      this.#kinematics.writeRoot(out, robot, states);
    }
    for (const { index } of this.#joints.sites) {
      out.jointPosition[index] = position[index]!;
      out.jointVelocity[index] = velocity[index]!;
      out.jointEffort[index] = this.#lastEffort[index]! + this.#joints.driveEffort[index]!;
    }
  }

  writeState(robot: number, state: StateBatch, row: number): void {
    if (this.#asBuilt !== undefined) this.#rebuild(robot, this.#asBuilt);
    const states = this.#cache.viewStates();
    this.#kinematics.writeBodies(states, robot, state, row, this.#cache.joints);
    this.#cache.forgetJoints();
    const first = robot * this.#numBodies;
    for (let i = 0; i < this.#numBodies; i++) this.#bodies.write(first + i, states);
    const numJoints = this.config.model.jointNames.length;
    this.#lastEffort.fill(0, robot * numJoints, (robot + 1) * numJoints);
    this.#joints.reset(robot);
    this.#wasWritten[robot] = 1;
    this.#collidersAreFresh = false;
  }

  setDrive(robot: number, jointIndex: number, drive: JointDrive): void {
    const { model } = this.config;
    assertDrive(model, this.#kinematics.bodies, jointIndex, drive);
    this.#joints.setDrive(robot * model.jointNames.length + jointIndex, drive);
  }

  setScales(robot: number, given: Partial<RobotScales>): void {
    const scales = { ...UNIT_SCALES, ...given };
    assertScales(this.config, scales);
    this.#scales[robot] = given;
    const { shard, copy } = this.#places[robot]!;
    for (const [i, body] of this.#kinematics.bodies.entries()) {
      if (body.mass > 0) this.#setMass(robot, i, scaleBody(body, scales, i === 0));
    }
    for (const { handle, friction, restitution } of copy.colliders.flat()) {
      const collider = shard.world.getCollider(handle);
      collider.setFriction(friction * scales.contactFriction);
      collider.setRestitution(clamp(restitution + scales.restitutionOffset, 0, 1));
    }
    this.gravityOffsetW.set(scales.gravityOffsetW, 3 * robot);
    this.#joints.setScales(robot, scales);
  }

  isInContact(robot: number): boolean {
    if (this.#wasWritten[robot] === 1) return false;
    return this.#contacts.touchesScene(this.#contactViews[robot]!, this.#cache.viewStates());
  }

  writeContactForces(out: Float64Array, wanted?: Uint8Array): void {
    out.fill(0);
    const { numRobots, timestepS, solver } = this.config;
    // What Rapier 0.20 tells as impulses holds the last substep of the step before once more.
    const iterations = solver.rapier.iterations / this.#substeps;
    const perImpulse = (iterations / (iterations + 1)) * (this.#substeps / timestepS);
    for (let robot = 0; robot < numRobots; robot++) {
      if (this.#wasWritten[robot] === 1) continue;
      const offset = 3 * robot * this.shapeNames.length;
      const view = this.#contactViews[robot]!;
      this.#contacts.addNormalForces(out, offset, view, perImpulse, wanted);
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
    if (!this.#collidersAreFresh) {
      for (const { world } of this.#shards) world.propagateModifiedBodyPositionsToColliders();
      this.#collidersAreFresh = true;
    }
    this.#rays.cast(rays, this.#cache.viewStates(), this.#rayTargets, except);
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
    this.#cache.viewJoints();
    const worlds = this.#shards.map(({ world }) => world.takeSnapshot());
    return packSnapshot(this.#label, this.#listArrays(this.#joints.copyHandles()), worlds);
  }

  restore(snapshot: Uint8Array): void {
    const handles = this.#joints.copyHandles();
    const arrays = this.#listArrays(handles);
    const worlds = unpackSnapshot(snapshot, this.#label, arrays, this.#shards.length);
    for (const [s, bytes] of worlds.entries()) this.#shards[s]!.restore(bytes);
    this.#bodies.connect(this.#places);
    this.#joints.reconnect(handles, this.#places);
    this.#objects.reconnect();
    this.#connect();
    this.clearInputs();
  }

  free(): void {
    for (const { world } of this.#shards) world.free();
    this.#rays.free();
  }

  #listArrays(handles: Float64Array): StateArrays {
    return [
      this.#lastEffort,
      this.#kinematics.centres,
      this.#wrenches.masses,
      this.gravityOffsetW,
      this.#wasWritten,
      this.drivePosition,
      this.driveVelocity,
      this.#cache.joints.reference,
      this.#objects.placed,
      this.#objects.isOnItsWay,
      handles,
      ...this.#joints.arrays,
    ];
  }

  /** A body whose centre of mass moves keeps the velocity of its origin. */
  #setMass(robot: number, index: number, scaled: MassProperties): void {
    const row = robot * this.#numBodies + index;
    const body = this.#bodies.get(row);
    const { centres } = this.#kinematics;
    this.#wrenches.masses[row] = scaled.mass;
    const shift = scaled.centreOfMass.map((x, k) => x - centres[3 * row + k]!);
    setMass(body, scaled);
    if (shift.every((x) => x === 0) || body.isFixed()) return;
    const { orientation, angularVelocityW, centreVelocityW } = this.#cache.viewStates();
    centres.set(scaled.centreOfMass, 3 * row);
    writeRotated(shift, 0, orientation, 4 * row, shift, 0);
    writeCross(shift, 0, angularVelocityW, 3 * row, shift, 0);
    const [x, y, z] = shift.map((v, k) => v + centreVelocityW[3 * row + k]!) as [
      number,
      number,
      number,
    ];
    body.setLinvel({ x, y, z }, true);
    this.#cache.forget();
  }

  /**
   * Gives a copy that is alone in its world a world without a past: the order in which Rapier solves contacts and
   * joints hangs on what has touched what since it was built.
   */
  #rebuild(robot: number, asBuilt: Uint8Array): void {
    const { shard, copy } = this.#places[robot]!;
    const objects = copy.moving.map(({ body }) => {
      const { world } = shard;
      const object = world.getRigidBody(body);
      return [body, object.translation(), object.rotation(), object.linvel()] as const;
    });
    shard.restore(asBuilt);
    for (const [handle, position, orientation, velocity] of objects) {
      const object = shard.world.getRigidBody(handle);
      object.setTranslation(position, true);
      object.setRotation(orientation, true);
      object.setLinvel(velocity, true);
    }
    this.#bodies.connect(this.#places);
    this.#joints.rebuild(robot, this.#handlesAsBuilt, this.#places);
    this.#connectViews(robot);
    this.setScales(robot, this.#scales[robot]!);
  }

  #connect(): void {
    for (let robot = 0; robot < this.#places.length; robot++) this.#connectViews(robot);
    this.#cache.forget();
    this.#collidersAreFresh = false;
  }

  /** Finds what contacts and rays of a copy are about, in the world that it is in now. */
  #connectViews(robot: number): void {
    const isPlane = this.config.scene.ground?.kind === 'plane';
    const place = this.#places[robot]!;
    this.#contactViews[robot] = makeContactView(place, robot, this.#numBodies, isPlane);
    this.#rayTargets[robot] = makeRayTargets(place, robot, this.#numBodies);
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
}
