import type { Distribution, TimingSnapshot } from '../policies/runtime/timing.ts';
import type { SafetyAction, SafetyRule, Verdict } from '../policies/safety/verdict.ts';
import { toTime } from './convert/stamp.ts';
import type { DiagnosticArray, DiagnosticStatus } from './ros/messages.ts';

/** diagnostic_msgs/DiagnosticStatus levels. */
export const LEVEL = { ok: 0, warn: 1, error: 2 } as const;

const LEVEL_OF_ACTION = {
  pass: LEVEL.ok,
  clamp: LEVEL.ok,
  hold: LEVEL.warn,
  damp: LEVEL.warn,
  stop: LEVEL.error,
} as const satisfies Record<SafetyAction, number>;

export function makeDiagnosticArray(
  stampNs: bigint,
  status: readonly DiagnosticStatus[],
): DiagnosticArray {
  return { header: { stamp: toTime(stampNs), frame_id: '' }, status: [...status] };
}

/** Under which name the safety of one robot is reported. */
export function makeSafetyName(robot: string): string {
  return `safety: ${robot}`;
}

/** What the safety filter of one robot says now, with its counts since the start. */
export function makeSafetyStatus(
  robot: string,
  verdict: Verdict,
  counts: Readonly<Record<SafetyAction, number>>,
  rules: Readonly<Record<SafetyRule, number>>,
): DiagnosticStatus {
  return {
    level: LEVEL_OF_ACTION[verdict.action],
    name: makeSafetyName(robot),
    message:
      verdict.detail === ''
        ? verdict.action
        : `${verdict.action}: ${verdict.rule}: ${verdict.detail}`,
    hardware_id: robot,
    values: [
      ...Object.entries(counts).map(([action, count]) => ({ key: action, value: String(count) })),
      ...Object.entries(rules)
        .filter(([rule, count]) => rule !== 'none' && count > 0)
        .map(([rule, count]) => ({ key: `rule ${rule}`, value: String(count) })),
    ],
  };
}

/** How punctual a control loop is; times in µs. */
export function makeTimingStatus(name: string, timing: TimingSnapshot): DiagnosticStatus {
  const describe = (key: string, d: Distribution) =>
    (['p50', 'p99', 'p999', 'max'] as const).map((quantile) => ({
      key: `${key} ${quantile} [µs]`,
      value: (d[quantile] * 1e6).toFixed(1),
    }));
  const isLate = timing.overruns > 0;
  return {
    level: isLate ? LEVEL.warn : LEVEL.ok,
    name: `timing: ${name}`,
    message: isLate ? `${timing.overruns} overruns` : 'on time',
    hardware_id: name,
    values: [
      { key: 'ticks', value: String(timing.ticks) },
      { key: 'overruns', value: String(timing.overruns) },
      { key: 'skipped', value: String(timing.skipped) },
      { key: 'rejected references', value: String(timing.rejectedReferences) },
      ...describe('lateness', timing.lateness),
      ...describe('tick', timing.tick),
      ...describe('observation age', timing.observationAge),
    ],
  };
}
