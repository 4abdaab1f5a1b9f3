import { type ActuatorBank, makeActuatorBank } from './actuator/actuators.ts';
import { Clearance } from './clearance.ts';
import { Disturbances } from './disturbance/disturbances.ts';
import type { Engine } from './engine/engine.ts';
import { makeMujocoEngine } from './engine/mujoco.ts';
import { makeRapierEngine } from './engine/rapier.ts';
import { throwIfAny } from './errors.ts';
import { STANDARD_GRAVITY } from './math/gravity.ts';
import { Rng } from './math/rng.ts';
import type { Vec3 } from './math/vec3.ts';
import { type ObstacleState, Obstacles } from './obstacles.ts';
import { applyActuation } from './randomize/actuation.ts';
import { type Context, computeLargest, RandomizationPlan } from './randomize/draw.ts';
import { listParts } from './randomize/entries.ts';
import { applyPhysical } from './randomize/physical.ts';
import { moveStart } from './randomize/place.ts';
import { type ContextEvent, Redraws } from './randomize/redraws.ts';
import { computeSensorDraw } from './randomize/sensing.ts';
import { computeTotalMass, type RobotModel } from './robot/model.ts';
import { copyStateRow, makeStateBatch, type StateBatch } from './robot/state.ts';
import type { SensorReadings } from './sensor/reading.ts';
import { type ImuReading, type PoseReading, SensorSuite } from './sensor/sensor-suite.ts';
import type { Field, FieldSpec } from './task/field.ts';
import { computeGroundHeight } from './terrain/ground-height.ts';
import type { Scene } from './terrain/scene.ts';
import {
  checkWorldOptions,
  listVarying,
  type RobotWorldOptions,
  resolvePhysicsRate,
  resolveSolver,
} from './world-options.ts';
import { makeStartRaiser, type StartWriter, writeHome } from './world-start.ts';

const ENGINES = { rapier: makeRapierEngine, mujoco: makeMujocoEngine } as const;

/** How an episode starts, besides where. */
export interface WorldResetOptions {
  /** `hover` (default): turning as after a long hover; `rest`: as after a long stop, on the ground */
  readonly motors?: 'hover' | 'rest';
  /** Of the robot rather than the episode, for what is drawn once per robot; default: the episode's. */
  readonly startup?: Rng | undefined;
  /** [-] @range 0, 1 of ranges that widen with it; default: what the randomisation draws */
  readonly difficulty?: number | undefined;
  /** Draws where the movable objects of the scene are; default: where the scene has them. */
  readonly field?: FieldSpec | undefined;
}

/**
 * N copies of one robot with physics, actuators, sensors, on-board estimator and weather, but no
 * task: what the training environment and the simulator node both drive. All poses are in each
 * robot's own odom frame. Nothing is allocated in `advance`.
 */
export class RobotWorld {
  readonly model: RobotModel;
  readonly numRobots: number;
  /** What stands around every robot, in its own odom frame. */
  readonly scene: Scene;
  /** For experiments that look closer, or reach deeper; the world does not notice what they change. */
  readonly engine: Engine;
  readonly controlPeriodS: number;
  /** Physics steps per control period. */
  readonly substeps: number;
  readonly truth: StateBatch;
  /** [numRobots] 1 where a collision shape touched the world during the last control period */
  readonly contact: Uint8Array;
  readonly #physicsRateHz: number;
  readonly #dt: number;
  readonly #actuators: ActuatorBank;
  readonly #sensors: SensorSuite;
  readonly #disturbances: Disturbances;
  /** What is drawn, and the names of it. */
  readonly randomization: RandomizationPlan;
  readonly #contexts: Context[];
  readonly #current: Context[];
  /** Absent where nothing changes during an episode. */
  readonly #redraws: Redraws | undefined;
  readonly #obstacles: Obstacles;
  readonly #clearance: Clearance;
  readonly #fields: (Field | undefined)[] = [];
  readonly #start: StateBatch;
  readonly #raiseStart: ReturnType<typeof makeStartRaiser>;
  /** [numRobots, numShapes, 3] N [@frame odom] */
  readonly #contactForceW: Float64Array;
  #tick: number;

