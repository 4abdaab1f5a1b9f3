import type { SystemClock } from '../../nodes/ros/embedded.ts';

/** A system clock that a test moves by hand. */
export interface ManualClock extends SystemClock {
  /** Moves on, firing what falls due in order of time. [ms] */
  advance(ms: number): void;
}

export function makeManualClock(startNs = 0n): ManualClock {
  let nowNs = startNs;
  const alarms = new Set<{ atNs: bigint; callback: () => void }>();
  return {
    nowNs: () => nowNs,
    steadyNs: () => nowNs,
    schedule: (delayMs, callback) => {
      const alarm = { atNs: nowNs + BigInt(Math.round(delayMs * 1e6)), callback };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance: (ms) => {
      const untilNs = nowNs + BigInt(Math.round(ms * 1e6));
      for (;;) {
        const due = [...alarms].filter(({ atNs }) => atNs <= untilNs);
        const first = due.sort((a, b) => Number(a.atNs - b.atNs))[0];
        if (first === undefined) break;
        alarms.delete(first);
        if (first.atNs > nowNs) nowNs = first.atNs;
        first.callback();
      }
      nowNs = untilNs;
    },
  };
}
