import { computeYaw } from '../math/quat.ts';
import type { Numbers } from '../math/vec3.ts';
import type { StateBatch } from '../robot/state.ts';

/** How a base moves in its heading frame: base_link's yaw, but level. */

/** [m/s] ahead and to the left, from how the robot truly moves. Writes out[0], out[1]. */
export function writeHeadingVelocity(out: Float64Array, truth: StateBatch, robot: number): void {
  const yaw = computeYaw(truth.orientation, 4 * robot);
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  const x = truth.linearVelocityW[3 * robot]!;
  const y = truth.linearVelocityW[3 * robot + 1]!;
  out[0] = cos * x + sin * y;
  out[1] = cos * y - sin * x;
}

/** [m/s] length of the difference between how fast a robot should go and does */
export function computeVelocityError(
  { velocityCommand }: { readonly velocityCommand: Numbers },
  truth: StateBatch,
  robot: number,
): number {
  writeHeadingVelocity(scratch, truth, robot);
  const ahead = velocityCommand[3 * robot]! - scratch[0]!;
  const left = velocityCommand[3 * robot + 1]! - scratch[1]!;
  return Math.sqrt(ahead * ahead + left * left);
}

const scratch = new Float64Array(2);

/** [rad/s] about the vertical: the third row of odom-from-base_link times the rate in the body */
export function computeYawRate(
  { orientation, angularVelocityB }: StateBatch,
  robot: number,
): number {
  const q = 4 * robot;
  const x = orientation[q]!;
  const y = orientation[q + 1]!;
  const z = orientation[q + 2]!;
  const w = orientation[q + 3]!;
  return (
    2 * (x * z - w * y) * angularVelocityB[3 * robot]! +
    2 * (y * z + w * x) * angularVelocityB[3 * robot + 1]! +
    (1 - 2 * (x * x + y * y)) * angularVelocityB[3 * robot + 2]!
  );
}

/** [m/s] or [rad/s], added up: below it a command asks to stand, as in mjlab (K. Zakka et al., mdp/rewards.py) */
export const STANDING_COMMAND = 0.1;

/** Whether a robot is asked to move at all. */
export function isAskedToMove(
  { velocityCommand }: { readonly velocityCommand: Numbers },
  robot: number,
): boolean {
  const ahead = velocityCommand[3 * robot]!;
  const left = velocityCommand[3 * robot + 1]!;
  const turn = velocityCommand[3 * robot + 2]!;
  return Math.sqrt(ahead * ahead + left * left) + Math.abs(turn) > STANDING_COMMAND;
}
