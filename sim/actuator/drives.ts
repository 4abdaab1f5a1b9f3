import { getFactor } from '../math/factor.ts';
import { clamp } from '../math/vec3.ts';
import type { ServoActuator } from '../robot/actuator-model.ts';
import { getJoint, getJointIndex, type RobotModel } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';
import type { ActuatorEngine } from './engine-port.ts';
import { type ActuatorScales, makeFactorColumn } from './scales.ts';
import { computePdEffort, computePositionError, computeVelocityEffort } from './servo.ts';
import { computeGovernorDamping, getSpeedLimit, isGoverned } from './speed-limit.ts';

/** One servo of every copy of a robot. */
interface Drive {
  readonly actuator: ServoActuator;
  /** In the list of actuators. */
  readonly index: number;
  readonly jointIndex: number;
  /** Whether its position is an angle without end. */
  readonly wraps: boolean;
  /** [rad/s] or [m/s] @range > 0 */
  readonly maxVelocity: number;
  /** [numRobots] [-] factors of what is described; `effort` is one of both gains, too */
  readonly effort: Float64Array;
  readonly stiffness: Float64Array;
  readonly damping: Float64Array;
}

/**
 * Servos that the engine itself integrates: their gains are set once, after that only their targets change. One that
 * has brought its joint to the speed limit of the URDF and would drive on holds it there instead.
 */
export class Drives {
  readonly #drives: readonly Drive[];
  readonly #numRobots: number;
  readonly #width: number;
  readonly #numJoints: number;
  /** [numRobots] 1 until the engine has been told of the gains */
  readonly #isStale: Uint8Array;
  /** [numRobots, numDrives] 1 while a servo holds its joint at the speed limit */
  readonly #isGoverned: Uint8Array;
  readonly #governor = { damping: 0, maxVelocity: 0 };

  constructor(model: RobotModel, numRobots: number) {
    this.#drives = model.actuators.flatMap((actuator, index) => {
      if (actuator.kind !== 'pd' && actuator.kind !== 'velocity') return [];
      if (actuator.integration !== 'solver') return [];
      const jointIndex = getJointIndex(model, actuator.joint);
      const wraps = getJoint(model, actuator.joint).type === 'continuous';
      const maxVelocity = getSpeedLimit(model, actuator.joint);
      const factors = {
        effort: makeFactorColumn(numRobots),
        stiffness: makeFactorColumn(numRobots),
        damping: makeFactorColumn(numRobots),
      };
      return [{ actuator, index, jointIndex, wraps, maxVelocity, ...factors }];
    });
    this.#numRobots = numRobots;
    this.#width = model.actuators.length;
    this.#numJoints = model.jointNames.length;
    this.#isStale = new Uint8Array(numRobots).fill(1);
    this.#isGoverned = new Uint8Array(numRobots * this.#drives.length);
  }

  /** The gains of one robot are told to the engine anew at the next `apply`. */
  refresh(robot: number): void {
    this.#isStale[robot] = 1;
  }

  setScales(robot: number, scales: ActuatorScales): void {
    for (const { index, effort, stiffness, damping } of this.#drives) {
      effort[robot] = getFactor(scales.effort, index);
      stiffness[robot] = getFactor(scales.stiffness, index);
      damping[robot] = getFactor(scales.damping, index);
    }
    this.refresh(robot);
  }

  /** @param command [numRobots, numActuators] what has arrived at the motors */
  apply(engine: ActuatorEngine, state: StateBatch, command: Float64Array): void {
    if (this.#drives.length === 0) return;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      if (this.#isStale[robot] === 1) this.#setGains(engine, robot);
      for (let d = 0; d < this.#drives.length; d++) {
        const wish = command[robot * this.#width + this.#drives[d]!.index]!;
        this.#aim(engine, state, robot, d, wish);
      }
    }
  }

  #aim(engine: ActuatorEngine, state: StateBatch, robot: number, d: number, wish: number): void {
    const drive = this.#drives[d]!;
    const at = robot * this.#numJoints + drive.jointIndex;
    const flag = robot * this.#drives.length + d;
    if (drive.maxVelocity < Number.POSITIVE_INFINITY) {
      const was = this.#isGoverned[flag] === 1;
      const is = this.#judgeSpeed(drive, was, wish, state, robot);
      if (is !== was) {
        this.#isGoverned[flag] = is ? 1 : 0;
        this.#setGain(engine, robot, d);
      }
      if (is) {
        engine.driveVelocity[at] = Math.sign(state.jointVelocity[at]!) * drive.maxVelocity;
        return;
      }
    }
    if (drive.actuator.kind === 'velocity') engine.driveVelocity[at] = wish;
    else {
      engine.drivePosition[at] = wish;
      engine.driveVelocity[at] = 0;
    }
  }

  #judgeSpeed(drive: Drive, was: boolean, wish: number, state: StateBatch, robot: number): boolean {
    const { actuator, wraps, maxVelocity } = drive;
    const at = robot * this.#numJoints + drive.jointIndex;
    const velocity = state.jointVelocity[at]!;
    // Most of the time: a joint within its limit is nobody's business.
    if (!was && Math.abs(velocity) <= maxVelocity) return false;
    const strength = drive.effort[robot]!;
    const damping = actuator.damping * drive.damping[robot]! * strength;
    const limit = actuator.maxEffort * strength;
    const wanted =
      actuator.kind === 'velocity'
        ? computeVelocityEffort(damping, wish, velocity)
        : computePdEffort(
            actuator.stiffness * drive.stiffness[robot]! * strength,
            damping,
            computePositionError(wish, state.jointPosition[at]!, wraps),
            velocity,
          );
    this.#governor.damping = computeGovernorDamping(limit, maxVelocity);
    this.#governor.maxVelocity = maxVelocity;
    return isGoverned(was, clamp(wanted, -limit, limit), velocity, this.#governor);
  }

  #setGains(engine: ActuatorEngine, robot: number): void {
    for (let d = 0; d < this.#drives.length; d++) {
      this.#isGoverned[robot * this.#drives.length + d] = 0;
      this.#setGain(engine, robot, d);
    }
    this.#isStale[robot] = 0;
  }

  #setGain(engine: ActuatorEngine, robot: number, d: number): void {
    const drive = this.#drives[d]!;
    const { actuator, jointIndex, maxVelocity } = drive;
    const strength = drive.effort[robot]!;
    const maxEffort = actuator.maxEffort * strength;
    const holdsSpeed = this.#isGoverned[robot * this.#drives.length + d] === 1;
    engine.setDrive(robot, jointIndex, {
      stiffness: holdsSpeed ? 0 : actuator.stiffness * drive.stiffness[robot]! * strength,
      damping: holdsSpeed
        ? computeGovernorDamping(maxEffort, maxVelocity)
        : actuator.damping * drive.damping[robot]! * strength,
      maxEffort,
    });
  }
}
