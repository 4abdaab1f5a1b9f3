import type { MutableNumbers } from '../math/vec3.ts';
import type { DifferentialDrive } from './model.ts';

/*
 * Rolling without slip: a wheel's speed over the ground is its angular speed times its radius, and the two sides differ by
 * the yaw rate times their separation (Siegwart, Nourbakhsh and Scaramuzza, Introduction to Autonomous Mobile
 * Robots, section 3.2). Wheel speeds are positive forward, as on a wheel whose axis points to the left; which
 * joints turn the other way is told by wheels.ts. Real wheels slip where the ground cannot hold what the motor gives;
 * what they do then is up to contact.
 */

type DriveGeometry = Pick<DifferentialDrive, 'wheelRadius' | 'wheelSeparation'>;

/**
 * Writes the speeds of left and right wheels that move the middle of the axle as wanted.
 * @param out [rad/s] left, right
 * @param forwardSpeed [m/s] along x of base_link
 * @param yawRate [rad/s] counterclockwise seen from above
 */
export function writeWheelSpeeds(
  out: MutableNumbers,
  drive: DriveGeometry,
  forwardSpeed: number,
  yawRate: number,
): void {
  const turn = (yawRate * drive.wheelSeparation) / 2;
  out[0] = (forwardSpeed - turn) / drive.wheelRadius;
  out[1] = (forwardSpeed + turn) / drive.wheelRadius;
}

/**
 * Writes how the middle of the axle moves if neither side slips.
 * @param out [m/s] along x of base_link, [rad/s] counterclockwise
 * @param left [rad/s] forward positive
 * @param right [rad/s]
 */
export function writeTwist(
  out: MutableNumbers,
  drive: DriveGeometry,
  left: number,
  right: number,
): void {
  out[0] = ((left + right) * drive.wheelRadius) / 2;
  out[1] = ((right - left) * drive.wheelRadius) / drive.wheelSeparation;
}

/**
 * Slows both sides by the same factor until neither is faster than `maxSpeed`, so that the robot stays on its curve.
 * @param wheels [rad/s] left, right; changed
 * @param maxSpeed [rad/s] @range > 0
 */
export function limitWheelSpeeds(wheels: MutableNumbers, maxSpeed: number): void {
  const fastest = Math.max(Math.abs(wheels[0]!), Math.abs(wheels[1]!));
  if (!(fastest > maxSpeed)) return;
  wheels[0]! *= maxSpeed / fastest;
  wheels[1]! *= maxSpeed / fastest;
}

/**
 * How much faster a wheel turns than it rolls over the ground. [m/s]; positive while it spins, negative while it drags
 * @param wheelSpeed [rad/s] forward positive
 * @param groundSpeed [m/s] of the wheel's hub, forward
 */
export function computeSlipSpeed(
  drive: Pick<DifferentialDrive, 'wheelRadius'>,
  wheelSpeed: number,
  groundSpeed: number,
): number {
  return wheelSpeed * drive.wheelRadius - groundSpeed;
}