  constructor(options: RobotWorldOptions, engine: Engine) {
    const { model, numRobots, controlRateHz, randomization } = options;
    const physicsRateHz = resolvePhysicsRate(options);
    this.model = model;
    this.numRobots = numRobots;
    this.scene = options.scene;
    this.engine = engine;
    this.controlPeriodS = 1 / controlRateHz;
    this.substeps = Math.round(physicsRateHz / controlRateHz);
    this.truth = makeStateBatch(numRobots, model.jointNames.length);
    this.contact = new Uint8Array(numRobots);
    this.#physicsRateHz = physicsRateHz;
    this.#dt = 1 / physicsRateHz;
    this.#tick = options.startStep ?? 0;
    this.randomization = new RandomizationPlan(randomization, listParts(model, options.scene));
    this.#obstacles = new Obstacles(engine, physicsRateHz);
    this.#clearance = new Clearance(options.scene, this.#obstacles);
    this.#start = makeStateBatch(numRobots, model.jointNames.length);
    this.#raiseStart = makeStartRaiser(model, options.scene);
    this.#contactForceW = new Float64Array(numRobots * engine.shapeNames.length * 3);
    this.#actuators = makeActuatorBank(model, numRobots, {
      computeGroundHeight: (_robot, x, y, z) => computeGroundHeight(options.scene, x, y, 'top', z),
      sharedAir: options.air === 'shared' ? { mapFromOdom: engine.mapFromOdom } : undefined,
    });
    this.#actuators.setMotorTimeout(options.motorTimeoutS ?? model.safety.motorTimeoutS);
    const gravityW = engine.config.gravityW;
    this.#sensors = new SensorSuite({
      model,
      numRobots,
      gravityW,
      surroundings: engine,
      timing: {
        physicsRateHz,
        maxLatencyScale: computeLargest(randomization, 'sensorLatencyScale'),
        maxJitterScale: computeLargest(randomization, 'sensorJitterScale'),
      },
    });
    const weight = computeTotalMass(model) * Math.abs(gravityW[2]);
    this.#disturbances = new Disturbances({
      ...{ model, numRobots, randomization, weight },
      dt: this.#dt,
    });
    this.#contexts = [];
    this.#current = [];
    const { intervals } = this.randomization;
    this.#redraws =
      intervals.length === 0
        ? undefined
        : new Redraws(this.randomization, numRobots, physicsRateHz);
    for (let robot = 0; robot < numRobots; robot++) {
      this.reset(robot, new Rng(0, 'world', robot), () => {});
    }
  }

  /** What the robots' computers know: the only state for controllers. */
  get measured(): StateBatch {
    return this.#sensors.measured;
  }

  /** What every sensor shows of each robot, by the name of the sensor. */
  get readings(): SensorReadings {
    return this.#sensors.readings;
  }

  get imu(): ImuReading {
    return this.#sensors.imu;
  }

  get motionCapture(): PoseReading {
    return this.#sensors.motionCapture;
  }

  /** What each robot drew at its last reset. */
  get contexts(): readonly Context[] {
    return this.#contexts;
  }

  /** What holds now: the draws of the last resets with all that was drawn anew since. */
  get currentContexts(): readonly Context[] {
    return this.#current;
  }

  /** What was drawn to stand and move around a robot at its last reset; undefined where nobody draws it. */
  getField(robot: number): Field | undefined {
    return this.#fields[robot];
  }

  /** Names of the objects of the scene that move, in the order of {@link obstaclePlaces}. */
  get obstacleNames(): readonly string[] {
    return this.#obstacles.names;
  }

  /** [numRobots, numMovable, 4] x, y, z [m] and yaw [rad] [@frame odom]; far up where one is not there */
  get obstaclePlaces(): Float64Array {
    return this.#obstacles.places;
  }

  /** [numRobots, numMovable, 2] m/s [@frame odom] along x and y */
  get obstacleVelocities(): Float64Array {
    return this.#obstacles.velocities;
  }

  /** Whether one of {@link obstacleNames} stands around this robot, or is one that was not drawn. */
  isObstacleThere(robot: number, obstacle: number): boolean {
    return this.#obstacles.isThere(robot, obstacle);
  }

  /**
   * How far base_link truly is from the nearest object of the scene, seen from above: 0 inside, +Infinity where there
   * is none. [m]
   */
  computeClearance(robot: number): number {
    return this.#clearance.compute(this.truth, robot);
  }

  /** What was drawn anew since a robot's last reset, in order. */
  getContextEvents(robot: number): readonly ContextEvent[] {
    return this.#redraws?.getEvents(robot) ?? [];
  }

  /** [numRobots, 3] N [@frame odom] outside force (gusts and pushes) of the last physics step */
  get disturbanceForceW(): Float64Array {
    return this.#disturbances.forceW;
  }

  /** [numRobots, 6] N, N·m [@frame base_link] what an adversary does to each base; undefined where there is none */
  get adversaryWrenchB(): Float64Array | undefined {
    return this.#disturbances.adversaryWrenchB;
  }

  /** [numRobots] 1 while a robot's motors have stopped by themselves for want of commands */
  get hasTimedOut(): Uint8Array {
    return this.#actuators.hasTimedOut;
  }

  /** [numRobots, 3] m [@frame map] origin of each odom frame */
  get mapFromOdom(): Float64Array {
    return this.engine.mapFromOdom;
  }

  /** Names of a robot's collision shapes, in the order of {@link viewContactForces}. */
  get shapeNames(): readonly string[] {
    return this.engine.shapeNames;
  }

  /** [s] on its clock, which began with `startStep` */
  get timeS(): number {
    return this.#tick / this.#physicsRateHz;
  }

  /** Physics steps on its clock, which began with `startStep`. */
  get numSteps(): number {
    return this.#tick;
  }

  /**
   * Starts a new episode of one robot: draws its physics, puts it at its start, forgets what
   * its actuators, sensors and estimator held. All randomness of the episode comes from `rng`, but what is drawn
   * once per robot.
   */
  reset(robot: number, rng: Rng, start: StartWriter, options: WorldResetOptions = {}): void {
    const { motors = 'hover', startup, difficulty, field: spec } = options;
    const context = this.randomization.draw(rng.fork('context'), { startup, difficulty });
    this.#contexts[robot] = context;
    this.#current[robot] = context;
    this.#redraws?.reset(robot, this.#tick, rng.fork('redraw'));
    writeHome(this.#start, robot, this.model);
    const field = spec?.make(rng.fork('field'), context.difficulty);
    this.#fields[robot] = field;
    start(this.#start, robot, this.model, rng.fork('start'), field);
    moveStart(this.#start, robot, context, this.scene);
    this.#raiseStart(this.#start, robot);
    applyPhysical(this.engine, robot, context, this.randomization);
    applyActuation(this.#actuators, robot, context, this.randomization, this.model);
    this.#actuators.reset(robot, motors === 'rest' ? { command: this.model.safety.stop } : {});
    this.engine.writeState(robot, this.#start, robot);
    this.#obstacles.reset(robot, this.#tick, context.obstacleTimeS, context, field);
    copyStateRow(this.truth, robot, this.#start, robot);
    this.#actuators.writeJointState(this.truth);
    this.#disturbances.reset(robot, rng, context);
    this.#sensors.reset(
      robot,
      this.#tick,
      this.truth,
      rng.fork('sensor'),
      computeSensorDraw(context),
    );
    this.contact[robot] = 0;
  }

  /**
   * Puts one robot elsewhere in mid-episode. Its motors, sensors and estimator go on and see it jump; what it drew stays.
   * @param state whose row `row` it takes over, joints too [@frame odom]
   */
  writeState(robot: number, state: StateBatch, row: number): void {
    this.engine.writeState(robot, state, row);
    copyStateRow(this.truth, robot, state, row);
    this.#actuators.writeJointState(this.truth);
    this.contact[robot] = 0;
  }

  /**
   * Where an object of the scene stands or moves around a robot now.
   * @param object index in `scene.objects`
   */
  copyObjectState(robot: number, object: number): ObstacleState {
    const { odomFromObject } = this.scene.objects[object]!;
    const standing = { odomFromObject, linearVelocityW: [0, 0, 0], isThere: true } as const;
    return this.#obstacles.copyState(robot, object) ?? standing;
  }

  /**
   * Gives one robot's motors a new command; it reaches them after the drawn latency. Not checked.
   * @param command [numActuatedJoints] in the robot's command unit, actuated joint order
   */
  setCommand(robot: number, command: Float64Array): void {
    this.#actuators.setCommand(robot, command, this.timeS);
  }

  /**
   * Pushes one robot from now on. @param forceW [N] [@frame odom] @param durationS [s]
   * @throws RangeError for a force or a time that is not finite
   */
  pushRobot(robot: number, forceW: Vec3, durationS: number): void {
    this.#disturbances.push(robot, forceW, durationS);
  }

  /**
   * Lets an adversary act on one robot's base until it chooses again, within the bounds that the robot drew.
   * @param raw [6] from `offset` on: force, then torque, each at most 1 long [-] [@frame base_link]
   * @throws RangeError where the randomisation has no adversary
   */
  setAdversary(robot: number, raw: ArrayLike<number>, offset = 0): void {
    this.#disturbances.choose(robot, raw, offset);
  }

  /** Contact forces are told of every physics step from the next one on, which takes time. */
  watchContactForces(): void {
    this.engine.watchContactForces();
  }

  /**
   * Contact forces on every collision shape during the last physics step; borrowed until the next call.
   * [numRobots, numShapes, 3] N [@frame odom], order of `shapeNames`
   * @throws RangeError where nobody watches
   */
  viewContactForces(): Float64Array {
    this.engine.writeContactForces(this.#contactForceW);
    return this.#contactForceW;
  }

  /** How deep a robot is in its surroundings, or in itself, at the deepest contact. [m] */
  computePenetration(robot: number): number {
    return this.engine.computePenetration(robot);
  }

  /** Runs one control period. */
  advance(): void {
    this.contact.fill(0);
    if (this.#redraws !== undefined) this.#redraw(this.#redraws);
    this.#sensors.clearNew();
    for (let substep = 0; substep < this.substeps; substep++) {
      this.#disturbances.writeForces(this.engine);
      this.#actuators.apply(this.engine, this.truth, this.timeS, this.#dt);
      this.#disturbances.addAdversary(this.engine);
      this.#obstacles.place(this.#tick + 1);
      this.engine.step();
      this.#tick++;
      this.#readTruth();
      this.#sensors.sample(this.#tick, this.truth);
    }
    this.#sensors.writeMeasured(this.#tick);
  }

  free(): void {
    this.engine.free();
  }

  /** Draws anew what is due: everything that follows a context during an episode is told. */
  #redraw(redraws: Redraws): void {
    for (let robot = 0; robot < this.numRobots; robot++) {
      const context = redraws.advance(robot, this.#tick, this.#current[robot]!);
      if (context === undefined) continue;
      this.#current[robot] = context;
      applyPhysical(this.engine, robot, context, this.randomization);
      applyActuation(this.#actuators, robot, context, this.randomization, this.model);
      this.#disturbances.retune(robot, context);
    }
  }

  #readTruth(): void {
    this.engine.readState(this.truth);
    this.#actuators.writeJointState(this.truth);
    for (let robot = 0; robot < this.numRobots; robot++) {
      if (this.contact[robot] === 0 && this.engine.isInContact(robot)) this.contact[robot] = 1;
    }
  }
}

/**
 * Makes a world; every robot stands at its home until it is reset.
 * @throws UserError for rates that do not divide, a randomisation that makes no sense, sensors that cannot
 *   tell the robot's state, or an engine that is not installed
 */
export async function makeRobotWorld(options: RobotWorldOptions): Promise<RobotWorld> {
  throwIfAny(checkWorldOptions(options));
  const engine = await ENGINES[options.engine ?? 'rapier']({
    model: options.model,
    numRobots: options.numRobots,
    timestepS: 1 / resolvePhysicsRate(options),
    gravityW: [0, 0, -(options.gravity ?? STANDARD_GRAVITY)],
    tileSpacing: options.tileSpacing,
    scene: options.scene,
    solver: resolveSolver(options.model.physics.solver, options.solver),
    varies: listVarying(options.randomization),
  });
  return new RobotWorld(options, engine);
}
