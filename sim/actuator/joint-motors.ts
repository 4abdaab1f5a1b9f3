import { clamp } from '../math/vec3.ts';
import type { EffortActuator, ServoActuator } from '../robot/actuator-model.ts';
import { getJoint, type RobotModel } from '../robot/model.ts';
import type { StateBatch } from '../robot/state.ts';
import { computeDcMotorEffort, type DcMotor } from './dc-motor.ts';
import type { ActuatorEngine } from './engine-port.ts';
import { computeLagMean, computeLagShare } from './lag.ts';
import type { ActuatorScales } from './scales.ts';
import { computePdEffort, computePositionError, computeVelocityEffort } from './servo.ts';
import {
  addJointEfforts,
  computeMotorCoordinate,
  makeTransmissionRow,
  type TransmissionRow,
} from './transmission.ts';

/** One motor of every copy of a robot. */
interface Motor {
  readonly actuator: EffortActuator | ServoActuator;
  /** In the list of actuators. */
  readonly index: number;
  readonly row: TransmissionRow;
  /** Whether its position is an angle without end. */
  readonly wraps: boolean;
  /** Absent: full effort at any speed. */
  readonly dc: DcMotor | undefined;
  /** [numRobots] N·m or N: where the lag has come to, NaN from a reset to the next `apply` */
  readonly lagged: Float64Array;
}

/**
 * Motors whose effort is computed from the state before each physics step, stage by stage:
 * command → law (effort, pd, velocity) → saturation → lag → torque–speed line → strength → transmission → joints.
 */
export class JointMotors {
  readonly #motors: readonly Motor[];
  readonly #numRobots: number;
  readonly #width: number;

  constructor(model: RobotModel, numRobots: number) {
    this.#motors = model.actuators.flatMap((actuator, index) => {
      if (actuator.kind === 'rotor' || actuator.kind === 'network') return [];
      if (actuator.kind !== 'effort' && actuator.integration === 'solver') return [];
      const row = makeTransmissionRow(model, actuator);
      const isAlone = actuator.transmission === undefined;
      const wraps = isAlone && getJoint(model, actuator.joint).type === 'continuous';
      const lagged = new Float64Array(numRobots).fill(Number.NaN);
      const { torqueSpeed, maxEffort } = actuator;
      const dc = torqueSpeed === undefined ? undefined : { ...torqueSpeed, maxEffort };
      return [{ actuator, index, row, wraps, dc, lagged }];
    });
    this.#numRobots = numRobots;
    this.#width = model.actuators.length;
  }

  reset(robot: number): void {
    for (const { lagged } of this.#motors) lagged[robot] = Number.NaN;
  }

  /**
   * Writes the effort of every joint: the sum over the motors that move it.
   * @param command [numRobots, numActuators] what has arrived at the motors
   */
  apply(
    engine: ActuatorEngine,
    state: StateBatch,
    command: Float64Array,
    scales: readonly ActuatorScales[],
    dt: number,
  ): void {
    engine.jointEffort.fill(0);
    for (let robot = 0; robot < this.#numRobots; robot++) {
      const offset = robot * state.numJoints;
      for (const motor of this.#motors) {
        const { actuator, row, dc } = motor;
        const position = computeMotorCoordinate(row, state.jointPosition, offset);
        const velocity = computeMotorCoordinate(row, state.jointVelocity, offset);
        const wish = command[robot * this.#width + motor.index]!;
        const wanted = computeWantedEffort(motor, wish, position, velocity, scales[robot]!);
        const limited = clamp(wanted, -actuator.maxEffort, actuator.maxEffort);
        const lagged = advanceLag(motor, robot, limited, scales[robot]!, dt);
        const given = dc === undefined ? lagged : computeDcMotorEffort(lagged, velocity, dc, 1);
        addJointEfforts(engine.jointEffort, offset, row, scales[robot]!.effort * given);
      }
    }
  }
}

function computeWantedEffort(
  { actuator, wraps }: Motor,
  command: number,
  position: number,
  velocity: number,
  scales: ActuatorScales,
): number {
  if (actuator.kind === 'effort') return command;
  const damping = actuator.damping * scales.damping;
  if (actuator.kind === 'velocity') return computeVelocityEffort(damping, command, velocity);
  const error = computePositionError(command, position, wraps);
  return computePdEffort(actuator.stiffness * scales.stiffness, damping, error, velocity);
}

/** Mean of the lagging effort over the step; right after a reset it has settled already. */
function advanceLag(
  { actuator, lagged }: Motor,
  robot: number,
  goal: number,
  scales: ActuatorScales,
  dt: number,
): number {
  const timeConstantS = (actuator.lagS ?? 0) * scales.lag;
  if (!(timeConstantS > 0)) return goal;
  const before = Number.isNaN(lagged[robot]!) ? goal : lagged[robot]!;
  const share = computeLagShare(dt, timeConstantS);
  lagged[robot] = before + (goal - before) * share;
  return computeLagMean(before, lagged[robot]!, goal, timeConstantS / dt);
}
