import { getFactor } from '../math/factor.ts';
import { wrapAngle, writeInverseRotated } from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import { computeRotorGeometry, type RotorGeometry } from '../robot/quadrotor.ts';
import { computeRootBody } from '../robot/rigid-bodies.ts';
import type { StateBatch } from '../robot/state.ts';
import { Air, type Surroundings } from './air.ts';
import type { Batteries } from './battery.ts';
import type { ActuatorEngine } from './engine-port.ts';
import { computeLagShare } from './lag.ts';
import { addRotorWrench, computeRotorGoal, type RotorCondition } from './rotor.ts';
import { type ActuatorScales, makeFactorColumn } from './scales.ts';

/** One rotor of every copy of a robot. */
interface Rotor {
  readonly geometry: RotorGeometry;
  /** In the list of actuators. */
  readonly index: number;
  readonly jointIndex: number;
  /** [numRobots] rad/s */
  readonly speed: Float64Array;
  /** [numRobots] rad */
  readonly angle: Float64Array;
  /** [numRobots] rad/s mean over the step, whose wrench is felt */
  readonly mean: Float64Array;
  /** [numRobots] share of the way to its goal in a step, and the lag and step that it was worked out for [s] */
  readonly share: Float64Array;
  readonly shareLagS: Float64Array;
  readonly shareStepS: Float64Array;
  /** −1: none */
  readonly battery: number;
  /** [numRobots] [-] factors of what is described; `torque` is on top of `thrust` */
  readonly thrust: Float64Array;
  readonly torque: Float64Array;
  readonly drag: Float64Array;
  readonly timeConstant: Float64Array;
}

/** The rotors of N copies of a robot: speeds that follow commands, and what they do to the body. */
export class Rotors {
  readonly #rotors: readonly Rotor[];
  readonly #numRobots: number;
  readonly #width: number;
  readonly #centreOfMass: readonly number[];
  readonly #batteries: Batteries;
  /** Absent where no rotor has a wake. */
  readonly #air: Air | undefined;
  readonly #condition: RotorCondition = {
    speed: 0,
    thrustScale: 1,
    torqueScale: 1,
    lift: 1,
    dragScale: 1,
    airspeedB: new Float64Array(3),
  };
  /** Of the root body's centre. */
  readonly #velocityB = new Float64Array(3);
  readonly #fromOriginB = new Float64Array(3);
  readonly #downwashB = new Float64Array(3);

  /** @throws RangeError if a rotor has a wake and nothing is said of its surroundings */
  constructor(
    model: RobotModel,
    numRobots: number,
    batteries: Batteries,
    surroundings: Surroundings | undefined,
  ) {
    const body = computeRootBody(model);
    const geometries = computeRotorGeometry(model, body);
    this.#batteries = batteries;
    this.#air = makeAir(model, geometries, body.centreOfMass, numRobots, surroundings);
    this.#rotors = geometries.map((geometry) => ({
      geometry,
      index: model.actuators.indexOf(geometry.actuator),
      jointIndex: getJointIndex(model, geometry.actuator.joint),
      speed: new Float64Array(numRobots),
      angle: new Float64Array(numRobots),
      mean: new Float64Array(numRobots),
      share: new Float64Array(numRobots),
      shareLagS: new Float64Array(numRobots).fill(Number.NaN),
      shareStepS: new Float64Array(numRobots).fill(Number.NaN),
      battery: batteries.getIndex(geometry.actuator.supply?.battery),
      thrust: makeFactorColumn(numRobots),
      torque: makeFactorColumn(numRobots),
      drag: makeFactorColumn(numRobots),
      timeConstant: makeFactorColumn(numRobots),
    }));
    this.#numRobots = numRobots;
    this.#width = model.actuators.length;
    this.#centreOfMass = body.centreOfMass;
  }

  /** Turns every rotor of one robot as if its command had been held for long. */
  reset(robot: number, command: Float64Array): void {
    for (const { geometry, index, speed, angle, battery } of this.#rotors) {
      const voltage = this.#batteries.getVoltageShare(robot, battery);
      const wish = command[robot * this.#width + index]!;
      speed[robot] = computeRotorGoal(geometry.actuator, wish, voltage);
      angle[robot] = 0;
    }
  }

  setScales(robot: number, scales: ActuatorScales): void {
    for (const { index, thrust, torque, drag, timeConstant } of this.#rotors) {
      thrust[robot] = getFactor(scales.thrust, index);
      torque[robot] = getFactor(scales.rotorTorque, index);
      drag[robot] = getFactor(scales.drag, index);
      timeConstant[robot] = getFactor(scales.timeConstant, index);
    }
  }

  /**
   * Writes the base wrench of every robot.
   * @param command [numRobots, numActuators] what has arrived at the motors
   */
  apply(engine: ActuatorEngine, state: StateBatch, command: Float64Array, dt: number): void {
    engine.baseForceB.fill(0);
    engine.baseTorqueB.fill(0);
    if (this.#rotors.length === 0) return;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#turn(robot, command, dt);
      this.#air?.place(robot, state);
    }
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#writeVelocity(state, robot);
      for (let i = 0; i < this.#rotors.length; i++) {
        const { geometry, mean, thrust, torque, drag } = this.#rotors[i]!;
        this.#condition.speed = mean[robot]!;
        this.#condition.thrustScale = thrust[robot]!;
        this.#condition.torqueScale = torque[robot]!;
        this.#condition.dragScale = drag[robot]!;
        this.#writeAir(robot, i, state);
        addRotorWrench(engine, robot, geometry, this.#condition);
      }
    }
  }

  /** Brings the speeds of one robot's rotors forward by one step. */
  #turn(robot: number, command: Float64Array, dt: number): void {
    for (let i = 0; i < this.#rotors.length; i++) {
      const rotor = this.#rotors[i]!;
      const { actuator } = rotor.geometry;
      const wish = command[robot * this.#width + rotor.index]!;
      const voltage = this.#batteries.getVoltageShare(robot, rotor.battery);
      const goal = computeRotorGoal(actuator, wish, voltage);
      const speed = advanceSpeed(
        rotor,
        robot,
        goal,
        actuator.timeConstantS * rotor.timeConstant[robot]!,
        dt,
      );
      const squared = speed * speed * rotor.thrust[robot]!;
      this.#air?.setThrust(robot, i, actuator.thrustCoefficient * squared);
      if (actuator.supply === undefined) continue;
      const shaftPower = actuator.torqueCoefficient * squared * rotor.torque[robot]! * speed;
      this.#batteries.draw(robot, rotor.battery, shaftPower / actuator.supply.efficiency);
    }
  }

  /** What the air does to one rotor: the ground under it, and wakes from above. */
  #writeAir(robot: number, rotor: number, state: StateBatch): void {
    const { airspeedB } = this.#condition;
    for (let k = 0; k < 3; k++) airspeedB[k] = this.#velocityB[k]!;
    if (this.#air === undefined) return;
    this.#condition.lift = this.#air.computeGroundFactor(robot, rotor);
    this.#air.writeDownwash(this.#downwashB, robot, rotor, state);
    for (let k = 0; k < 3; k++) airspeedB[k]! -= this.#downwashB[k]!;
  }

  writeJointState(out: StateBatch): void {
    for (const { geometry, jointIndex, speed, angle, thrust, torque: ratio } of this.#rotors) {
      const { actuator, reactionSign } = geometry;
      for (let robot = 0; robot < this.#numRobots; robot++) {
        const joint = robot * out.numJoints + jointIndex;
        const now = speed[robot]!;
        const torque = actuator.torqueCoefficient * now * now * thrust[robot]! * ratio[robot]!;
        out.jointPosition[joint] = angle[robot]!;
        out.jointVelocity[joint] = -reactionSign * now;
        out.jointEffort[joint] = -reactionSign * torque;
      }
    }
  }

  /** Velocity of the root body's centre: that of base_link's origin plus ω × arm. */
  #writeVelocity(state: StateBatch, robot: number): void {
    const out = this.#velocityB;
    const fromOrigin = this.#fromOriginB;
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
}

