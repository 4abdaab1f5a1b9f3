import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { SensorTimingModel } from '../../../sim/robot/sensor-model.ts';
import { Sampler } from '../../../sim/sensor/sampler.ts';
import { STANDARD_ERRORS } from '../../kit/sampled.ts';

const RATE_HZ = 1000;
const AS_DESCRIBED = { noiseScale: 1, latencyScale: 1 };

interface Arrival {
  readonly seenTick: number;
  readonly stampTick: number;
  readonly value: number;
}

/** One sample per due tick, numbered; what arrives and when. */
function run(spec: SensorTimingModel, numTicks: number, draw = AS_DESCRIBED, seed = 1): Arrival[] {
  const sampler = new Sampler(1, 1, spec, { physicsRateHz: RATE_HZ, maxLatencyScale: 4 });
  sampler.reset(0, 0, new Rng(seed), draw, 'at_once');
  const arrivals: Arrival[] = [];
  let count = 0;
  for (let tick = 0; tick < numTicks; tick++) {
    if (sampler.isDue(0, tick)) {
      sampler.line.data[sampler.push(0, tick)] = count;
      count++;
    }
    sampler.line.deliver(0, tick, (_robot, stampTick, data, o) => {
      arrivals.push({ seenTick: tick, stampTick, value: data[o]! });
    });
  }
  return arrivals;
}

describe('a sampler', () => {
  it('loses the described share of samples and delivers the others unharmed', () => {
    const n = 10_000;
    const arrivals = run({ rateHz: RATE_HZ, latencyS: 0, dropout: 0.2 }, n);
    // Binomial: deviation √(n p (1 − p)) = 40.
    const deviation = Math.sqrt(n * 0.2 * 0.8);
    expect(Math.abs(n - arrivals.length - 0.2 * n)).toBeLessThan(STANDARD_ERRORS * deviation);
    for (const { stampTick, value, seenTick } of arrivals) {
      expect([value, seenTick]).toEqual([stampTick, stampTick]);
    }
  });

  it('loses samples one by one, not in runs', () => {
    const n = 10_000;
    const arrivals = run({ rateHz: RATE_HZ, latencyS: 0, dropout: 0.2 }, n);
    const isThere = new Uint8Array(n);
    for (const { stampTick } of arrivals) isThere[stampTick] = 1;
    // Of neighbours both are lost with probability 0.04; the pairs of even ticks are independent.
    let both = 0;
    for (let k = 0; k < n; k += 2) if (isThere[k] === 0 && isThere[k + 1] === 0) both++;
    const pairs = n / 2;
    const deviation = Math.sqrt(pairs * 0.04 * 0.96);
    expect(Math.abs(both - 0.04 * pairs)).toBeLessThan(STANDARD_ERRORS * deviation);
  });

  it('spreads the latency evenly around its middle', () => {
    // 10 Hz and 50 ± 20 ms: samples cannot catch up with one another, so latencies are as drawn.
    const n = 2000;
    const spec = { rateHz: 10, latencyS: 0.05, jitterS: 0.02 };
    const arrivals = run(spec, n * 100 + 100);
    const ticks = arrivals.map(({ seenTick, stampTick }) => seenTick - stampTick);
    // Uniform over (30, 70] ms, rounded up to whole ms: 31 … 70, mean 50.5, deviation √((40² − 1)/12) = 11.54.
    expect(Math.min(...ticks)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...ticks)).toBeLessThanOrEqual(70);
    const mean = ticks.reduce((sum, t) => sum + t, 0) / ticks.length;
    expect(Math.abs(mean - 50.5)).toBeLessThan((STANDARD_ERRORS * 11.54) / Math.sqrt(n));
    for (const [low, high] of [
      [30, 40],
      [60, 70],
    ] as const) {
      const share = ticks.filter((t) => t > low && t <= high).length / ticks.length;
      const deviation = Math.sqrt((0.25 * 0.75) / n);
      expect(Math.abs(share - 0.25)).toBeLessThan(STANDARD_ERRORS * deviation);
    }
  });

  it('never lets a sample overtake the one before, however wide the jitter', () => {
    const arrivals = run({ rateHz: RATE_HZ, latencyS: 0.02, jitterS: 0.02 }, 3000);
    const stamps = arrivals.map(({ stampTick }) => stampTick);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    // 40 ms of spread on 1 ms of period: many wait for their predecessors and come together.
    const together = arrivals.filter((a, k) => a.seenTick === arrivals[k - 1]?.seenTick);
    expect(together.length).toBeGreaterThan(100);
    for (const { seenTick, stampTick } of arrivals) {
      expect(seenTick - stampTick).toBeLessThanOrEqual(40);
    }
  });

  it('stretches jitter with the latency by the draw of the episode', () => {
    const spec = { rateHz: 10, latencyS: 0.02, jitterS: 0.01 };
    const ticksOf = (latencyScale: number) =>
      run(spec, 20_100, { noiseScale: 1, latencyScale }).map((a) => a.seenTick - a.stampTick);
    expect(Math.max(...ticksOf(0))).toBe(0);
    const stretched = ticksOf(2);
    expect(Math.min(...stretched)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...stretched)).toBeGreaterThan(50);
  });

  it('repeats itself from the same seed, and differs from another', () => {
    const spec = { rateHz: RATE_HZ, latencyS: 0.01, jitterS: 0.01, dropout: 0.3 };
    expect(run(spec, 500)).toEqual(run(spec, 500));
    expect(run(spec, 500, AS_DESCRIBED, 2)).not.toEqual(run(spec, 500));
  });
});
