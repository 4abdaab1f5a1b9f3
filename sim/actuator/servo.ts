import { wrapAngle } from '../math/quat.ts';

/**
 * Effort of a position servo before saturation: stiffness · (command − position) − damping · velocity.
 * [N·m] or [N]
 */
export function computePdEffort(
  stiffness: number,
  damping: number,
  error: number,
  velocity: number,
): number {
  return stiffness * error - damping * velocity;
}

/** Effort of a speed servo before saturation: damping · (command − velocity). [N·m] or [N] */
export function computeVelocityEffort(damping: number, command: number, velocity: number): number {
  return damping * (command - velocity);
}

/** Command minus position; the short way round where the joint turns without end. [rad] or [m] */
export function computePositionError(command: number, position: number, wraps: boolean): number {
  return wraps ? wrapAngle(command - position) : command - position;
}
