/**
 * A hazard is a value. Severity grows in this order:
 * pass    the command goes through as it is;
 * clamp   the command goes through, changed to lie inside its limits;
 * hold    the last safe command is repeated, for a bounded time;
 * damp    the robot's damp command is sent;
 * stop    the robot's stop command is sent and latched until somebody clears it. Not latched is the
 *         stop of `not_armed`: nothing has passed yet, so there is nothing to end.
 */
export const SAFETY_ACTIONS = ['pass', 'clamp', 'hold', 'damp', 'stop'] as const;
export type SafetyAction = (typeof SAFETY_ACTIONS)[number];

export const SAFETY_RULES = [
  'none',
  'non_finite',
  'stale_observation',
  'command_range',
  'command_rate',
  'tilt',
  'geofence',
  'watchdog',
  'stop_request',
  'latched',
  'internal_error',
  'not_armed',
] as const;
export type SafetyRule = (typeof SAFETY_RULES)[number];

export interface Verdict {
  readonly action: SafetyAction;
  readonly rule: SafetyRule;
  /** What was measured against which limit; empty for a pass. */
  readonly detail: string;
}

/** The verdict of a healthy tick; shared, so that health allocates nothing. */
export const PASS: Verdict = Object.freeze({ action: 'pass', rule: 'none', detail: '' });

export function isWorse(a: SafetyAction, b: SafetyAction): boolean {
  return SAFETY_ACTIONS.indexOf(a) > SAFETY_ACTIONS.indexOf(b);
}

/** Made by the safety filter alone; its brand never leaves that module. */
export type { MotorPort, SafeCommand } from './filter.ts';
