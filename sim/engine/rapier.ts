import type RAPIER from '@dimforge/rapier3d-simd-compat';
import type { QuatXYZW } from '../math/quat.ts';
import { clamp, type Vec3 } from '../math/vec3.ts';
import { makeStateBatch, type StateBatch } from '../robot/state.ts';
import { checkEngineConfig } from './check-config.ts';
import { assertDrive, assertMoves, assertScales, assertWatched, findBodyOfLink } from './checks.ts';
import { type ConvexParts, computeConvexParts } from './convex.ts';
import {
  type BareWorlds,
  type Engine,
  type EngineConfig,
  type JointDrive,
  type RayBatch,
  type RobotScales,
  UNIT_SCALES,
} from './engine.ts';
import { type Kinematics, makeKinematics } from './kinematics.ts';
import { giveServos, makeBareWorlds } from './rapier/bare-worlds.ts';
import { BodyTable } from './rapier/body-table.ts';
import { makeCollisionRules } from './rapier/collision-rules.ts';
import { ContactForces } from './rapier/contact-forces.ts';
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
import { BodyMasses } from './rapier/masses.ts';
import { MovingObjects } from './rapier/objects.ts';
import { PlaneGates } from './rapier/plane-gates.ts';
import { RayCaster, type RayTargets } from './rapier/rays.ts';
import type { Shard } from './rapier/shard.ts';
import { packSnapshot, type StateArrays, unpackSnapshot } from './rapier/snapshot.ts';
import { StateCache } from './rapier/state-cache.ts';
import { scaleBody } from './scaled-body.ts';
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
 * What its solver does (`solver.internalIterations` sweeps per substep). Sweeps find the impulses in joints from nothing
 * in every step, and slowly. So the motion of a robot that nothing touches is found beforehand, by recursion over its
 * bodies, and Rapier starts from it (rapier/articulation.ts); what is left to sweeps is contacts and limits of joints:
 * - few will do. The knees of go2, standing at 5 ms without friction in its joints, need 5.945 N·m; they have 5.932,
 *   5.941 and 5.945 after 2, 4 and 16 sweeps. With friction they come to rest where MuJoCo's do, to 0.06 N·m;
 * - go2 stands: between 2 s and 10 s it creeps by less than 0.001 mm at 5 ms and 1 × 4, its feet sunk in by 0.1 mm. A
 *   humanoid of 29 joints creeps by 1.1 mm, the fingers of a hand of 24 joints and links of 5 g stand still;
 * - weightless, with loose joints, turning at 3 rad/s, go2 gains 0.02 % of energy in 60 s at 2 ms and 2 × 8 and loses
 *   7 %, which is the integrator's doing and falls with the step;
 * - thrown on the floor in any way, at 5 ms and 1 × 4, its trunk turns as fast as MuJoCo's: 8.1 rad/s at most in the
 *   median of 48 throws, 10.8 in nine of ten; MuJoCo has 7.8 and 10.0.
 * Robots whose joints nothing acts along (no servo, rotor, friction or damping) are Rapier's from beginning to end; what is
 * next to nothing in their orientations becomes zero, or some processors would take three times as long for those that
 * move in a plane (rapier/body-table.ts).
 *
 * Joints: damping, friction, armature and servos are implicit (rapier/laws.ts), followers are servos of Rapier's own
 * (rapier/mimics.ts). Where there is any of them, each substep is a step of Rapier's own, collision detection
 * included. A follower of 1 kg, 0.3 m beside its axle, that swings by a radian at 1.6 Hz, strays by 0.2 mrad at
 * 2 ms and 2 × 8. Position limits hold; velocity and effort limits of the URDF are the actuators' business.
 * A joint that its drive presses against its limit turns the whole robot, as if from outside: weightless, with one calf of
 * go2 pressed at 35 N·m, by 0.02 N·m, 0.18 kg·m²/s after 10 s; a tenth at 1 ms and 2 × 32, no less with more sweeps
 * alone. Within limits momentum is kept as well as MuJoCo keeps it (0.004 kg·m²/s).
 *
 * What strikes a joint that resists steeply (a rotor, a stiff servo) feels that at once, as weight added to the child
 * (rapier/added-weight.ts); the parent feels it a step later, through what the joint is foreseen to do.
 *
 * Contacts: forces are normal forces alone, for Rapier's interface tells friction only under a model of it that slides
 * too easily (rapier/world.ts). A share 1/(n + 1) of them is that of before, n being the substeps of a step of
 * Rapier's own, so sums over time are right. Rays meet cylinders and capsules to within 0.02 mm, everything else to rounding.
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
  readonly #masses: BodyMasses;
  readonly #objects: MovingObjects;
  readonly #rays: RayCaster;
  readonly #contacts = new ContactReader();
  readonly #forces: ContactForces;
  readonly #wrenches: Wrenches;
  readonly #cache: StateCache;
  readonly #gates: PlaneGates;
  #collidersAreFresh = false;
  /** [numRobots, numJoints] inputs as applied in the last step */
  readonly #lastEffort: Float64Array;
  /** [numRobots] 1 from a write until the next step: contacts are those of the old pose */
  readonly #wasWritten: Uint8Array;
  readonly #scales: Partial<RobotScales>[];
  /** A world as built, where copies have one each. */
  readonly #asBuilt: Uint8Array | undefined;
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
    const parts = { config, bodies, rules, convexParts, shapeNames: this.shapeNames };
    this.#shards = makeShards(parts);
    this.#places = listPlaces(this.#shards);
    this.#gates = new PlaneGates(parts, this.#places);
    this.#forces = new ContactForces(this.#shards, this.shapeNames.length);
    this.#bodies = new BodyTable(this.#places, bodies.length, model.base);
    this.#cache = new StateCache(this.#bodies, this.#kinematics, numRobots, numJoints);
    this.#joints = new JointWorks(config, this.#kinematics, this.#places);
    this.#masses = new BodyMasses({
      kinematics: this.#kinematics,
      bodies: this.#bodies,
      joints: this.#joints,
      cache: this.#cache,
      masses: this.#wrenches.masses,
    });
    this.#objects = new MovingObjects(this.#places.map(({ copy }) => copy));
    this.#rays = new RayCaster(scene);
    this.#connect();
    this.#scales = Array.from({ length: numRobots }, () => UNIT_SCALES);
    const [first] = this.#shards;
    this.#asBuilt = first?.copies.length === 1 ? first.world.takeSnapshot() : undefined;
    this.#putHome();
  }

  step(): void {
    const works = this.#joints;
    const substeps = this.#substeps;
    works.driveEffort.fill(0);
    this.#forces.beginStep();
    let wereFlushed = false;
    for (let substep = 0; substep < substeps; substep++) {
      const states = this.#cache.viewStates();
      this.#gates.update(states);
      const joints = works.needStates ? this.#cache.viewJoints() : this.#cache.joints;
      works.beforeSubstep(this.jointEffort, joints);
      this.#wrenches.gather(this, works.effort, states);
      if (works.isActive) {
        works.launch(states, joints, this, this.#wrenches, this.#masses.onWeight);
        this.#bodies.launch(works.articulation.startVelocity, works.articulation.startSpin);
      } else this.#bodies.push(this.#wrenches);
      for (let s = 0; s < this.#shards.length; s++) {
        this.#shards[s]!.world.step(this.#forces.getQueue(s));
      }
      this.#cache.forget();
      if (works.isActive) {
        works.afterSubstep(this.#cache.viewStates(), this.#cache.viewJoints(), this, 1 / substeps);
      } else wereFlushed = this.#bodies.flushToZero(this.#cache.viewStates());
    }
    const hasSettled = this.#objects.settle((robot, slot) => this.#getMovingBody(robot, slot));
    this.#collidersAreFresh = !hasSettled && !wereFlushed;
    this.#wasWritten.fill(0);
    this.#forces.endStep(substeps);
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
    // As 32-bit numbers, whoever reads them next.
    this.#bodies.read(states, first, first + this.#numBodies);
    const numJoints = this.config.model.jointNames.length;
    this.#lastEffort.fill(0, robot * numJoints, (robot + 1) * numJoints);
    this.#joints.reset(robot);
    this.#wasWritten[robot] = 1;
    this.#collidersAreFresh = false;
  }

  setDrive(robot: number, jointIndex: number, drive: JointDrive): void {
    const { model } = this.config;
    assertDrive(model, this.#kinematics.bodies, jointIndex, drive);
    const wasActive = this.#joints.isActive;
    this.#joints.setDrive(robot * model.jointNames.length + jointIndex, drive);
    if (this.#joints.isActive !== wasActive) this.#setSubsteps();
    this.#masses.weighBehind(robot, jointIndex);
  }

  setScales(robot: number, given: Partial<RobotScales>): void {
    const scales = { ...UNIT_SCALES, ...given };
    assertScales(this.config, scales);
    this.#scales[robot] = given;
    const { shard, copy } = this.#places[robot]!;
    this.#joints.setScales(robot, scales);
    for (const [i, body] of this.#kinematics.bodies.entries()) {
      if (body.mass > 0) this.#masses.set(robot, i, scaleBody(body, scales, i === 0));
    }
    for (const { handle, friction, restitution } of copy.colliders.flat()) {
      const collider = shard.world.getCollider(handle);
      collider.setFriction(friction * scales.contactFriction);
      collider.setRestitution(clamp(restitution + scales.restitutionOffset, 0, 1));
    }
    this.gravityOffsetW.set(scales.gravityOffsetW, 3 * robot);
  }

  isInContact(robot: number): boolean {
    if (this.#wasWritten[robot] === 1) return false;
    return this.#contacts.touchesScene(this.#contactViews[robot]!, this.#cache.viewStates());
  }

  watchContactForces(): void {
    this.#forces.watch();
  }

  writeContactForces(out: Float64Array): void {
    assertWatched(this.#forces.isWatched);
    out.set(this.#forces.take());
    const width = 3 * this.shapeNames.length;
    for (let robot = 0; robot < this.config.numRobots; robot++) {
      if (this.#wasWritten[robot] === 1) out.fill(0, robot * width, (robot + 1) * width);
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
    this.#forces.take();
    const worlds = this.#shards.map(({ world }) => world.takeSnapshot());
    return packSnapshot(this.#label, this.#arrays, worlds);
  }

  restore(snapshot: Uint8Array): void {
    // What is not taken by now would be taken for what comes after.
    this.#forces.take();
    const worlds = unpackSnapshot(snapshot, this.#label, this.#arrays, this.#shards.length);
    for (const [s, bytes] of worlds.entries()) this.#shards[s]!.restore(bytes);
    this.#bodies.connect(this.#places);
    this.#joints.reconnect(this.#places);
    this.#masses.reread();
    this.#objects.reconnect();
    this.#connect();
    this.clearInputs();
  }

  copyWorlds(servos?: { readonly sweeps: number }): BareWorlds {
    const worlds = this.#shards.map((shard) => shard.copyWorld());
    if (servos !== undefined) {
      giveServos(worlds, this.#shards, this.#joints, this, servos.sweeps);
    }
    return makeBareWorlds(worlds, this.#substeps);
  }

  free(): void {
    for (const { world } of this.#shards) world.free();
    this.#forces.free();
    this.#rays.free();
    this.#bodies.free();
  }

  get #arrays(): StateArrays {
    return [
      this.#lastEffort,
      this.#kinematics.centres,
      this.#wrenches.masses,
      this.gravityOffsetW,
      this.#wasWritten,
      this.#forces.forceW,
      this.drivePosition,
      this.driveVelocity,
      this.#cache.joints.reference,
      this.#objects.placed,
      this.#objects.isOnItsWay,
      this.#gates.isOpen,
      ...this.#joints.arrays,
    ];
  }

  /** Steps of Rapier in a step. */
  get #substeps(): number {
    return this.#joints.isActive ? this.config.solver.rapier.iterations : 1;
  }

  #setSubsteps(): void {
    const { timestepS, solver } = this.config;
    for (const { world } of this.#shards) {
      world.timestep = timestepS / this.#substeps;
      world.numSolverIterations = solver.rapier.iterations / this.#substeps;
    }
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
    this.#gates.reset(robot);
    this.#bodies.connect(this.#places);
    this.#joints.rebuild(robot, this.#places);
    this.#setSubsteps();
    this.#connectViews(robot);
    this.setScales(robot, this.#scales[robot]!);
  }

  #connect(): void {
    for (let robot = 0; robot < this.#places.length; robot++) this.#connectViews(robot);
    this.#cache.forget();
    this.#collidersAreFresh = false;
    this.#setSubsteps();
  }

  /** Finds what contacts and rays of a copy are about, in the world that it is in now. */
  #connectViews(robot: number): void {
    const isPlane = this.config.scene.ground?.kind === 'plane';
    const place = this.#places[robot]!;
    this.#gates.connect(robot);
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
