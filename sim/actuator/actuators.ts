import type { Engine } from '../engine/engine.ts';
import { STANDARD_GRAVITY } from '../math/gravity.ts';
import { wrapAngle, writeInverseRotated } from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import { computeHoverSpeed, computeRotorGeometry, type RotorGeometry } from '../robot/quadrotor.ts';
import { computeRootBody } from '../robot/rigid-bodies.ts';
import type { StateBatch } from '../robot/state.ts';
import { makeCommandDelay, TIME_TOLERANCE_S } from './delay.ts';
import { computeEffort } from './effort.ts';
import { addRotorWrench, computeLagShare, computeRotorGoal, type RotorCondition } from './rotor.ts';

/** How one robot's actuators differ from its description: factors of it, and the command latency. */
export interface ActuatorScales {
  /** [-] thrust and reaction torque of every rotor */
  readonly thrust: number;
  /** [-] @range > 0 time constant of every rotor */
  readonly timeConstant: number;
  /** [-] drag of every rotor */
  readonly drag: number;
  /** [-] strength of every effort actuator */
  readonly effort: number;
  /** [s] from `setCommand` to the motor */
  readonly latencyS: number;
}

export type ActuatorEngine = Pick<Engine, 'baseForceB' | 'baseTorqueB' | 'jointEffort'>;

/** All actuators of N copies of a robot. Lists over commands follow the actuated joint order. */
export interface ActuatorBank {
  /** [numRobots] 1 while the motors of a robot have stopped by themselves for want of commands */
  readonly hasTimedOut: Uint8Array;
  /**
   * Sends a command, to arrive after the robot's latency. A command with any number that is not finite
   * counts as never sent, so a controller that has gone wrong ends in the motor timeout.
   * @param command [numActuatedJoints] in the robot's command unit, copied
   */
  setCommand(robot: number, command: ArrayLike<number>, timeS: number): void;
  /**
   * Runs every motor from `timeS` to `timeS + dt` and writes what the bodies feel on the way: the whole
   * base wrench (engine.baseForceB, baseTorqueB) and the effort of every actuated joint.
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
   * one, rotors start at the speed that carries the robot, effort motors at 0. The motor timeout begins
   * to count at the next `apply`.
   */
  reset(robot: number, options?: { readonly command?: ArrayLike<number> }): void;
  /** @throws RangeError on a factor that makes no sense */
  setScales(robot: number, scales: ActuatorScales): void;
  /** [s] Infinity for never */
  setMotorTimeout(timeoutS: number): void;
}

/** Allocates the actuators of `numRobots` copies; the motor timeout is the model's. */
export function makeActuatorBank(model: RobotModel, numRobots: number): ActuatorBank {
  return new Bank(model, numRobots);
}

