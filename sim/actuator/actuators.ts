import { STANDARD_GRAVITY } from '../math/gravity.ts';
import type { RobotModel } from '../robot/model.ts';
import { computeHoverSpeed } from '../robot/quadrotor.ts';
import type { StateBatch } from '../robot/state.ts';
import type { Surroundings } from './air.ts';
import { Batteries } from './battery.ts';
import { CommandInbox } from './command-inbox.ts';
import { Drives } from './drives.ts';
import type { ActuatorEngine } from './engine-port.ts';
import { JointMotors } from './joint-motors.ts';
import { Rotors } from './rotors.ts';
import { type ActuatorScales, assertScales, NOMINAL_ACTUATORS } from './scales.ts';
import {
  computeMotorCoordinate,
  makeTransmissionRow,
  type TransmissionRow,
} from './transmission.ts';

/** All actuators of N copies of a robot. Lists over commands follow the actuated joint order. */
export interface ActuatorBank {
  /** [numRobots] 1 while the motors of a robot have stopped by themselves for want of commands */
  readonly hasTimedOut: Uint8Array;
  /** [numRobots, numBatteries] V at the terminals, order of the model's batteries */
  readonly batteryVoltage: Float64Array;
  /** [numRobots, numBatteries] share of the capacity that is left */
  readonly batteryCharge: Float64Array;
  /**
   * Sends a command, to arrive after the robot's latency. A command with any number that is not finite
   * counts as never sent, so a controller that has gone wrong ends in the motor timeout.
   * @param command [numActuatedJoints] in the robot's command unit, copied
   */
  setCommand(robot: number, command: ArrayLike<number>, timeS: number): void;
  /**
   * Runs every motor from `timeS` to `timeS + dt` and writes what the bodies feel on the way: the whole
   * base wrench (engine.baseForceB, baseTorqueB), the effort of every joint (engine.jointEffort) and the targets of
   * the servos that the engine itself integrates.
   * @param state true state at `timeS`
   */
  apply(engine: ActuatorEngine, state: StateBatch, timeS: number, dt: number): void;
  /**
   * Writes angle, speed and reaction torque of joints that are motors rather than simulated bodies
   * (rotors): angle in (−π, π], speed about the joint's axis, so negative for a clockwise rotor.
   */
  writeJointState(out: StateBatch): void;
  /**
   * Forgets commands under way and starts the motors as if `command` had been held for long. Without
   * one, rotors start at the speed that carries the robot, effort motors at 0, speed servos at standstill, and position
   * servos and networks hold their joints where the next `apply` finds them. The motor timeout begins
   * to count at the next `apply`.
   */
  reset(robot: number, options?: { readonly command?: ArrayLike<number> }): void;
  /** A factor that is not given is as described. @throws RangeError on a factor that makes no sense */
  setScales(robot: number, scales: Partial<ActuatorScales>): void;
  /** [s] Infinity for never */
  setMotorTimeout(timeoutS: number): void;
}

/**
 * Allocates the actuators of `numRobots` copies; the motor timeout is the model's.
 * @param surroundings needed by robots whose rotors have a wake
 * @throws RangeError if they are needed and absent
 */
export function makeActuatorBank(
  model: RobotModel,
  numRobots: number,
  surroundings?: Surroundings,
): ActuatorBank {
  return new Bank(model, numRobots, surroundings);
}

class Bank implements ActuatorBank {
  readonly #width: number;
  readonly #inbox: CommandInbox;
  readonly #batteries: Batteries;
  readonly #rotors: Rotors;
  readonly #drives: Drives;
  readonly #motors: JointMotors;
  readonly #scales: ActuatorScales[];
  /** Of actuator i, or undefined where it is a rotor. */
  readonly #rows: readonly (TransmissionRow | undefined)[];
  /** [numActuators] command at a reset that gives none; NaN: hold the joint where it stands */
  readonly #home: Float64Array;
  /** [numRobots] 1 from a reset to the next `apply` */
  readonly #isFresh: Uint8Array;

