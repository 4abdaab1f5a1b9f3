import type { TimingSnapshot } from '../../policies/runtime/timing.ts';
import { SAFETY_ACTIONS, type Verdict } from '../../policies/safety/verdict.ts';
import type { DiagnosticStatus } from '../ros/messages.ts';

/** diagnostic_msgs/DiagnosticStatus */
const LEVEL = { ok: 0, warn: 1, error: 2, stale: 3 } as const;

/** One entry of /diagnostics. */
export function makeDiagnosticStatus(
  name: string,
  hardwareId: string,
  level: keyof typeof LEVEL,
  message: string,
  values: Readonly<Record<string, string | number>>,
): DiagnosticStatus {
  return {
    level: LEVEL[level],
    name,
    message,
    hardware_id: hardwareId,
    values: Object.entries(values).map(([key, value]) => ({ key, value: String(value) })),
  };
}

/** The safety filter's state: clamp and hold warn, damp and stop are errors. */
export function makeSafetyStatus(robot: string, verdict: Verdict): DiagnosticStatus {
  const severity = SAFETY_ACTIONS.indexOf(verdict.action);
  const level =
    verdict.action === 'pass' ? 'ok' : severity < SAFETY_ACTIONS.indexOf('damp') ? 'warn' : 'error';
  const message = verdict.action === 'pass' ? 'pass' : `${verdict.action}: ${verdict.detail}`;
  const { action, rule, detail } = verdict;
  return makeDiagnosticStatus(`${robot}: safety`, robot, level, message, { action, rule, detail });
}

/** A control loop's timing: a tick that took longer than its period is a warning. Seconds as microseconds. */
export function makeTimingStatus(name: string, timing: TimingSnapshot): DiagnosticStatus {
  const us = (seconds: number) => (seconds * 1e6).toFixed(1);
  const { ticks, overruns, skipped, lateness, tick } = timing;
  const message = overruns === 0 ? 'on time' : `${overruns} of ${ticks} ticks took too long`;
  return makeDiagnosticStatus(`${name}: timing`, name, overruns === 0 ? 'ok' : 'warn', message, {
    ticks,
    overruns,
    skipped,
    'lateness p50 [us]': us(lateness.p50),
    'lateness p99 [us]': us(lateness.p99),
    'lateness max [us]': us(lateness.max),
    'tick p50 [us]': us(tick.p50),
    'tick p99 [us]': us(tick.p99),
    'tick max [us]': us(tick.max),
  });
}
