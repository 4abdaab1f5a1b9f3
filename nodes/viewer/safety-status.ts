import type { SafetyAction, SafetyRule } from '../../policies/safety/verdict.ts';
import { SAFETY_ACTIONS, SAFETY_RULES } from '../../policies/safety/verdict.ts';
import type { DiagnosticStatus } from '../ros/messages.ts';

export interface SafetyStatus {
  readonly robot: string;
  readonly action: SafetyAction;
  readonly rule: SafetyRule;
  readonly detail: string;
}

/** The safety filter's state out of one entry of /diagnostics; undefined for any other entry. */
export function readSafetyStatus(status: DiagnosticStatus): SafetyStatus | undefined {
  const values = new Map(status.values.map(({ key, value }) => [key, value]));
  const action = SAFETY_ACTIONS.find((name) => name === values.get('action'));
  const rule = SAFETY_RULES.find((name) => name === values.get('rule'));
  if (action === undefined || rule === undefined) return undefined;
  return { robot: status.hardware_id, action, rule, detail: values.get('detail') ?? '' };
}
