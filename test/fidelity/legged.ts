import { writeInverseRotated, writeQuatProduct } from '../../sim/math/quat.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { StateBatch } from '../../sim/robot/state.ts';
import type { OpenWorld } from './worlds.ts';

/** Joint targets of the home pose, in the order of commands. [rad] */
export function makeHomeCommand(model: RobotModel): Float64Array {
  return Float64Array.from(
    model.actuatedJointNames,
    (name) => model.home.jointPosition[model.jointNames.indexOf(name)]!,
  );
}

/** Where a robot stands. */
export interface Stance {
  readonly position: Float64Array;
  readonly orientation: Float64Array;
  readonly jointPosition: Float64Array;
}

export function copyStance(
  { position, orientation, jointPosition }: StateBatch,
  robot = 0,
): Stance {
  const numJoints = jointPosition.length / (position.length / 3);
  return {
    position: position.slice(3 * robot, 3 * robot + 3),
    orientation: orientation.slice(4 * robot, 4 * robot + 4),
    jointPosition: jointPosition.slice(robot * numJoints, (robot + 1) * numJoints),
  };
}

/** How far one stance is from another. */
export function computeDrift(from: Stance, to: Stance): { metres: number; degrees: number } {
  const offset = to.position.map((value, k) => value - from.position[k]!);
  const inverse = from.orientation.map((value, k) => (k < 3 ? -value : value));
  const turn = new Float64Array(4);
  writeQuatProduct(turn, 0, inverse, 0, to.orientation, 0);
  const sine = Math.hypot(turn[0]!, turn[1]!, turn[2]!);
  const angle = 2 * Math.atan2(sine, Math.abs(turn[3]!));
  return { metres: Math.hypot(...offset), degrees: (180 / Math.PI) * angle };
}

/** Runs a world until a time, with a command that may depend on it. */
export function advanceUntil(
  { world }: OpenWorld,
  timeS: number,
  beforeStep: (timeS: number) => void = () => {},
  afterStep: (timeS: number) => void = () => {},
): void {
  // Half a physics step: sums of periods are not exact.
  while (world.timeS < timeS - world.controlPeriodS / 2) {
    beforeStep(world.timeS);
    world.advance();
    afterStep(world.timeS);
  }
}

/** Direction of gravity as the base feels it, for tilts. */
export function computeTiltDegrees(orientation: ArrayLike<number>): number {
  const down = new Float64Array(3);
  writeInverseRotated(down, 0, orientation, 0, [0, 0, -1], 0);
  return (180 / Math.PI) * Math.acos(Math.min(1, -down[2]!));
}
