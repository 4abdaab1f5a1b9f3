import { describe, expect, it } from 'vitest';
import { makeCommandDelay } from '../../../sim/actuator/delay.ts';

describe('makeCommandDelay', () => {
  it('delivers without latency at once and only once', () => {
    const delay = makeCommandDelay(1, 2);
    const out = new Float64Array(2);
    delay.push(0, [3, 4], 1);
    expect(delay.take(0, 1, out, 0)).toBe(true);
    expect([...out]).toEqual([3, 4]);
    expect(delay.take(0, 2, out, 0)).toBe(false);
  });

  it('delivers at the first step that is not before stamp plus latency, to the step', () => {
    const delay = makeCommandDelay(1, 1);
    const out = new Float64Array(1);
    delay.setLatency(0, 0.03);
    const dt = 0.01;
    const arrivals: number[] = [];
    // A command per step, stamped and taken at sums of 0.01 that are not exact in binary.
    for (let i = 0, timeS = 0; i < 1000; i++, timeS += dt) {
      delay.push(0, [i], timeS);
      if (delay.take(0, timeS, out, 0)) arrivals.push(i - out[0]!);
    }
    // 0.03 / 0.01 = 3 steps late, every time.
    expect(arrivals).toEqual(new Array(997).fill(3));
  });

  it('rounds a latency between two steps up to the later one', () => {
    const delay = makeCommandDelay(1, 1);
    const out = new Float64Array(1);
    delay.setLatency(0, 0.011);
    delay.push(0, [1], 0);
    expect(delay.take(0, 0.01, out, 0)).toBe(false);
    expect(delay.take(0, 0.02, out, 0)).toBe(true);
  });

  it('passes over commands that a newer one has caught up with', () => {
    const delay = makeCommandDelay(1, 1);
    const out = new Float64Array(1);
    for (const value of [1, 2, 3]) delay.push(0, [value], value);
    expect(delay.take(0, 10, out, 0)).toBe(true);
    expect(out[0]).toBe(3);
  });

  it('holds as many commands as a long latency needs, in order', () => {
    const delay = makeCommandDelay(1, 2);
    const out = new Float64Array(2);
    delay.setLatency(0, 100);
    for (let i = 0; i < 5; i++) delay.push(0, [i, -i], i);
    expect(delay.take(0, 102, out, 0)).toBe(true);
    for (let i = 5; i < 100; i++) delay.push(0, [i, -i], i);
    for (let i = 3; i < 100; i++) {
      expect(delay.take(0, 100 + i, out, 0)).toBe(true);
      expect([...out]).toEqual([i, -i]);
    }
  });

  it('keeps robots apart and forgets one on request', () => {
    const delay = makeCommandDelay(2, 1);
    const out = new Float64Array(2);
    delay.setLatency(1, 1);
    delay.push(0, [7], 0);
    delay.push(1, [8], 0);
    expect(delay.take(0, 0, out, 0)).toBe(true);
    expect(delay.take(1, 0, out, 1)).toBe(false);
    delay.clear(1);
    expect(delay.take(1, 5, out, 1)).toBe(false);
    expect([...out]).toEqual([7, 0]);
  });

  it('refuses a latency that is not a time', () => {
    const delay = makeCommandDelay(1, 1);
    expect(() => delay.setLatency(0, -0.1)).toThrow(RangeError);
    expect(() => delay.setLatency(0, Number.NaN)).toThrow(RangeError);
  });
});
