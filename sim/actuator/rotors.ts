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
import { addRotorWrenches, computeRotorGoal } from './rotor.ts';
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
  readonly #centreOfMass: Float64Array;
  readonly #batteries: Batteries;
  /** Absent where no rotor has a wake. */
  readonly #air: Air | undefined;
  /** [numRobots] [-] of the rotor at hand: what the ground makes of its thrust */
  readonly #lift: Float64Array;
  /** [numRobots, 3] m/s of the root body's centre */
  readonly #velocityB: Float64Array;
  /** [numRobots, 3] m/s of it through the air that the rotor at hand is in; where there are no wakes the same array */
  readonly #airspeedB: Float64Array;
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
    this.#centreOfMass = Float64Array.from(body.centreOfMass);
    this.#lift = new Float64Array(numRobots).fill(1);
    this.#velocityB = new Float64Array(3 * numRobots);
    this.#airspeedB = this.#air === undefined ? this.#velocityB : new Float64Array(3 * numRobots);
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
    for (let i = 0; i < this.#rotors.length; i++) this.#turn(i, command, dt);
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#writeVelocity(state, robot);
      this.#air?.place(robot, state);
    }
    for (let i = 0; i < this.#rotors.length; i++) {
      const { geometry, mean, thrust, torque, drag } = this.#rotors[i]!;
      if (this.#air !== undefined) this.#writeAir(this.#air, i, state);
      addRotorWrenches(engine, geometry, {
        speed: mean,
        thrustScale: thrust,
        torqueScale: torque,
        lift: this.#lift,
        dragScale: drag,
        airspeedB: this.#airspeedB,
      });
    }
  }

  /** Brings the speeds of one rotor of every robot forward by one step. */
  #turn(i: number, command: Float64Array, dt: number): void {
    const rotor = this.#rotors[i]!;
    const { index, battery, thrust, torque, timeConstant } = rotor;
    const { actuator } = rotor.geometry;
    const batteries = this.#batteries;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      const wish = command[robot * this.#width + index]!;
      const goal = computeRotorGoal(actuator, wish, batteries.getVoltageShare(robot, battery));
      const lagS = actuator.timeConstantS * timeConstant[robot]!;
      const speed = advanceSpeed(rotor, robot, goal, lagS, dt);
      const squared = speed * speed * thrust[robot]!;
      this.#air?.setThrust(robot, i, actuator.thrustCoefficient * squared);
      if (actuator.supply === undefined) continue;
      const shaftPower = actuator.torqueCoefficient * squared * torque[robot]! * speed;
      batteries.draw(robot, battery, shaftPower / actuator.supply.efficiency);
    }
  }

  /** What the air does to one rotor of every robot: the ground under it, and wakes from above. */
  #writeAir(air: Air, rotor: number, state: StateBatch): void {
    for (let robot = 0; robot < this.#numRobots; robot++) {
      this.#lift[robot] = air.computeGroundFactor(robot, rotor);
      air.writeDownwash(this.#downwashB, robot, rotor, state);
      for (let k = 0; k < 3; k++) {
        this.#airspeedB[3 * robot + k] = this.#velocityB[3 * robot + k]! - this.#downwashB[k]!;
      }
    }
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
    writeCross(out, 3 * robot, state.angularVelocityB, 3 * robot, this.#centreOfMass, 0);
    for (let k = 0; k < 3; k++) out[3 * robot + k]! += fromOrigin[k]!;
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