class Bank implements ActuatorBank {
  readonly hasTimedOut: Uint8Array;
  readonly #model: RobotModel;
  readonly #numRobots: number;
  readonly #width: number;
  /** Of actuator i, or undefined where it is no rotor. */
  readonly #rotors: readonly (RotorGeometry | undefined)[];
  /** Of actuator i, in joint order. */
  readonly #jointIndex: readonly number[];
  readonly #centreOfMass: readonly number[];
  readonly #home: Float64Array;
  readonly #delay: ReturnType<typeof makeCommandDelay>;
  /** [numRobots, width] what has arrived at the motors */
  readonly #command: Float64Array;
  /** [numRobots, width] rad/s, rotors only */
  readonly #speed: Float64Array;
  /** [numRobots, width] rad, rotors only */
  readonly #angle: Float64Array;
  /** [numRobots] s, NaN from a reset to the next `apply` */
  readonly #lastArrivalS: Float64Array;
  readonly #scales: ActuatorScales[];
  readonly #condition: RotorCondition = {
    speed: 0,
    thrustScale: 1,
    dragScale: 1,
    airspeedB: new Float64Array(3),
  };
  readonly #velocityB = new Float64Array(3);
  #timeoutS: number;

  constructor(model: RobotModel, numRobots: number) {
    this.#model = model;
    this.#numRobots = numRobots;
    this.#width = model.actuators.length;
    const body = computeRootBody(model);
    const rotors = computeRotorGeometry(model, body);
    this.#rotors = model.actuators.map((a) => rotors.find((rotor) => rotor.actuator === a));
    this.#jointIndex = model.actuators.map((actuator) => getJointIndex(model, actuator.joint));
    this.#centreOfMass = body.centreOfMass;
    const hover = rotors.length === 0 ? 0 : computeHoverSpeed(model, STANDARD_GRAVITY);
    this.#home = Float64Array.from(model.actuators, (a) => (a.kind === 'rotor' ? hover : 0));
    this.#delay = makeCommandDelay(numRobots, this.#width);
    this.hasTimedOut = new Uint8Array(numRobots);
    this.#command = new Float64Array(numRobots * this.#width);
    this.#speed = new Float64Array(numRobots * this.#width);
    this.#angle = new Float64Array(numRobots * this.#width);
    this.#lastArrivalS = new Float64Array(numRobots);
    const nominal = { thrust: 1, timeConstant: 1, drag: 1, effort: 1, latencyS: 0 };
    this.#scales = Array.from({ length: numRobots }, () => nominal);
    this.#timeoutS = model.safety.motorTimeoutS;
    for (let robot = 0; robot < numRobots; robot++) this.reset(robot);
  }

  setCommand(robot: number, command: ArrayLike<number>, timeS: number): void {
    for (let i = 0; i < this.#width; i++) if (!Number.isFinite(command[i])) return;
    this.#delay.push(robot, command, timeS);
  }

  apply(engine: ActuatorEngine, state: StateBatch, timeS: number, dt: number): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#receive(robot, timeS);
      this.#writeAirspeed(state, robot);
      for (let k = 0; k < 3; k++) {
        engine.baseForceB[3 * robot + k] = 0;
        engine.baseTorqueB[3 * robot + k] = 0;
      }
      const scales = this.#scales[robot]!;
      this.#condition.thrustScale = scales.thrust;
      this.#condition.dragScale = scales.drag;
      for (let i = 0; i < this.#width; i++) {
        const actuator = this.#model.actuators[i]!;
        const command = this.#command[robot * this.#width + i]!;
        if (actuator.kind !== 'rotor') {
          const joint = robot * state.numJoints + this.#jointIndex[i]!;
          engine.jointEffort[joint] = computeEffort(command, actuator.maxEffort, scales.effort);
          continue;
        }
        const rotor = this.#rotors[i]!;
        this.#advanceRotor(robot, i, computeRotorGoal(actuator, command), dt);
        addRotorWrench(engine, robot, rotor, this.#condition);
      }
    }
  }

  #receive(robot: number, timeS: number): void {
    const offset = robot * this.#width;
    if (Number.isNaN(this.#lastArrivalS[robot]!)) this.#lastArrivalS[robot] = timeS;
    if (this.#delay.take(robot, timeS, this.#command, offset)) {
      this.#lastArrivalS[robot] = timeS;
      this.hasTimedOut[robot] = 0;
    }
    if (timeS - this.#lastArrivalS[robot]! <= this.#timeoutS + TIME_TOLERANCE_S) return;
    this.hasTimedOut[robot] = 1;
    const { stop } = this.#model.safety;
    for (let i = 0; i < this.#width; i++) this.#command[offset + i] = stop[i]!;
  }

  /** Velocity of the root body's centre: that of base_link's origin plus ω × arm. The air stands still. */
  #writeAirspeed(state: StateBatch, robot: number): void {
    const out = this.#condition.airspeedB;
    const fromOrigin = this.#velocityB;
    writeInverseRotated(
      fromOrigin,
      0,
      state.orientation,
      4 * robot,
      state.linearVelocityW,
      3 * robot,
    );
    writeCross(out, 0, state.angularVelocityB, 3 * robot, this.#centreOfMass, 0);
    for (let k = 0; k < 3; k++) out[k]! += fromOrigin[k]!;
  }

  /** Exact for a constant goal; the wrench is that of the mean of the speeds before and after. */
  #advanceRotor(robot: number, i: number, goal: number, dt: number): void {
    const at = robot * this.#width + i;
    const { actuator, reactionSign } = this.#rotors[i]!;
    const timeConstantS = actuator.timeConstantS * this.#scales[robot]!.timeConstant;
    const share = computeLagShare(dt, timeConstantS);
    const before = this.#speed[at]!;
    const after = before + (goal - before) * share;
    const turned = goal * dt + (before - goal) * timeConstantS * share;
    this.#speed[at] = after;
    this.#angle[at] = wrapAngle(this.#angle[at]! - reactionSign * turned);
    this.#condition.speed = (before + after) / 2;
  }

  writeJointState(out: StateBatch): void {
    for (let i = 0; i < this.#width; i++) {
      const rotor = this.#rotors[i];
      if (rotor === undefined) continue;
      const { actuator, reactionSign } = rotor;
      for (let robot = 0; robot < this.#numRobots; robot++) {
        const at = robot * this.#width + i;
        const joint = robot * out.numJoints + this.#jointIndex[i]!;
        const speed = this.#speed[at]!;
        const torque = actuator.torqueCoefficient * speed * speed * this.#scales[robot]!.thrust;
        out.jointPosition[joint] = this.#angle[at]!;
        out.jointVelocity[joint] = -reactionSign * speed;
        out.jointEffort[joint] = -reactionSign * torque;
      }
    }
  }

  reset(robot: number, options: { readonly command?: ArrayLike<number> } = {}): void {
    const command = options.command ?? this.#home;
    if (command.length !== this.#width) {
      throw new RangeError(
        `reset: the command needs one number per actuated joint (expected ${this.#width}, got ${command.length})`,
      );
    }
    this.#delay.clear(robot);
    this.#lastArrivalS[robot] = Number.NaN;
    this.hasTimedOut[robot] = 0;
    for (let i = 0; i < this.#width; i++) {
      const at = robot * this.#width + i;
      const actuator = this.#model.actuators[i]!;
      this.#command[at] = command[i]!;
      this.#speed[at] = actuator.kind === 'rotor' ? computeRotorGoal(actuator, command[i]!) : 0;
      this.#angle[at] = 0;
    }
  }

  setScales(robot: number, scales: ActuatorScales): void {
    const { thrust, timeConstant, drag, effort, latencyS } = scales;
    for (const [name, value] of Object.entries({ thrust, drag, effort })) {
      if (!(value >= 0)) throw new RangeError(`setScales: ${name} must be 0 or more, got ${value}`);
    }
    if (!(timeConstant > 0)) {
      throw new RangeError(`setScales: timeConstant must be above 0, got ${timeConstant}`);
    }
    this.#delay.setLatency(robot, latencyS);
    this.#scales[robot] = { ...scales };
  }

  setMotorTimeout(timeoutS: number): void {
    if (!(timeoutS > 0)) throw new RangeError(`motor timeout must be above 0 s, got ${timeoutS}`);
    this.#timeoutS = timeoutS;
  }
}
