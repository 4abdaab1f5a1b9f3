import { getFactor } from '../math/factor.ts';
import { clamp } from '../math/vec3.ts';
import type { ActuatorNetwork, JointActuator } from '../robot/actuator-model.ts';
import { getJoint, type RobotModel } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';
import { GearPlay } from './backlash.ts';
import type { Batteries } from './battery.ts';
import { computeDcMotorEffort, computeDcMotorPower, type DcMotor } from './dc-motor.ts';
import type { ActuatorEngine } from './engine-port.ts';
import { computeLagMean, computeLagShare } from './lag.ts';
import { NetworkGroup } from './network.ts';
import { type ActuatorScales, makeFactorColumn } from './scales.ts';
import { computePdEffort, computePositionError, computeVelocityEffort } from './servo.ts';
import { getSpeedLimit, limitBySpeed } from './speed-limit.ts';
import {
  addJointEfforts,
  computeMotorCoordinate,
  makeTransmissionRow,
  type TransmissionRow,
} from './transmission.ts';

/** One motor of every copy of a robot. */
interface Motor {
  readonly actuator: JointActuator;
  /** In the list of actuators. */
  readonly index: number;
  readonly row: TransmissionRow;
  /** Whether its position is an angle without end. */
  readonly wraps: boolean;
  /** [rad/s] or [m/s] beyond which it drives no further */
  readonly maxVelocity: number;
  /** Absent: full effort at any speed. */
  readonly dc: DcMotor | undefined;
  /** Absent: gears without play. */
  readonly play: GearPlay | undefined;
  /** −1: none */
  readonly battery: number;
  /** [numRobots] rad or m, rad/s or m/s of the motor */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  /** [numRobots] N·m or N: where the lag has come to, NaN from a reset to the next `apply` */
  readonly lagged: Float64Array;
  /** [numRobots] [-] factors of what is described; `strength` of the effort that comes out */
  readonly strength: Float64Array;
  readonly stiffness: Float64Array;
  readonly damping: Float64Array;
  readonly lag: Float64Array;
  /** Where its network is evaluated, and as which of its motors. */
  readonly network: { readonly group: NetworkGroup; readonly motor: number } | undefined;
}

/**
 * Motors whose effort is computed from the state before each physics step, stage by stage:
 * command → law (effort, pd, velocity, network) → saturation → speed limit of the joint → lag → torque–speed line at the battery's voltage →
 * strength → free play → transmission → joints.
 */
export class JointMotors {
  readonly #motors: readonly Motor[];
  readonly #groups: readonly NetworkGroup[];
  readonly #batteries: Batteries;
  readonly #numRobots: number;
  readonly #width: number;