  constructor(model: RobotModel, numRobots: number, surroundings: Surroundings | undefined) {
    this.#width = model.actuators.length;
    this.#inbox = new CommandInbox(model, numRobots);
    this.#batteries = new Batteries(model, numRobots);
    this.#rotors = new Rotors(model, numRobots, this.#batteries, surroundings);
    this.#drives = new Drives(model, numRobots);
    this.#motors = new JointMotors(model, numRobots, this.#batteries);
    this.#scales = Array.from({ length: numRobots }, () => NOMINAL_ACTUATORS);
    this.#rows = model.actuators.map((actuator) =>
      actuator.kind === 'rotor' ? undefined : makeTransmissionRow(model, actuator),
    );
    this.#home = computeHomeCommand(model);
    this.#isFresh = new Uint8Array(numRobots);
    for (let robot = 0; robot < numRobots; robot++) this.reset(robot);
  }

  get hasTimedOut(): Uint8Array {
    return this.#inbox.hasTimedOut;
  }

  get batteryVoltage(): Float64Array {
    return this.#batteries.voltage;
  }

  get batteryCharge(): Float64Array {
    return this.#batteries.charge;
  }

  setCommand(robot: number, command: ArrayLike<number>, timeS: number): void {
    for (let i = 0; i < this.#width; i++) if (!Number.isFinite(command[i])) return;
    this.#inbox.push(robot, command, timeS);
  }

  apply(engine: ActuatorEngine, state: StateBatch, timeS: number, dt: number): void {
    for (let robot = 0; robot < this.#isFresh.length; robot++) {
      if (this.#isFresh[robot] === 1) this.#holdStill(state, robot);
      this.#inbox.receive(robot, timeS);
    }
    const { command } = this.#inbox;
    this.#rotors.apply(engine, state, command, dt);
    this.#drives.apply(engine, state, command);
    this.#motors.apply(engine, state, command, dt);
    this.#batteries.advance(dt);
  }

  /** Position servos that were told nothing at their reset stay where they are. */
  #holdStill(state: StateBatch, robot: number): void {
    this.#isFresh[robot] = 0;
    for (let i = 0; i < this.#width; i++) {
      const at = robot * this.#width + i;
      const row = this.#rows[i];
      if (row === undefined || !Number.isNaN(this.#inbox.command[at]!)) continue;
      const offset = robot * state.numJoints;
      this.#inbox.command[at] = computeMotorCoordinate(row, state.jointPosition, offset);
    }
  }

  writeJointState(out: StateBatch): void {
    this.#rotors.writeJointState(out);
  }

  reset(robot: number, options: { readonly command?: ArrayLike<number> } = {}): void {
    const command = options.command ?? this.#home;
    if (command.length !== this.#width) {
      throw new RangeError(
        `reset: the command needs one number per actuated joint (expected ${this.#width}, got ${command.length})`,
      );
    }
    this.#inbox.reset(robot, command);
    this.#batteries.reset(robot, this.#scales[robot]!.batteryCharge);
    this.#rotors.reset(robot, this.#inbox.command);
    this.#motors.reset(robot);
    this.#drives.refresh(robot);
    this.#isFresh[robot] = 1;
  }

  setScales(robot: number, scales: Partial<ActuatorScales>): void {
    const complete = { ...NOMINAL_ACTUATORS, ...scales };
    assertScales(complete, this.#width);
    this.#scales[robot] = complete;
    this.#inbox.setLatency(robot, complete);
    this.#batteries.setResistanceScale(robot, complete.batteryResistance);
    this.#rotors.setScales(robot, complete);
    this.#motors.setScales(robot, complete);
    this.#drives.setScales(robot, complete);
  }

  setMotorTimeout(timeoutS: number): void {
    this.#inbox.setTimeout(timeoutS);
  }
}

function computeHomeCommand(model: RobotModel): Float64Array {
  const hasRotors = model.actuators.some((actuator) => actuator.kind === 'rotor');
  const hover = hasRotors ? computeHoverSpeed(model, STANDARD_GRAVITY) : 0;
  return Float64Array.from(model.actuators, ({ kind }) => {
    if (kind === 'rotor') return hover;
    return kind === 'effort' || kind === 'velocity' ? 0 : Number.NaN;
  });
}