function makeAir(
  model: RobotModel,
  rotors: readonly RotorGeometry[],
  centreOfMass: readonly number[],
  numRobots: number,
  surroundings: Surroundings | undefined,
): Air | undefined {
  if (rotors.every(({ actuator }) => actuator.wake === undefined)) return undefined;
  if (surroundings !== undefined) return new Air(rotors, centreOfMass, numRobots, surroundings);
  throw new RangeError(
    `robot '${model.name}' has rotors with a wake, so its actuators need to know their surroundings`,
  );
}

/** Exact for a constant goal; returns, and keeps, the mean of the speeds before and after. [rad/s] */
function advanceSpeed(
  rotor: Rotor,
  robot: number,
  goal: number,
  timeConstantS: number,
  dt: number,
): number {
  const { geometry, speed, angle, mean } = rotor;
  const share = getShare(rotor, robot, timeConstantS, dt);
  const before = speed[robot]!;
  const after = before + (goal - before) * share;
  const turned = goal * dt + (before - goal) * timeConstantS * share;
  speed[robot] = after;
  angle[robot] = wrapAngle(angle[robot]! - geometry.reactionSign * turned);
  mean[robot] = (before + after) / 2;
  return mean[robot]!;
}

/** The exponential of a lag that does not change from step to step is worked out once. */
function getShare(rotor: Rotor, robot: number, lagS: number, dt: number): number {
  if (rotor.shareLagS[robot] !== lagS || rotor.shareStepS[robot] !== dt) {
    rotor.shareLagS[robot] = lagS;
    rotor.shareStepS[robot] = dt;
    rotor.share[robot] = computeLagShare(dt, lagS);
  }
  return rotor.share[robot]!;
}
