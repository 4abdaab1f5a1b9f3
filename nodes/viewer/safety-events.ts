import { isWorse } from '../../policies/safety/verdict.ts';
import type { Event } from '../../web-viewer/protocol.ts';
import type { SafetyStatus } from './safety-status.ts';

/** Passing and clamping are daily business; the log hears what goes beyond, and its end. */
export function describeChange(
  before: SafetyStatus | undefined,
  now: SafetyStatus,
): Pick<Event, 'severity' | 'text'> | undefined {
  const isTrouble = isWorse(now.action, 'clamp');
  const wasTrouble = before !== undefined && isWorse(before.action, 'clamp');
  if (!isTrouble) {
    return wasTrouble
      ? { severity: 'info', text: `${before.action} over: ${now.action}` }
      : undefined;
  }
  if (before?.action === now.action && before.rule === now.rule) return undefined;
  const detail = now.detail === '' ? '' : `: ${now.detail}`;
  return {
    severity: chooseSeverity(now),
    text: `${now.action}, ${now.rule.replaceAll('_', ' ')}${detail}`,
  };
}

/** Every robot begins stopped, and waits for its first command: that is no error. */
function chooseSeverity({ action, rule }: SafetyStatus): Event['severity'] {
  if (rule === 'not_armed') return 'info';
  return action === 'hold' ? 'warning' : 'error';
}
