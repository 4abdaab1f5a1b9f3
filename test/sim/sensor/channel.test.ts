import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { ChannelNoise } from '../../../sim/robot/sensor-model.ts';
import { Channel } from '../../../sim/sensor/channel.ts';
import { computeDeviation, computeMean, deviationBand, meanBand } from '../../kit/sampled.ts';

const RATE_HZ = 100;

function makeChannel(spec: ChannelNoise, seed = 1, noiseScale = 1): Channel {
  const channel = new Channel(1, 1, spec, RATE_HZ);
  channel.reset(0, new Rng(seed), { noiseScale });
  return channel;
}

function measureMany(spec: ChannelNoise, count: number, value: number): number[] {
  const channel = makeChannel(spec);
  return Array.from({ length: count }, () => channel.measure(0, 0, value));
}

describe('a channel', () => {
  it('adds white noise of the described size', () => {
    const n = 10_000;
    const readings = measureMany({ noise: 0.2, bias: 0 }, n, 5);
    expect(Math.abs(computeMean(readings) - 5)).toBeLessThan(meanBand(0.2, n));
    expect(Math.abs(computeDeviation(readings) - 0.2)).toBeLessThan(deviationBand(0.2, n));
  });

  it('lets its bias walk at random, by the described strength per root of a second', () => {
    // 0.03 per √s over 4 s: 0.03 · √4 = 0.06. 400 samples of 100 Hz, 1000 walks.
    const n = 1000;
    const ends = Array.from({ length: n }, (_, seed) => {
      const channel = makeChannel({ noise: 0, bias: 0, drift: 0.03 }, seed);
      for (let k = 0; k < 4 * RATE_HZ; k++) channel.walk(0);
      return channel.measure(0, 0, 0);
    });
    expect(Math.abs(computeMean(ends))).toBeLessThan(meanBand(0.06, n));
    expect(Math.abs(computeDeviation(ends) - 0.06)).toBeLessThan(deviationBand(0.06, n));
  });

  it('walks the same way at any rate: only time counts', () => {
    const n = 1000;
    const ends = Array.from({ length: n }, (_, seed) => {
      const channel = new Channel(1, 1, { noise: 0, bias: 0, drift: 0.03 }, 10);
      channel.reset(0, new Rng(seed), { noiseScale: 1 });
      for (let k = 0; k < 40; k++) channel.walk(0);
      return channel.bias[0]!;
    });
    expect(Math.abs(computeDeviation(ends) - 0.06)).toBeLessThan(deviationBand(0.06, n));
  });

  it('draws noise and bias as it did before it drifted', () => {
    const still = makeChannel({ noise: 0.1, bias: 0.5 });
    const drifting = makeChannel({ noise: 0.1, bias: 0.5, drift: 1 });
    // Without a step of the walk the two are one channel: the walk has a stream of its own.
    for (let k = 0; k < 5; k++) expect(drifting.measure(0, 0, 1)).toBe(still.measure(0, 0, 1));
    const before = drifting.bias[0]!;
    drifting.walk(0);
    const walked = drifting.bias[0]! - before;
    expect(walked).not.toBe(0);
    expect(drifting.measure(0, 0, 1) - still.measure(0, 0, 1)).toBeCloseTo(walked, 12);
  });

  it('reads whole steps, rounded to the nearest', () => {
    const channel = makeChannel({ noise: 0, bias: 0, quantisation: 0.25 });
    const read = [0.1, 0.13, -0.12, -0.13, 7.49, -7.49].map((x) => channel.measure(0, 0, x));
    expect(read).toEqual([0, 0.25, 0, -0.25, 7.5, -7.5]);
    for (const value of measureMany({ noise: 1, bias: 0, quantisation: 0.25 }, 200, 3.1)) {
      expect(Number.isInteger(value / 0.25)).toBe(true);
    }
  });

  it('ends at its saturation, noise included, to both sides', () => {
    const readings = measureMany({ noise: 1, bias: 0, saturation: 2 }, 1000, 1.9);
    expect(Math.max(...readings)).toBe(2);
    expect(measureMany({ noise: 1, bias: 0, saturation: 2 }, 1000, -5)).toContain(-2);
    expect(Math.min(...measureMany({ noise: 1, bias: 0, saturation: 2 }, 1000, -5))).toBe(-2);
  });

  it('ends on a whole step where its saturation is none', () => {
    // Steps of 0.4 up to 1: the largest is 0.8.
    const channel = makeChannel({ noise: 0, bias: 0, quantisation: 0.4, saturation: 1 });
    expect(channel.measure(0, 0, 50)).toBeCloseTo(0.8, 12);
    expect(channel.measure(0, 0, -50)).toBeCloseTo(-0.8, 12);
  });

  it('passes on what is not a number, for others to see', () => {
    const spec = { noise: 0, bias: 0, quantisation: 0.4, saturation: 1 };
    expect(makeChannel(spec).measure(0, 0, Number.NaN)).toBeNaN();
  });

  it('is exact where the noise of an episode is scaled to nothing, but for its steps', () => {
    const spec = { noise: 1, bias: 1, drift: 1, quantisation: 0.5 };
    const channel = makeChannel(spec, 1, 0);
    channel.walk(0);
    expect(channel.measure(0, 0, 3.3)).toBe(3.5);
  });
});
