import type { MutableNumbers } from '../../sim/math/vec3.ts';
import type { DifferentialDrive, RobotModel } from '../../sim/robot/model.ts';

/** How a robot on wheels moves over the floor. */
export interface PlanarTwist {
  /** [m/s] ahead */
  readonly speed: number;
  /** [rad/s] counterclockwise from above */
  readonly turnRate: number;
}

/** Wheel speeds that move the robot so, were there no slip. [rad/s], forward positive */
export function computeWheelSpeeds(
  drive: DifferentialDrive,
  { speed, turnRate }: PlanarTwist,
): { readonly left: number; readonly right: number } {
  const across = (turnRate * drive.wheelSeparation) / 2;
  return {
    left: (speed - across) / drive.wheelRadius,
    right: (speed + across) / drive.wheelRadius,
  };
}

/** The motion that wheel speeds make, were there no slip. */
export function computePlanarTwist(
  drive: DifferentialDrive,
  wheels: { readonly left: number; readonly right: number },
): PlanarTwist {
  const { wheelRadius, wheelSeparation } = drive;
  return {
    speed: (wheelRadius * (wheels.right + wheels.left)) / 2,
    turnRate: (wheelRadius * (wheels.right - wheels.left)) / wheelSeparation,
  };
}

/** The side of each actuated joint of a robot that drives on two sides. */
export class WheelMixer {
  readonly drive: DifferentialDrive;
  /** [rad/s] that every wheel can turn at */
  readonly maxWheelSpeed: number;
  /** [numActuatedJoints] −1 on the left, 1 on the right */
  readonly #side: Float64Array;

  /** @throws RangeError unless all actuated joints are wheels of its drive and take speeds */
  constructor(model: RobotModel) {
    const { drive } = model;
    if (drive === undefined) {
      throw new RangeError(`robot '${model.name}' has no drive in its robot.yaml`);
    }
    this.drive = drive;
    this.#side = Float64Array.from(model.actuatedJointNames, (name) => {
      if (drive.left.includes(name)) return -1;
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
   * @param out s[so …] [numActuatedJoints] rad/s, actuated joint order
   * @param speed [m/s] ahead
   * @param turnRate [rad/s] counterclockwise
   */
  writeSpeeds(out: MutableNumbers, so: number, speed: number, turnRate: number): void {
    const { wheelRadius, wheelSeparation } = this.drive;
    const ahead = speed / wheelRadius;
    const across = (turnRate * wheelSeparation) / (2 * wheelRadius);
    const fastest = Math.abs(ahead) + Math.abs(across);
    const share = fastest > this.maxWheelSpeed ? this.maxWheelSpeed / fastest : 1;
    for (let k = 0; k < this.#side.length; k++) {
      out[so + k] = share * (ahead + this.#side[k]! * across);
    }
  }
}
