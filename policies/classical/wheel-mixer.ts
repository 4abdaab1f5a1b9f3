import type { MutableNumbers } from '../../sim/math/vec3.ts';
import { limitWheelSpeeds, writeWheelSpeeds } from '../../sim/robot/differential-drive.ts';
import type { DifferentialDrive, RobotModel } from '../../sim/robot/model.ts';

/** From how a robot should move to the speed of each of its wheels, on two sides. */
export class WheelMixer {
  readonly drive: DifferentialDrive;
  /** [rad/s] that every wheel can turn at */
  readonly maxWheelSpeed: number;
  /** [numActuatedJoints] 0 on the left, 1 on the right */
  readonly #side: Uint8Array;
  /** [2] rad/s left, right */
  readonly #sides = new Float64Array(2);

  /** @throws RangeError unless all actuated joints are wheels of its drive and take speeds */
  constructor(model: RobotModel) {
    const { drive } = model;
    if (drive === undefined) {
      throw new RangeError(`robot '${model.name}' has no drive in its robot.yaml`);
    }
    this.drive = drive;
    this.#side = Uint8Array.from(model.actuatedJointNames, (name) => {
      if (drive.left.includes(name)) return 0;
      if (drive.right.includes(name)) return 1;
      throw new RangeError(`robot '${model.name}': joint '${name}' is no wheel of its drive`);
    });
    if (model.commandKind !== 'velocity') {
      throw new RangeError(`robot '${model.name}' takes ${model.commandKind}, not wheel speeds`);
    }
    this.maxWheelSpeed = Math.min(...model.commandUpper, ...model.commandLower.map((low) => -low));
  }

  /**
   * Writes the speed of every wheel. What is too fast for a wheel is slowed down as a whole, so that the robot
   * keeps to its curve.
   * @param out [numActuatedJoints] rad/s, actuated joint order
   * @param speed [m/s] ahead
   * @param turnRate [rad/s] counterclockwise
   */
  writeSpeeds(out: MutableNumbers, speed: number, turnRate: number): void {
    writeWheelSpeeds(this.#sides, this.drive, speed, turnRate);
    limitWheelSpeeds(this.#sides, this.maxWheelSpeed);
    for (let k = 0; k < this.#side.length; k++) out[k] = this.#sides[this.#side[k]!]!;
  }
}
