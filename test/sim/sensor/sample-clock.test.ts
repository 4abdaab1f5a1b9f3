import { describe, expect, it } from 'vitest';
import { SampleClock } from '../../../sim/sensor/sample-clock.ts';

function collectTicks(rateHz: number, physicsRateHz: number, numTicks: number): number[] {
  const clock = new SampleClock(1, rateHz, physicsRateHz);
  clock.start(0, 0, 'at_once');
  return Array.from({ length: numTicks }, (_, tick) => tick).filter((t) => clock.isDue(0, t));
}

describe('sample clock', () => {
  it('samples every fifth tick at 100 of 500 Hz, the first one at once', () => {
    expect(collectTicks(100, 500, 16)).toEqual([0, 5, 10, 15]);
  });

  it('spreads samples that do not divide the physics rate, at the first tick at or after each', () => {
    // 300 of 500 Hz: samples at n · 5/3 ticks = 0, 1.67, 3.33, 5, 6.67, 8.33, 10.
    expect(collectTicks(300, 500, 11)).toEqual([0, 2, 4, 5, 7, 9, 10]);
  });

  it('has no drift: 1000 s of 30 Hz on 1 kHz physics are 30,000 samples', () => {
    expect(collectTicks(30, 1000, 1_000_000)).toHaveLength(30_000);
  });

  it('counts each robot from its own start', () => {
    const clock = new SampleClock(2, 100, 500);
    clock.start(0, 0, 'at_once');
    clock.start(1, 3, 'after_one_period');
    const ticks = Array.from({ length: 14 }, (_, tick) => tick);
    expect(ticks.filter((t) => clock.isDue(0, t))).toEqual([0, 5, 10]);
    // 3 + 5 = 8 is its first: the sample at tick 3 itself is left out.
    expect(ticks.filter((t) => t >= 3 && clock.isDue(1, t))).toEqual([8, 13]);
  });

  it('refuses a sensor that is faster than the physics', () => {
    expect(() => new SampleClock(1, 600, 500)).toThrow(/\(0, 500\].*got 600/);
  });
});
