import { UserError } from '../sim/errors.ts';
import { clamp } from '../sim/math/vec3.ts';
import type { Bounds, HeadingVelocity } from '../sim/task/command.ts';
import type { ReferenceBatch } from '../sim/task/robot-view.ts';
import type { Twist } from './ros/messages.ts';

/** [s] a velocity by hand holds for this long, as a dead-man's switch */
export const CMD_VEL_TIMEOUT_S = 0.5;
/** [rad/s] fastest turn by hand */
const MAX_YAW_RATE = 1;
/** [m] a reference by hand keeps off the geofence, so that overshoot does not cross it; above the floor too */
const BOUNDS_MARGIN = 0.3;

const UNBOUNDED: Bounds = {
  lower: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  upper: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
};

/** Where a reference may be led by hand: inside the fence by a margin, and above the floor. */
export function computeHandBounds(geofence: Bounds | undefined): Bounds {
  if (geofence === undefined) return UNBOUNDED;
  const { lower, upper } = geofence;
  // A fence reaches below the floor, a reference must not.
  const floor = Math.max(lower[2], 0);
  return {
    lower: [lower[0] + BOUNDS_MARGIN, lower[1] + BOUNDS_MARGIN, floor + BOUNDS_MARGIN],
    upper: [upper[0] - BOUNDS_MARGIN, upper[1] - BOUNDS_MARGIN, upper[2] - BOUNDS_MARGIN],
  };
}

/**
 * A velocity by hand, slowed to what the policy can follow, direction kept.
 * @throws UserError if a number is not finite
 */
export function readWish({ linear, angular }: Twist, maxSpeed: number): HeadingVelocity {
  assertFiniteVelocity({ linear, angular });
  const speed = Math.hypot(linear.x, linear.y, linear.z);
  const share = speed > maxSpeed ? maxSpeed / speed : 1;
  return {
    x: linear.x * share,
    y: linear.y * share,
    z: linear.z * share,
    yawRate: clamp(angular.z, -MAX_YAW_RATE, MAX_YAW_RATE),
  };
}

/** [m/s] or [rad/s] either way, of what a policy does not say it was taught */
const UNTAUGHT = [-1, 1] as const;

/**
 * A velocity by hand as a command to a robot, each number kept within what its policy was taught.
 * @param out row `row` of `velocityCommand`
 * @param taught `forward`, `left` and `yawRate` of the policy's manifest
 * @throws UserError if a number is not finite
 */
export function readVelocityCommand(
  out: Pick<ReferenceBatch, 'velocityCommand'>,
  row: number,
  twist: Twist,
  taught: Readonly<Record<string, readonly [lower: number, upper: number]>>,
): void {
  assertFiniteVelocity(twist);
  const { forward = UNTAUGHT, left = UNTAUGHT, yawRate = UNTAUGHT } = taught;
  out.velocityCommand[3 * row] = clamp(twist.linear.x, ...forward);
  out.velocityCommand[3 * row + 1] = clamp(twist.linear.y, ...left);
  out.velocityCommand[3 * row + 2] = clamp(twist.angular.z, ...yawRate);
}

function assertFiniteVelocity({ linear, angular }: Twist): void {
  const given = [linear.x, linear.y, linear.z, angular.z];
  if (given.every(Number.isFinite)) return;
  throw new UserError({
    where: 'cmd_vel',
    problem: 'the velocity is not finite; it is ignored',
    expected: 'finite linear.x, linear.y, linear.z, angular.z',
    got: given.join(', '),
    remedy: 'Mend the sender.',
  });
}
