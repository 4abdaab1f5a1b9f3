import { describe, expect, it, vi } from 'vitest';
import { makeWallTime, SimTime } from '../../nodes/policy-time.ts';
import { makeSystemClock } from '../../nodes/ros/core/clock.ts';
import { readWallClockS } from '../../policies/runtime/clock.ts';

const EPOCH_NS = 1_795_286_883_000_000_000n;

describe('simulated time of a policy', () => {
  it('is exact to the nanosecond, from whenever the clock counts', () => {
    const time = new SimTime();
    time.begin(EPOCH_NS, 0);
    expect(time.readClock(EPOCH_NS + 3_000_000_001n)).toBeCloseTo(3.000_000_001, 12);
    expect(time.fromLoop(3.000_000_001)).toBe(EPOCH_NS + 3_000_000_001n);
  });

  it('goes on where the clock goes back, and tells nothing of the time before', () => {
    const time = new SimTime();
    time.begin(EPOCH_NS, 0);
    time.begin(5_000_000_000n, 7.5);
    expect(time.readClock(5_250_000_000n)).toBe(7.75);
    expect(time.fromLoop(7.75)).toBe(5_250_000_000n);
    expect(time.fromLoop(7.4)).toBeUndefined();
  });

  it('takes the first stamp for its beginning until there is a clock', () => {
    const time = new SimTime();
    expect(time.fromLoop(0)).toBeUndefined();
    expect(time.toLoop(12.5)).toBe(0);
    expect(time.toLoop(12.75)).toBe(0.25);
  });
});

describe('time of a policy on a robot', () => {
  it('follows the machine’s clock where that is set, so that ages stay what they are', () => {
    const clock = makeSystemClock();
    const time = makeWallTime(clock);
    const measure = () => {
      const stampNs = clock.nowNs();
      const ageS = readWallClockS() - time.toLoop(Number(stampNs) / 1e9);
      const backNs = Number(time.fromLoop(readWallClockS())! - clock.nowNs());
      return [ageS, backNs / 1e9];
    };
    const now = Date.now.bind(Date);
    for (const stepMs of [0, 5000, -86_400_000]) {
      const spy = vi.spyOn(Date, 'now').mockImplementation(() => now() + stepMs);
      try {
        expect(Number(clock.nowNs()) / 1e6 - (now() + stepMs)).toBeLessThan(2);
        // Two milliseconds: the clock is known to one, and somebody else may run in between.
        for (const value of measure()) expect(Math.abs(value!)).toBeLessThan(0.05);
      } finally {
        spy.mockRestore();
      }
    }
  });
});
