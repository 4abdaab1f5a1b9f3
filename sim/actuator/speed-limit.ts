import { getJoint, type RobotModel } from '../robot/model.ts';

/**
 * Share of a joint's speed limit by which a servo in the solver lets it be passed at full effort. The brake that
 * holds a joint at its limit must be a slope, not a step, to be integrated.
 */
const OVERSPEED_SHARE = 0.02;

/** [rad/s] or [m/s] what a motor may drive its joint at; infinite where the URDF names no speed above 0 */
export function getSpeedLimit(model: RobotModel, joint: string): number {
  const { maxVelocity } = getJoint(model, joint);
  return maxVelocity > 0 ? maxVelocity : Number.POSITIVE_INFINITY;
}

/** Effort of a motor that does not drive its joint beyond its speed limit; it may brake at any speed. */
export function limitBySpeed(effort: number, velocity: number, maxVelocity: number): number {
  const drives = effort * velocity > 0;
  return drives && Math.abs(velocity) >= maxVelocity ? 0 : effort;
}

/** [N·m·s/rad] or [N·s/m] damping of a servo that holds a joint at its speed limit instead of following its target */
export function computeGovernorDamping(maxEffort: number, maxVelocity: number): number {
  return maxEffort / (OVERSPEED_SHARE * maxVelocity);
}

/**
 * Whether a servo in the solver is to hold its joint at the speed limit rather than follow its target: from the
 * moment it is faster and still pushed on, until its own law asks for less effort than holding the limit takes.
 * @param wanted effort of its own law at the present state, within its limit
 */
export function isGoverned(
  was: boolean,
  wanted: number,
  velocity: number,
  governor: { readonly damping: number; readonly maxVelocity: number },
): boolean {
  const speed = Math.abs(velocity);
  const push = velocity < 0 ? -wanted : wanted;
  if (!was) return speed > governor.maxVelocity && push > 0;
  return push > governor.damping * (governor.maxVelocity - speed);
}
