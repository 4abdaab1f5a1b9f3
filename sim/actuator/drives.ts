import type { ServoActuator } from '../robot/actuator-model.ts';
import { getJointIndex, type RobotModel } from '../robot/model.ts';
import type { ActuatorEngine } from './engine-port.ts';
import type { ActuatorScales } from './scales.ts';

/** Servos that the engine itself integrates: their gains are set once, after that only their targets change. */
export class Drives {
  readonly #drives: readonly {
    readonly actuator: ServoActuator;
    /** In the list of actuators. */
    readonly index: number;
    readonly jointIndex: number;
  }[];
  readonly #numRobots: number;
  readonly #width: number;
  readonly #numJoints: number;
  /** [numRobots] 1 until the engine has been told of the gains */
  readonly #isStale: Uint8Array;

  constructor(model: RobotModel, numRobots: number) {
    this.#drives = model.actuators.flatMap((actuator, index) => {
      if (actuator.kind !== 'pd' && actuator.kind !== 'velocity') return [];
      if (actuator.integration !== 'solver') return [];
      return [{ actuator, index, jointIndex: getJointIndex(model, actuator.joint) }];
    });
    this.#numRobots = numRobots;
    this.#width = model.actuators.length;
    this.#numJoints = model.jointNames.length;
    this.#isStale = new Uint8Array(numRobots).fill(1);
  }

  /** The gains of one robot are told to the engine anew at the next `apply`. */
  refresh(robot: number): void {
    this.#isStale[robot] = 1;
  }

  /** @param command [numRobots, numActuators] what has arrived at the motors */
  apply(engine: ActuatorEngine, command: Float64Array, scales: readonly ActuatorScales[]): void {
    if (this.#drives.length === 0) return;
    for (let robot = 0; robot < this.#numRobots; robot++) {
      if (this.#isStale[robot] === 1) this.#setGains(engine, robot, scales[robot]!);
      for (const { actuator, index, jointIndex } of this.#drives) {
        const targets = actuator.kind === 'pd' ? engine.drivePosition : engine.driveVelocity;
        targets[robot * this.#numJoints + jointIndex] = command[robot * this.#width + index]!;
      }
    }
  }

  #setGains(engine: ActuatorEngine, robot: number, scales: ActuatorScales): void {
    for (const { actuator, jointIndex } of this.#drives) {
      engine.setDrive(robot, jointIndex, {
        stiffness: actuator.stiffness * scales.stiffness * scales.effort,
        damping: actuator.damping * scales.damping * scales.effort,
        maxEffort: actuator.maxEffort * scales.effort,
      });
    }
    this.#isStale[robot] = 0;
  }
}
