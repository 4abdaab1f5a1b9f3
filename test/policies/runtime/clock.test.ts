import { describe, expect, it } from 'vitest';
import { SimClock } from '../../../policies/runtime/clock.ts';

describe('SimClock', () => {
  it('knows which times are there, give or take what whoever tells time rounds', () => {
    const clock = new SimClock(1);
    expect(clock.isReached({ timeS: 1 })).toBe(true);
    expect(clock.isReached({ timeS: 1 + 0.9e-6 })).toBe(true);
    expect(clock.isReached({ timeS: 1 + 1.1e-6 })).toBe(false);
    clock.advanceTo(2);
    expect(clock.isReached({ timeS: 2 })).toBe(true);
    const now = { timeS: Number.NaN };
    clock.writeNow(now);
    expect(now.timeS).toBe(2);
  });

  it('calls who follows it within the advance, until told not to', () => {
    const clock = new SimClock(0);
    const told: string[] = [];
    const endFirst = clock.follow(() => told.push(`first at ${clock.nowS}`));
    clock.follow(() => told.push(`second at ${clock.nowS}`));
    expect(told).toEqual([]);
    clock.advanceTo(1);
    expect(told).toEqual(['first at 1', 'second at 1']);
    endFirst();
    clock.advanceTo(1);
    expect(told).toEqual(['first at 1', 'second at 1', 'second at 1']);
  });

  it('does not go back', () => {
    const clock = new SimClock(5);
    expect(() => clock.advanceTo(4.9)).toThrow(RangeError);
    expect(() => clock.advanceTo(Number.NaN)).toThrow(RangeError);
    clock.advanceTo(5);
    expect(clock.nowS).toBe(5);
  });
});
