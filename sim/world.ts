import { type ActuatorBank, makeActuatorBank } from './actuator/actuators.ts';
import { Pushes } from './disturbance/push.ts';
import { Wind } from './disturbance/wind.ts';
import type { Engine } from './engine/engine.ts';
import { makeMujocoEngine } from './engine/mujoco.ts';
import { makeRapierEngine } from './engine/rapier.ts';
import { throwIfAny } from './errors.ts';
import { STANDARD_GRAVITY } from './math/gravity.ts';
import { Rng } from './math/rng.ts';
import type { Vec3 } from './math/vec3.ts';
import { Obstacles } from './obstacles.ts';
import { applyActuation } from './randomize/actuation.ts';
import type { RandomizationConfig } from './randomize/config.ts';
import { type Context, computeSupport, drawContext } from './randomize/draw.ts';
import { applyPhysical } from './randomize/physical.ts';
import { computeSensorDraw } from './randomize/sensing.ts';
import { computeTotalMass, type RobotModel } from './robot/model.ts';
import { copyStateRow, makeStateBatch, type StateBatch } from './robot/state.ts';
import type { SensorReadings } from './sensor/reading.ts';
import { type ImuReading, type PoseReading, SensorSuite } from './sensor/sensor-suite.ts';
import { computeGroundHeight } from './terrain/ground-height.ts';
import type { Scene } from './terrain/scene.ts';
import {
  checkWorldOptions,
  type RobotWorldOptions,
  resolvePhysicsRate,
  resolveSolver,
} from './world-options.ts';
import { makeStartRaiser, type StartWriter, writeHome } from './world-start.ts';

const ENGINES = { rapier: makeRapierEngine, mujoco: makeMujocoEngine } as const;

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
  /** [numRobots, 3] N [@frame odom] outside force (gusts and pushes) of the last physics step */
  readonly disturbanceForceW: Float64Array;
  readonly #physicsRateHz: number;
  readonly #dt: number;
  readonly #actuators: ActuatorBank;
  readonly #sensors: SensorSuite;
  readonly #pushes: Pushes;
  readonly #wind: Wind;
  readonly #randomization: RandomizationConfig;
  readonly #contexts: Context[];
  readonly #obstacles: Obstacles;
  readonly #start: StateBatch;
  readonly #raiseStart: ReturnType<typeof makeStartRaiser>;
  /** [numRobots, numShapes, 3] N [@frame odom] */
  readonly #contactForceW: Float64Array;
  #tick = 0;

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
    this.disturbanceForceW = new Float64Array(numRobots * 3);
    this.#physicsRateHz = physicsRateHz;
    this.#dt = 1 / physicsRateHz;
    this.#randomization = randomization;
    this.#obstacles = new Obstacles(engine, physicsRateHz);
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
        maxLatencyScale: computeSupport(randomization.sensorLatencyScale)[1],
      },
    });
    const weight = computeTotalMass(model) * Math.abs(gravityW[2]);
    this.#pushes = new Pushes(numRobots, weight, this.#dt);
    this.#wind = new Wind(numRobots, weight, this.#dt);
    this.#contexts = [];
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

  /** [s] since construction */
  get timeS(): number {
    return this.#tick / this.#physicsRateHz;
  }

  /** Physics steps since construction. */
  get numSteps(): number {
    return this.#tick;
  }

  /**
   * Starts a new episode of one robot: draws its physics, puts it at its start, forgets what
   * its actuators, sensors and estimator held. All randomness of the episode comes from `rng`.
   * @param motors `hover`: turning as after a long hover; `rest`: as after a long stop, on the ground
   */
  reset(robot: number, rng: Rng, start: StartWriter, motors: 'hover' | 'rest' = 'hover'): void {
    const context = drawContext(this.#randomization, rng.fork('context'));
    this.#contexts[robot] = context;
    writeHome(this.#start, robot, this.model);
    start(this.#start, robot, this.model, rng.fork('start'));
    this.#raiseStart(this.#start, robot);
    applyPhysical(this.engine, robot, context);
    applyActuation(this.#actuators, robot, context);
    this.#actuators.reset(robot, motors === 'rest' ? { command: this.model.safety.stop } : {});
    this.engine.writeState(robot, this.#start, robot);
    this.#obstacles.reset(robot, this.#tick, context.obstacleTimeS);
    copyStateRow(this.truth, robot, this.#start, robot);
    this.#actuators.writeJointState(this.truth);
    this.#pushes.reset(robot, rng.fork('push'), context);
    this.#wind.reset(robot, rng.fork('wind'), context);
    this.#sensors.reset(
      robot,
      this.#tick,
      this.truth,
      rng.fork('sensor'),
      computeSensorDraw(context),
    );
    this.contact[robot] = 0;
    this.disturbanceForceW.fill(0, 3 * robot, 3 * robot + 3);
  }

  /**
   * Gives one robot's motors a new command; it reaches them after the drawn latency. Not checked.
   * @param command [numActuatedJoints] in the robot's command unit, actuated joint order
   */
  setCommand(robot: number, command: Float64Array): void {
    this.#actuators.setCommand(robot, command, this.timeS);
  }

  /** Pushes one robot from now on. @param forceW [N] [@frame odom] @param durationS [s] */
  pushRobot(robot: number, forceW: Vec3, durationS: number): void {
    this.#pushes.push(robot, forceW, durationS);
  }

  /**
   * Contact forces on every collision shape during the last physics step; borrowed until the next call.
   * [numRobots, numShapes, 3] N [@frame odom], order of `shapeNames`
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
    this.#sensors.clearNew();
    for (let substep = 0; substep < this.substeps; substep++) {
      this.#writeDisturbance();
      this.#actuators.apply(this.engine, this.truth, this.timeS, this.#dt);
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

  #writeDisturbance(): void {
    const force = this.disturbanceForceW;
    force.fill(0);
    for (let robot = 0; robot < this.numRobots; robot++) {
      this.#wind.addForce(force, robot);
      this.#pushes.addForce(force, robot);
    }
    this.engine.externalForceW.set(force);
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
  });
  return new RobotWorld(options, engine);
}