  constructor(model: RobotModel, numRobots: number, batteries: Batteries) {
    const explicit = model.actuators.filter(isExplicit);
    const networks = makeNetworkGroups(explicit, numRobots);
    this.#groups = [...new Set([...networks.values()].map(({ group }) => group))];
    this.#motors = explicit.map((actuator) => ({
      ...makeMotor(model, actuator, numRobots),
      battery: batteries.getIndex(actuator.battery),
      network: networks.get(actuator),
    }));
    this.#batteries = batteries;
    this.#numRobots = numRobots;
    this.#width = model.actuators.length;
  }

  reset(robot: number): void {
    for (const { lagged, play } of this.#motors) {
      lagged[robot] = Number.NaN;
      play?.reset(robot);
    }
    for (const group of this.#groups) group.reset(robot);
  }

  setScales(robot: number, scales: ActuatorScales): void {
    for (const { index, play, strength, stiffness, damping, lag } of this.#motors) {
      play?.setInertiaScale(robot, getFactor(scales.armature, index));
      strength[robot] = getFactor(scales.effort, index);
      stiffness[robot] = getFactor(scales.stiffness, index);
      damping[robot] = getFactor(scales.damping, index);
      lag[robot] = getFactor(scales.lag, index);
    }
  }

  /**
   * Writes the effort of every joint: the sum over the motors that move it.
   * @param command [numRobots, numActuators] what has arrived at the motors
   */
  apply(engine: ActuatorEngine, state: StateBatch, command: Float64Array, dt: number): void {
    engine.jointEffort.fill(0);
    if (this.#motors.length === 0) return;
    this.#sense(state, command, dt);
    for (let robot = 0; robot < this.#numRobots; robot++) {
      const offset = robot * state.numJoints;
      for (let m = 0; m < this.#motors.length; m++) {
        const motor = this.#motors[m]!;
        const wish = command[robot * this.#width + motor.index]!;
        const effort = this.#drive(motor, robot, wish, dt);
        const given = motor.play === undefined ? effort : transmit(motor, state, robot, effort, dt);
        addJointEfforts(engine.jointEffort, offset, motor.row, given);
      }
    }
  }

  /** Finds every motor's position and speed and evaluates the networks, each on all its joints at once. */
  #sense(state: StateBatch, command: Float64Array, dt: number): void {
    for (const group of this.#groups) group.step(dt);
    for (let robot = 0; robot < this.#numRobots; robot++) {
      for (let m = 0; m < this.#motors.length; m++) {
        const motor = this.#motors[m]!;
        senseMotor(motor, state, robot, dt);
        if (motor.network === undefined) continue;
        const wish = command[robot * this.#width + motor.index]!;
        const error = computePositionError(wish, motor.position[robot]!, motor.wraps);
        const { group, motor: slot } = motor.network;
        group.sense(robot, slot, error, motor.velocity[robot]!);
      }
    }
    for (const group of this.#groups) group.run();
  }

  /** Effort of the motor before its gears' free play. */
  #drive(motor: Motor, robot: number, wish: number, dt: number): number {
    const { actuator, dc, battery } = motor;
    const wanted = computeWantedEffort(motor, robot, wish);
    const saturated = clamp(wanted, -actuator.maxEffort, actuator.maxEffort);
    const velocity = motor.velocity[robot]!;
    const limited = limitBySpeed(saturated, velocity, motor.maxVelocity);
    const lagged = advanceLag(motor, robot, limited, dt);
    const strength = motor.strength[robot]!;
    if (dc === undefined) return strength * lagged;
    const voltage = this.#batteries.getVoltageShare(robot, battery);
    const effort = computeDcMotorEffort(lagged, velocity, dc, voltage);
    // Stronger at any speed by one factor, it is so many motors side by side: each draws as much.
    const power = strength * computeDcMotorPower(effort, velocity, dc);
    this.#batteries.draw(robot, battery, power);
    return strength * effort;
  }
}

function isExplicit(actuator: RobotModel['actuators'][number]): actuator is JointActuator {
  if (actuator.kind === 'rotor') return false;
  return !('integration' in actuator) || actuator.integration === 'explicit';
}

function makeMotor(model: RobotModel, actuator: JointActuator, numRobots: number) {
  const { torqueSpeed, maxEffort, backlash, transmission } = actuator;
  const joint = getJoint(model, actuator.joint);
  return {
    actuator,
    index: model.actuators.indexOf(actuator),
    row: makeTransmissionRow(model, actuator),
    wraps: transmission === undefined && joint.type === 'continuous',
    maxVelocity:
      transmission === undefined ? getSpeedLimit(model, actuator.joint) : Number.POSITIVE_INFINITY,
    dc: torqueSpeed === undefined ? undefined : { ...torqueSpeed, maxEffort },
    play: backlash === undefined ? undefined : new GearPlay(backlash, joint.armature, numRobots),
    position: new Float64Array(numRobots),
    velocity: new Float64Array(numRobots),
    lagged: new Float64Array(numRobots).fill(Number.NaN),
    strength: makeFactorColumn(numRobots),
    stiffness: makeFactorColumn(numRobots),
    damping: makeFactorColumn(numRobots),
    lag: makeFactorColumn(numRobots),
  };
}

/** One group for all motors with the same network. */
function makeNetworkGroups(actuators: readonly JointActuator[], numRobots: number) {
  const byNetwork = new Map<ActuatorNetwork, JointActuator[]>();
  for (const actuator of actuators) {
    if (actuator.kind !== 'network') continue;
    const sharing = byNetwork.get(actuator.network) ?? [];
    byNetwork.set(actuator.network, [...sharing, actuator]);
  }
  const places = new Map<JointActuator, { group: NetworkGroup; motor: number }>();
  for (const [network, sharing] of byNetwork) {
    const group = new NetworkGroup(network, numRobots, sharing.length);
    for (const [motor, actuator] of sharing.entries()) places.set(actuator, { group, motor });
  }
  return places;
}

function senseMotor(motor: Motor, state: StateBatch, robot: number, dt: number): void {
  const { row, play } = motor;
  const offset = robot * state.numJoints;
  const position = computeMotorCoordinate(row, state.jointPosition, offset);
  const velocity = computeMotorCoordinate(row, state.jointVelocity, offset);
  play?.sense(robot, position, velocity, dt);
  motor.position[robot] = play === undefined ? position : play.position[robot]!;
  motor.velocity[robot] = play === undefined ? velocity : play.velocity[robot]!;
}

function transmit(
  { row, play }: Motor,
  state: StateBatch,
  robot: number,
  effort: number,
  dt: number,
): number {
  const velocity = computeMotorCoordinate(row, state.jointVelocity, robot * state.numJoints);
  return play!.transmit(robot, effort, velocity, dt);
}

function computeWantedEffort(motor: Motor, robot: number, command: number): number {
  const { actuator, wraps, position, velocity, network } = motor;
  if (actuator.kind === 'effort') return command;
  if (actuator.kind === 'network') return network!.group.getEffort(robot, network!.motor);
  const damping = actuator.damping * motor.damping[robot]!;
  if (actuator.kind === 'velocity') {
    return computeVelocityEffort(damping, command, velocity[robot]!);
  }
  const error = computePositionError(command, position[robot]!, wraps);
  const stiffness = actuator.stiffness * motor.stiffness[robot]!;
  return computePdEffort(stiffness, damping, error, velocity[robot]!);
}

/** Mean of the lagging effort over the step; right after a reset it has settled already. */
function advanceLag(
  { actuator, lagged, lag }: Motor,
  robot: number,
  goal: number,
  dt: number,
): number {
  const timeConstantS = (actuator.lagS ?? 0) * lag[robot]!;
  if (!(timeConstantS > 0)) return goal;
  const before = Number.isNaN(lagged[robot]!) ? goal : lagged[robot]!;
  const share = computeLagShare(dt, timeConstantS);
  lagged[robot] = before + (goal - before) * share;
  return computeLagMean(before, lagged[robot]!, goal, timeConstantS / dt);
}
