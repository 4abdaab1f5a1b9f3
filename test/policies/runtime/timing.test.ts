import { describe, expect, it } from 'vitest';
import { CHANNEL, Timing } from '../../../policies/runtime/timing.ts';

/** Buckets are a 64th of an octave wide: 2^(1/64) − 1 = 1.09 %. */
const BUCKET_WIDTH = 0.011;

function add(timing: Timing, ...seconds: number[]): void {
  for (const value of seconds) {
    timing.sample[CHANNEL.tick] = value;
    timing.add(CHANNEL.tick);
  }
}

describe('Timing', () => {
  it('gives quantiles to the width of a bucket, never below the truth', () => {
    const timing = new Timing();
    // 1 ms, 2 ms, …, 1000 ms.
    for (let k = 1; k <= 1000; k++) add(timing, k * 1e-3);
    const { tick } = timing.copySnapshot();
    for (const [quantile, truth] of [
      [tick.p50, 0.5],
      [tick.p99, 0.99],
      [tick.p999, 0.999],
    ] as const) {
      expect(quantile).toBeGreaterThanOrEqual(truth);
      expect(quantile).toBeLessThan(truth * (1 + BUCKET_WIDTH));
    }
    expect(tick).toMatchObject({ count: 1000, max: 1 });
  });

  it('sees one outlier in a thousand in the maximum and not in the 99th percentile', () => {
    const timing = new Timing();
    for (let k = 0; k < 999; k++) add(timing, 1e-4);
    add(timing, 0.5);
    const { tick } = timing.copySnapshot();
    expect(tick.p99).toBeLessThan(1e-4 * (1 + BUCKET_WIDTH));
    expect(tick.max).toBe(0.5);
  });

  it('counts negative durations as 0, leaves out what is not finite, and survives the absurd', () => {
    const timing = new Timing();
    add(timing, -1, Number.NaN, Number.POSITIVE_INFINITY, 0, 1e6);
    const { tick } = timing.copySnapshot();
    expect(tick).toMatchObject({ count: 3, max: 1e6 });
    expect(tick.p50).toBeLessThanOrEqual(1e-7);
  });

  it('says NaN, not 0, where nothing was measured', () => {
    expect(new Timing().copySnapshot().lateness).toEqual({
      count: 0,
      p50: Number.NaN,
      p99: Number.NaN,
      p999: Number.NaN,
      max: Number.NaN,
    });
  });

  it('is read through its buffer, and cleared', () => {
    const timing = new Timing();
    add(timing, 0.25);
    timing.count('ticks');
    timing.count('skipped', 5);
    const reader = new Timing(timing.buffer);
    expect(reader.copySnapshot()).toMatchObject({ ticks: 1, skipped: 5, tick: { max: 0.25 } });
    timing.clear();
    expect(reader.copySnapshot()).toMatchObject({ ticks: 0, tick: { count: 0 } });
  });
});
