import { describe, expect, it } from 'vitest';
import { SimClock } from '../../../policies/runtime/clock.ts';

describe('SimClock', () => {
  it('answers at once for a time that is there, and holds a loop until a later one is', async () => {
    const clock = new SimClock(1);
    expect(clock.waitUntil({ timeS: 1 })).toBe('reached');
    // Whoever tells time rounds it: a microsecond is no difference.
    expect(clock.waitUntil({ timeS: 1 + 0.9e-6 })).toBe('reached');
    const waiting = clock.waitUntil({ timeS: 2 });
    let result: string | undefined;
    void Promise.resolve(waiting).then((told) => {
      result = told;
    });
    clock.advanceTo(1.9);
    await Promise.resolve();
    expect(result).toBeUndefined();
    clock.advanceTo(2);
    expect(await waiting).toBe('reached');
  });

  it('is idle while its loop waits, and not while that works', async () => {
    const clock = new SimClock(0);
    let isIdle = false;
    const idle = clock.waitUntilIdle().then(() => {
      isIdle = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isIdle).toBe(false);
    void clock.waitUntil({ timeS: 1 });
    await idle;
    expect(isIdle).toBe(true);
  });

  it('lets go of everybody once it is stopped', async () => {
    const clock = new SimClock(0);
    const waiting = clock.waitUntil({ timeS: 1 });
    clock.advanceTo(1);
    const idle = clock.waitUntilIdle();
    clock.stop();
    await idle;
    expect(await waiting).toBe('reached');
    expect(clock.waitUntil({ timeS: 0 })).toBe('stopped');
    await clock.waitUntilIdle();
  });

  it('does not go back', () => {
    const clock = new SimClock(5);
    expect(() => clock.advanceTo(4.9)).toThrow(RangeError);
    expect(() => clock.advanceTo(Number.NaN)).toThrow(RangeError);
    clock.advanceTo(5);
    expect(clock.nowS).toBe(5);
  });
});
