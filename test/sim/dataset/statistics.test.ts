import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  computeDeviation,
  mergeMoments,
  NO_MOMENTS,
  Statistics,
} from '../../../sim/dataset/statistics.ts';

/** [-] a bin is 1/32 of a power of two wide */
const BIN_WIDTH = 1 / 32;

function addAll(values: readonly number[]): Statistics {
  const statistics = new Statistics(1);
  statistics.merge(statistics.add(Float32Array.from(values), values.length), []);
  return statistics;
}

describe('statistics', () => {
  it('of 1, 2, 3, 6 have mean 3 and deviation √3.5', () => {
    // Squares of differences: 4 + 1 + 0 + 9 = 14, a quarter of it is 3.5.
    const [moments] = addAll([1, 2, 3, 6]).moments;
    expect(moments).toEqual({ count: 4, nonFinite: 0, mean: 3, m2: 14, min: 1, max: 6 });
    expect(computeDeviation(moments!)).toBe(Math.sqrt(3.5));
  });

  it('keep columns apart', () => {
    const own = new Statistics(2).add(Float32Array.of(1, 10, 3, 30), 2);
    expect(own.map(({ mean, max }) => [mean, max])).toEqual([
      [2, 3],
      [20, 30],
    ]);
  });

  it('count what is not finite apart, and leave it out of the rest', () => {
    const [moments] = addAll([1, Number.NaN, 3, Number.POSITIVE_INFINITY]).moments;
    expect(moments).toMatchObject({ count: 2, nonFinite: 2, mean: 2, min: 1, max: 3 });
    expect(addAll([1, Number.NaN, 1]).estimateQuantiles(0, [0.5])).toEqual([1]);
  });

  it('of parts are those of the whole', () => {
    const numbers = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { maxLength: 50 });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const merged = mergeMoments(addAll(a).moments[0]!, addAll(b).moments[0]!);
        const [whole] = addAll([...a, ...b]).moments;
        expect(merged.count).toBe(whole!.count);
        expect(merged.mean).toBeCloseTo(whole!.mean, 9);
        // Up to 100 squares of up to 2000, in 53 bits.
        expect(merged.m2).toBeCloseTo(whole!.m2, 4);
        expect([merged.min, merged.max]).toEqual([whole!.min, whole!.max]);
      }),
    );
  });

  it('have the quantile 0 where numbers are 0, and not one that is nearly so', () => {
    expect(addAll([0, 0, 0]).estimateQuantiles(0, [0.1, 0.9])).toEqual([0, 0]);
    // Four of five are 0; with a bin from 0 to 2⁻¹³¹ the median would be a denormal in the midst of it.
    expect(addAll([0, -0, 0, 0, 5]).estimateQuantiles(0, [0.1, 0.5])).toEqual([0, 0]);
  });

  it('have quantiles that are right to the width of a bin, whatever the sign and the magnitude', () => {
    const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(numbers, fc.constantFrom(0.01, 0.1, 0.5, 0.9, 0.99), (values, share) => {
        const [estimate] = addAll(values).estimateQuantiles(0, [share]);
        const sorted = Float32Array.from(values).sort();
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
        // Below the smallest normal number bins are no longer relative.
        const tolerance = Math.abs(exact) * BIN_WIDTH + 2 ** -126;
        expect(Math.abs(estimate! - exact)).toBeLessThanOrEqual(tolerance);
      }),
    );
  });

  it('come back from their bins', () => {
    const one = addAll([-2, 0.1, 5]);
    const again = new Statistics(1);
    again.merge(one.moments, [one.listBins(0)]);
    expect(again.estimateQuantiles(0, [0.1, 0.5, 0.9])).toEqual(
      one.estimateQuantiles(0, [0.1, 0.5, 0.9]),
    );
    expect(new Statistics(1).moments).toEqual([NO_MOMENTS]);
  });
});
