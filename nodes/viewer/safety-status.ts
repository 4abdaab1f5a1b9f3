import {
  SAFETY_ACTIONS,
  SAFETY_RULES,
  type SafetyAction,
  type SafetyRule,
} from '../../policies/safety/verdict.ts';
import type { DiagnosticStatus } from '../ros/messages.ts';

export interface SafetyStatus {
  readonly robot: string;
  readonly action: SafetyAction;
  readonly rule: SafetyRule;
  readonly detail: string;
}

/**
 * The safety filter's state out of one entry of /diagnostics; undefined for any other entry. Action,
 * rule and detail stand in the message as `stop: tilt: 1.20 > 1.00 rad`; values of these names win.
 */
export function readSafetyStatus(status: DiagnosticStatus): SafetyStatus | undefined {
  if (!/\bsafety\b/.test(status.name)) return undefined;
  const values = new Map(status.values.map(({ key, value }) => [key, value]));
  const [first = '', second = '', ...rest] = status.message.split(': ');
  const wantedAction = values.get('action') ?? first;
  const wantedRule = values.get('rule') ?? (second || 'none');
  const action = SAFETY_ACTIONS.find((name) => name === wantedAction);
  const rule = SAFETY_RULES.find((name) => name === wantedRule);
  if (action === undefined || rule === undefined) return undefined;
  const detail = values.get('detail') ?? rest.join(': ');
  return { robot: status.hardware_id, action, rule, detail };
}
