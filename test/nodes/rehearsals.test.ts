import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rehearsals } from '../../nodes/rehearsals.ts';

let numRehearsed: number;
let rehearsals: Rehearsals;

beforeEach(() => {
  vi.useFakeTimers();
  numRehearsed = 0;
  rehearsals = new Rehearsals(() => numRehearsed++);
});
afterEach(() => {
  rehearsals.stop();
  vi.useRealTimers();
});

/** Ticks after each of these times. [ms] Returns how often it had rehearsed at each. */
function tickAfter(...intervalsMs: readonly number[]): number[] {
  let nowMs = 0;
  return intervalsMs.map((intervalMs) => {
    vi.advanceTimersByTime(intervalMs);
    nowMs += intervalMs;
    rehearsals.noteTick(nowMs);
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

  it('end for good', () => {
    tickAfter(20, 20, 20);
    rehearsals.stop();
    vi.advanceTimersByTime(100);
    expect(numRehearsed).toBe(0);
  });
});
