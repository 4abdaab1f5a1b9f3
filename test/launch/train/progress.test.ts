import { describe, expect, it } from 'vitest';
import { describeStatus, NO_STATUS, updateStatus } from '../../../launch/train/progress.ts';
import type { RunEvent } from '../../../policies/training/run/run-parts.ts';

const BUDGET = { steps: 4000, wallS: null };

function round(number: number, means: { meanReturn: number | null; successRate: number | null }) {
  const line = { round: number, steps: 1000 * number, wallS: number, stepsPerSecond: 1000 };
  return { kind: 'round', line: { ...line, ...means }, episodes: [] } as RunEvent;
}

function evaluation(successRate: number): RunEvent {
  const score = { score: { successRate } };
  return { kind: 'evaluation', round: 2, steps: 2000, evaluation: score } as unknown as RunEvent;
}

function show(events: readonly RunEvent[]): string {
  return describeStatus(events.reduce(updateStatus, NO_STATUS), BUDGET);
}

describe('the progress line of a run', () => {
  it('shows the means of the last round, and how long what is left takes', () => {
    // Two of four thousand steps in two seconds: two more.
    expect(show([round(2, { meanReturn: -14.2, successRate: 0.25 })])).toBe(
      'round 2 · 2,000 steps · 1,000 steps/s · return -14.20 · success 25.0 % · 2 s left',
    );
  });

  it('shows none where no episode has ended, whatever it was before', () => {
    const before = round(1, { meanReturn: -14.2, successRate: 0 });
    const line = show([before, round(2, { meanReturn: null, successRate: null })]);
    expect(line).toContain('return – · success – ·');
    expect(line).not.toContain('-14.2');
  });

  it('keeps the success of the last evaluation beside them', () => {
    const none = { meanReturn: null, successRate: null };
    const line = show([round(2, none), evaluation(0.98), round(3, none)]);
    expect(line).toContain('success – · evaluated 98.0 % ·');
  });
});
