import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rehearsals } from '../../nodes/rehearsals.ts';

let numRehearsed: number;
let rehearsals: Rehearsals;
/** [ms] */
let nowMs: number;
let lengthMs: number;

beforeEach(() => {
  vi.useFakeTimers();
  [numRehearsed, nowMs, lengthMs] = [0, 0, 0.1];
  const rehearse = () => {
    numRehearsed++;
    nowMs += lengthMs;
  };
  rehearsals = new Rehearsals(rehearse, () => nowMs);
});
afterEach(() => {
  rehearsals.stop();
  vi.useRealTimers();
});

/** Ticks after each of these times. [ms] Returns how often it had rehearsed at each. */
function tickAfter(...intervalsMs: readonly number[]): number[] {
  return intervalsMs.map((intervalMs) => {
    const tickMs = nowMs + intervalMs;
    vi.advanceTimersByTime(intervalMs);
    nowMs = tickMs;
    rehearsals.noteTick();
    return numRehearsed;
  });
}

describe('rehearsals between somebody else’s ticks', () => {
  it('begin with the fourth tick of a regular row, once before each', () => {
    expect(tickAfter(20, 20, 20, 20, 21, 19)).toEqual([0, 0, 0, 1, 2, 3]);
  });

  it('come a little before the tick', () => {
    tickAfter(20, 20, 20);
    vi.advanceTimersByTime(17);
    expect(numRehearsed).toBe(0);
    vi.advanceTimersByTime(2);
    expect(numRehearsed).toBe(1);
  });

  it('stop where ticks stop, and begin anew once they are regular again', () => {
    expect(tickAfter(20, 20, 20, 20, 500, 20, 20, 20)).toEqual([0, 0, 0, 1, 2, 2, 2, 3]);
  });

  it('are not made for ticks that nobody can foresee', () => {
    expect(tickAfter(20, 40, 20, 40, 10)).toEqual([0, 0, 0, 0, 0]);
  });

  it('are not made where ticks are as close as rehearsals would be to them, or seconds apart', () => {
    expect(tickAfter(1, 1, 1, 1, 1)).toEqual([0, 0, 0, 0, 0]);
    expect(tickAfter(2000, 2000, 2000, 2000)).toEqual([0, 0, 0, 0]);
  });

  it('come sooner where they take longer, and not at all where they could be in the way', () => {
    lengthMs = 2;
    expect(tickAfter(20, 20, 20, 20)).toEqual([0, 0, 0, 1]);
    // 1 ms and twice 2 ms before the tick.
    vi.advanceTimersByTime(14);
    expect(numRehearsed).toBe(1);
    vi.advanceTimersByTime(2);
    expect(numRehearsed).toBe(2);
    lengthMs = 4;
    nowMs += 18;
    rehearsals.noteTick();
    expect(tickAfter(20, 20, 20)).toEqual([3, 3, 3]);
  });

  it('are tried again some time after one that took too long', () => {
    lengthMs = 4;
    const counts = tickAfter(...new Array<number>(40).fill(20));
    // 4 ms · 0.95^k is an eighth of 20 ms after ten ticks.
    expect(counts.slice(0, 12)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(counts.at(-1)).toBeGreaterThan(2);
    expect(counts.at(-1)).toBeLessThan(6);
  });

  it('end for good', () => {
    tickAfter(20, 20, 20);
    rehearsals.stop();
    vi.advanceTimersByTime(100);
    expect(numRehearsed).toBe(0);
  });
});
