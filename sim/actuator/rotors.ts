import { wrapAngle, writeInverseRotated } from '../math/quat.ts';
import { writeCross } from '../math/vec3.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import { computeRotorGeometry, type RotorGeometry } from '../robot/quadrotor.ts';
import { computeRootBody } from '../robot/rigid-bodies.ts';
import type { StateBatch } from '../robot/state.ts';
import type { ActuatorEngine } from './engine-port.ts';
import { computeLagShare } from './lag.ts';
import { addRotorWrench, computeRotorGoal, type RotorCondition } from './rotor.ts';
import type { ActuatorScales } from './scales.ts';

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
}

/** The rotors of N copies of a robot: speeds that follow commands, and what they do to the body. */
export class Rotors {
  readonly #rotors: readonly Rotor[];
  readonly #numRobots: number;
  readonly #width: number;
  readonly #centreOfMass: readonly number[];
  readonly #condition: RotorCondition = {
    speed: 0,
    thrustScale: 1,
    dragScale: 1,
    airspeedB: new Float64Array(3),
  };
  readonly #velocityB = new Float64Array(3);

  constructor(model: RobotModel, numRobots: number) {
    const body = computeRootBody(model);
    this.#rotors = computeRotorGeometry(model, body).map((geometry) => ({
      geometry,
      index: model.actuators.indexOf(geometry.actuator),
      jointIndex: getJointIndex(model, geometry.actuator.joint),
      speed: new Float64Array(numRobots),
      angle: new Float64Array(numRobots),
    }));
    this.#numRobots = numRobots;
    this.#width = model.actuators.length;
    this.#centreOfMass = body.centreOfMass;
  }

  /** Turns every rotor of one robot as if its command had been held for long. */
  reset(robot: number, command: Float64Array): void {
    for (const { geometry, index, speed, angle } of this.#rotors) {
      speed[robot] = computeRotorGoal(geometry.actuator, command[robot * this.#width + index]!);
      angle[robot] = 0;
    }
  }

  /**
   * Writes the base wrench of every robot.
   * @param command [numRobots, numActuators] what has arrived at the motors
   */
  apply(
    engine: ActuatorEngine,
    state: StateBatch,
    command: Float64Array,
    scales: readonly ActuatorScales[],
    dt: number,
  ): void {
    engine.baseForceB.fill(0);
    engine.baseTorqueB.fill(0);
    if (this.#rotors.length === 0) return;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      const { thrust, drag, timeConstant } = scales[robot]!;
      this.#writeAirspeed(state, robot);
      this.#condition.thrustScale = thrust;
      this.#condition.dragScale = drag;
      for (const rotor of this.#rotors) {
        const { actuator } = rotor.geometry;
        const goal = computeRotorGoal(actuator, command[robot * this.#width + rotor.index]!);
        const timeConstantS = actuator.timeConstantS * timeConstant;
        this.#condition.speed = advanceSpeed(rotor, robot, goal, timeConstantS, dt);
        addRotorWrench(engine, robot, rotor.geometry, this.#condition);
      }
    }
  }

  writeJointState(out: StateBatch, scales: readonly ActuatorScales[]): void {
    for (const { geometry, jointIndex, speed, angle } of this.#rotors) {
      const { actuator, reactionSign } = geometry;
      for (let robot = 0; robot < this.#numRobots; robot++) {
        const joint = robot * out.numJoints + jointIndex;
        const now = speed[robot]!;
        const torque = actuator.torqueCoefficient * now * now * scales[robot]!.thrust;
        out.jointPosition[joint] = angle[robot]!;
        out.jointVelocity[joint] = -reactionSign * now;
        out.jointEffort[joint] = -reactionSign * torque;
      }
    }
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
}

/** Exact for a constant goal; returns the mean of the speeds before and after, whose wrench is felt. [rad/s] */
function advanceSpeed(
  { geometry, speed, angle }: Rotor,
  robot: number,
  goal: number,
  timeConstantS: number,
  dt: number,
): number {
  const share = computeLagShare(dt, timeConstantS);
  const before = speed[robot]!;
  const after = before + (goal - before) * share;
  const turned = goal * dt + (before - goal) * timeConstantS * share;
  speed[robot] = after;
  angle[robot] = wrapAngle(angle[robot]! - geometry.reactionSign * turned);
  return (before + after) / 2;
}
