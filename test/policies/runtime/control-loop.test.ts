import { beforeEach, describe, expect, it } from 'vitest';
import type { BlockingClock } from '../../../policies/runtime/clock.ts';
import { makeControlLoop, runLoop } from '../../../policies/runtime/control-loop.ts';
import { Timing } from '../../../policies/runtime/timing.ts';

/** [s] the loop's own tolerance for deadlines, a millionth of a period */
const ROUNDING = 1.1e-7;

/** A clock that stands still but for waiting and what a tick is said to take. */
class FakeClock implements BlockingClock {
  timeS = 0;
  /** [s] how late each wait ends, one after the other; then 0 */
  latenessS: number[] = [];
  isStopped = false;

  writeNow(out: { timeS: number }): void {
    out.timeS = this.timeS;
  }

  waitUntil({ timeS }: { readonly timeS: number }): 'reached' | 'stopped' {
    if (this.isStopped) return 'stopped';
    this.timeS = Math.max(this.timeS, timeS) + (this.latenessS.shift() ?? 0);
    return 'reached';
  }

  sleepUntil(instant: { readonly timeS: number }): 'reached' | 'stopped' {
    return this.waitUntil(instant);
  }
}

let clock: FakeClock;
let timing: Timing;
beforeEach(() => {
  clock = new FakeClock();
  timing = new Timing();
});

/** Runs a 10 Hz loop whose ticks take the given times; returns when each began. */
function runTicks(tickS: readonly number[], onMiss: 'skip' | 'hold' = 'skip'): number[] {
  const begun: number[] = [];
  const loop = makeControlLoop({
    rateHz: 10,
    clock,
    onMiss,
    timing,
    tick(time) {
      expect(time.periodS).toBe(0.1);
      begun.push(time.nowS);
      clock.timeS += tickS[begun.length - 1]!;
      clock.isStopped = begun.length === tickS.length;
    },
  });
  runLoop(loop, clock);
  return begun;
}

function expectTimes(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  expected.forEach((time, i) => {
    expect(Math.abs(got[i]! - time)).toBeLessThan(ROUNDING);
  });
}

