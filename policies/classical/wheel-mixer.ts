import { throwIfAny } from '../../sim/errors.ts';
import type { MutableNumbers } from '../../sim/math/vec3.ts';
import { limitWheelSpeeds, writeWheelSpeeds } from '../../sim/robot/differential-drive.ts';
import type { DifferentialDrive, RobotModel } from '../../sim/robot/model.ts';
import { checkWheels, computeWheels } from '../../sim/robot/wheels.ts';

/** From how a robot should move to the speed of each of its wheels, on two sides. */
export class WheelMixer {
  readonly drive: DifferentialDrive;
  /** [rad/s] that every wheel can turn at */
  readonly maxWheelSpeed: number;
  /** [numActuatedJoints] 0 on the left, 1 on the right */
  readonly #side: Uint8Array;
  /** [numActuatedJoints] 1, or −1 for a wheel that rolls forward by turning backwards about its axis */
  readonly #forward: Int8Array;
  /** [2] rad/s left, right, forward positive */
  readonly #sides = new Float64Array(2);

  /**
   * @throws RangeError unless all actuated joints are wheels of its drive and take speeds
   * @throws UserErrors for wheels that do not roll along x, or stand on the other side
   */
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
    throwIfAny(checkWheels(model));
    const wheels = computeWheels(model);
    const all = [...wheels.left, ...wheels.right];
    this.#forward = Int8Array.from(model.actuatedJointNames, (name) => {
      return all.find(({ jointIndex }) => model.jointNames[jointIndex] === name)!.forward;
    });
    this.maxWheelSpeed = Math.min(...model.commandUpper, ...model.commandLower.map((low) => -low));
  }

  /**
   * Writes the speed of every wheel about its own axis, whichever way that points. What is too fast for a wheel is slowed down as a whole, so that the robot
   * keeps to its curve.
   * @param out [numActuatedJoints] rad/s, actuated joint order
   * @param speed [m/s] ahead
   * @param turnRate [rad/s] counterclockwise
   */
  writeSpeeds(out: MutableNumbers, speed: number, turnRate: number): void {
    writeWheelSpeeds(this.#sides, this.drive, speed, turnRate);
    limitWheelSpeeds(this.#sides, this.maxWheelSpeed);
    for (let k = 0; k < this.#side.length; k++) {
      out[k] = this.#forward[k]! * this.#sides[this.#side[k]!]!;
    }
  }
}
