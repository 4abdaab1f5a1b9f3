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
import { applyActuation } from './randomize/actuation.ts';
import type { RandomizationConfig } from './randomize/config.ts';
import { type Context, computeSupport, drawContext } from './randomize/draw.ts';
import { applyInertial } from './randomize/inertial.ts';
import { computeSensorDraw } from './randomize/sensing.ts';
import { computeTotalMass, type RobotModel } from './robot/model.ts';
import { copyStateRow, makeStateBatch, type StateBatch } from './robot/state.ts';
import { type ImuReading, type PoseReading, SensorSuite } from './sensor/sensor-suite.ts';
import {
  checkWorldOptions,
  type RobotWorldOptions,
  resolvePhysicsRate,
  resolveSolver,
} from './world-options.ts';
import { type StartWriter, writeHome } from './world-start.ts';

const ENGINES = { rapier: makeRapierEngine, mujoco: makeMujocoEngine } as const;

/**
 * N copies of one robot with physics, actuators, sensors, on-board estimator and weather, but no
 * task: what the training environment and the simulator node both drive. All poses are in each
 * robot's own odom frame. Nothing is allocated in `advance`.
 */
export class RobotWorld {
  readonly model: RobotModel;
  readonly numRobots: number;
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
  readonly #engine: Engine;
  readonly #actuators: ActuatorBank;
  readonly #sensors: SensorSuite;
  readonly #pushes: Pushes;
  readonly #wind: Wind;
  readonly #randomization: RandomizationConfig;
  readonly #contexts: Context[];
  readonly #start: StateBatch;
  #tick = 0;

  constructor(options: RobotWorldOptions, engine: Engine) {
    const { model, numRobots, controlRateHz, randomization } = options;
    const physicsRateHz = resolvePhysicsRate(options);
    this.model = model;
    this.numRobots = numRobots;
    this.controlPeriodS = 1 / controlRateHz;
    this.substeps = Math.round(physicsRateHz / controlRateHz);
    this.truth = makeStateBatch(numRobots, model.jointNames.length);
    this.contact = new Uint8Array(numRobots);
    this.disturbanceForceW = new Float64Array(numRobots * 3);
    this.#physicsRateHz = physicsRateHz;
    this.#dt = 1 / physicsRateHz;
    this.#engine = engine;
    this.#randomization = randomization;
    this.#start = makeStateBatch(numRobots, model.jointNames.length);
    this.#actuators = makeActuatorBank(model, numRobots);
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
    return this.#engine.mapFromOdom;
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
    applyInertial(this.#engine, robot, context);
    applyActuation(this.#actuators, robot, context);
    this.#actuators.reset(robot, motors === 'rest' ? { command: this.model.safety.stop } : {});
    this.#engine.writeState(robot, this.#start, robot);
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

  /** Runs one control period. */
  advance(): void {
    this.contact.fill(0);
    this.#sensors.clearNew();
    for (let substep = 0; substep < this.substeps; substep++) {
      this.#writeDisturbance();
      this.#actuators.apply(this.#engine, this.truth, this.timeS, this.#dt);
      this.#engine.step();
      this.#tick++;
      this.#readTruth();
      this.#sensors.sample(this.#tick, this.truth);
    }
    this.#sensors.writeMeasured(this.#tick);
  }

  free(): void {
    this.#engine.free();
  }

  #writeDisturbance(): void {
    const force = this.disturbanceForceW;
    force.fill(0);
    for (let robot = 0; robot < this.numRobots; robot++) {
      this.#wind.addForce(force, robot);
      this.#pushes.addForce(force, robot);
    }
    this.#engine.externalForceW.set(force);
  }

  #readTruth(): void {
    this.#engine.readState(this.truth);
    this.#actuators.writeJointState(this.truth);
    for (let robot = 0; robot < this.numRobots; robot++) {
      if (this.contact[robot] === 0 && this.#engine.isInContact(robot)) this.contact[robot] = 1;
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
