import type { MutableNumbers, Numbers } from '../math/vec3.ts';
import { writeTwist } from './differential-drive.ts';
import type { DifferentialDrive, RobotModel } from './model.ts';
import { computeWheels, type Wheel } from './wheels.ts';

/** From the speeds that the wheels of a differential drive are told to how that moves the middle of its axle. */
export class WheelTwist {
  readonly #drive: DifferentialDrive;
  readonly #left: readonly Told[];
  readonly #right: readonly Told[];

  /** @throws RangeError unless the robot has a drive and takes the speed of each of its wheels */
  constructor(model: RobotModel) {
    const { drive, commandKind, name } = model;
    if (drive === undefined) throw new RangeError(`robot '${name}' has no drive`);
    if (commandKind !== 'velocity') {
      throw new RangeError(`robot '${name}' takes ${commandKind}, not wheel speeds`);
    }
    this.#drive = drive;
    const { left, right } = computeWheels(model);
    this.#left = left.map((wheel) => findTold(model, wheel));
    this.#right = right.map((wheel) => findTold(model, wheel));
  }

  /**
   * Writes the twist if no wheel slips; wheels of one side that differ count with their mean.
   * @param out [m/s] along x of base_link, [rad/s] counterclockwise seen from above (REP-103)
   * @param joint [numActuatedJoints] rad/s, each about its own axis, actuated joint order
   */
  write(out: MutableNumbers, joint: Numbers): void {
    writeTwist(out, this.#drive, computeMean(this.#left, joint), computeMean(this.#right, joint));
  }
}

/** Where the speed of a wheel stands in a command. */
interface Told {
  readonly column: number;
  /** 1 where a positive turn rolls forward, −1 where its axis points to the right */
  readonly forward: 1 | -1;
}

function findTold(model: RobotModel, { jointIndex, forward }: Wheel): Told {
  const joint = model.jointNames[jointIndex]!;
  const column = model.actuatedJointNames.indexOf(joint);
  if (column < 0) throw new RangeError(`robot '${model.name}': wheel '${joint}' has no motor`);
  return { column, forward };
}

/** [rad/s] forward positive */
function computeMean(wheels: readonly Told[], joint: Numbers): number {
  let sum = 0;
  for (const { column, forward } of wheels) sum += forward * joint[column]!;
  return sum / wheels.length;
}