describe('makeControlLoop', () => {
  it('keeps to start + k / rate', () => {
    const begun = runTicks(new Array(1000).fill(0.05));
    expectTimes(
      begun,
      Array.from({ length: 1000 }, (_, k) => k * 0.1),
    );
    expect(timing.copySnapshot()).toMatchObject({ ticks: 1000, overruns: 0, skipped: 0 });
  });

  it('does not let late wake-ups add up', () => {
    clock.latenessS = [0.01, 0.03, 0.02];
    expectTimes(runTicks([0, 0, 0, 0, 0]), [0.01, 0.13, 0.22, 0.3, 0.4]);
    const { lateness, period, overruns } = timing.copySnapshot();
    expect(lateness).toMatchObject({ count: 5 });
    expect(lateness.max).toBeCloseTo(0.03, 9);
    // From 0.01 to 0.13.
    expect(period.max).toBeCloseTo(0.12, 9);
    expect(period.count).toBe(4);
    expect(overruns).toBe(0);
  });

  it('passes over the deadlines that an overrun has missed, and returns to the grid', () => {
    // The first tick ends at 0.25: 0.1 and 0.2 are gone, 0.3 is next.
    expectTimes(runTicks([0.25, 0, 0]), [0, 0.3, 0.4]);
    expect(timing.copySnapshot()).toMatchObject({ ticks: 3, overruns: 1, skipped: 2 });
  });

  it('starts a new grid after an overrun where it is to hold the period', () => {
    // The first tick ends at 0.25; from there one period each.
    expectTimes(runTicks([0.25, 0, 0], 'hold'), [0, 0.35, 0.45]);
    expect(timing.copySnapshot()).toMatchObject({ overruns: 1, skipped: 2 });
  });

  it('is in time for a deadline that its tick ends on', () => {
    expectTimes(runTicks([0.1, 0.1, 0.1]), [0, 0.1, 0.2]);
    expect(timing.copySnapshot().overruns).toBe(0);
  });

  it('does not burst after a stall of a thousand periods', () => {
    clock.latenessS = [0, 100];
    expectTimes(runTicks([0, 0, 0, 0]), [0, 100.1, 100.2, 100.3]);
    // From 0.1 to 100.1: the ticks at 0.2, …, 100.1 are gone, 1000 of them.
    expect(timing.copySnapshot()).toMatchObject({ ticks: 4, overruns: 1, skipped: 1000 });
  });

  it('tells when its next tick is due, to whoever ticks it by hand', () => {
    const loop = makeControlLoop({ rateHz: 10, clock, onMiss: 'skip', timing, tick() {} });
    expect(loop.deadline.timeS).toBe(0);
    loop.tick();
    expect(loop.deadline.timeS).toBeCloseTo(0.1, 9);
    // 0.2 is gone when a tick ends at 0.25.
    clock.timeS = 0.25;
    loop.tick();
    expect(loop.deadline.timeS).toBeCloseTo(0.3, 9);
    expect(timing.copySnapshot()).toMatchObject({ ticks: 2, overruns: 1, skipped: 1 });
  });

  it('does not tick once its clock is stopped', () => {
    clock.isStopped = true;
    const loop = makeControlLoop({
      rateHz: 10,
      clock,
      onMiss: 'skip',
      timing,
      tick: () => expect.unreachable(),
    });
    runLoop(loop, clock);
    expect(timing.copySnapshot().ticks).toBe(0);
  });

  it('throws what a tick throws, so that its owner can report a fault', () => {
    const loop = makeControlLoop({
      rateHz: 10,
      clock,
      onMiss: 'skip',
      timing,
      tick: () => {
        throw new Error('inference failed');
      },
    });
    expect(() => runLoop(loop, clock)).toThrow('inference failed');
  });

  describe('rehearses', () => {
    /** Runs a 10 Hz loop of four ticks of 10 ms, whose rehearsals take the given times; returns when what began. */
    function runRehearsed(rehearsalS: readonly number[], rateHz = 10): [string, number][] {
      const begun: [string, number][] = [];
      let numRehearsed = 0;
      let numTicks = 0;
      const loop = makeControlLoop({
        rateHz,
        clock,
        onMiss: 'skip',
        timing,
        rehearse() {
          begun.push(['rehearsal', clock.timeS]);
          clock.timeS += rehearsalS[numRehearsed++] ?? 0;
        },
        tick() {
          begun.push(['tick', clock.timeS]);
          clock.timeS += 0.1 / rateHz;
          clock.isStopped = ++numTicks === 4;
        },
      });
      runLoop(loop, clock);
      return begun;
    }

    it('before each tick but the first, and is over when it is due', () => {
      const begun = runRehearsed([0.001, 0.001, 0.001]);
      expect(begun.map(([what]) => what)).toEqual([
        ...['tick', 'rehearsal', 'tick', 'rehearsal', 'tick', 'rehearsal', 'tick'],
      ]);
      expectTimes(
        begun.flatMap(([what, timeS]) => (what === 'tick' ? [timeS] : [])),
        [0, 0.1, 0.2, 0.3],
      );
      for (const [k, [what, timeS]] of begun.entries()) {
        if (what === 'tick') continue;
        const leadS = begun[k + 1]![1] - timeS;
        expect(leadS).toBeGreaterThan(0.001);
        expect(leadS).toBeLessThan(0.005);
      }
    });

    it('earlier after one that took long', () => {
      const begun = runRehearsed([0.001, 0.002, 0.001]);
      const leads = begun.flatMap(([what, timeS], k) =>
        what === 'tick' ? [] : [begun[k + 1]![1] - timeS],
      );
      expect(leads[2]).toBeGreaterThan(0.004);
      expect(leads[1]).toBeLessThan(0.003);
      expect(timing.copySnapshot().lateness.max).toBeLessThan(ROUNDING);
    });

    it('not where it wakes too late for that', () => {
      // Wakes one after the other: tick, rehearsal, tick, …
      clock.latenessS = [0, 0.0015, 0];
      const begun = runRehearsed([0.001, 0.001, 0.001]);
      expect(begun.map(([what]) => what).slice(0, 3)).toEqual(['tick', 'tick', 'rehearsal']);
    });

    it('not where ticks follow one another closely', () => {
      expect(runRehearsed([], 200).map(([what]) => what)).toEqual(['tick', 'tick', 'tick', 'tick']);
    });

    it('not where nobody says how', () => {
      const loop = makeControlLoop({ rateHz: 10, clock, onMiss: 'skip', timing, tick() {} });
      loop.tick();
      expect(loop.rehearsal.timeS).toBeNaN();
    });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a rate of %s', (rateHz) => {
    const options = { rateHz, clock, onMiss: 'skip', timing, tick() {} } as const;
    expect(() => makeControlLoop(options)).toThrow(RangeError);
  });
});
