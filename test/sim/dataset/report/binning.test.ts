import { describe, expect, it } from 'vitest';
import { makeBinning } from '../../../../sim/dataset/report/binning.ts';
import { Rng } from '../../../../sim/math/rng.ts';
import type { Distribution, Spread } from '../../../../sim/randomize/config.ts';
import { drawPlain } from '../../../../sim/randomize/distribution.ts';

const OPTIONS = { maxBins: 10, isWhole: false };

describe('parts of a distribution', () => {
  it.each<{ distribution: Spread; isWhole?: boolean; shares: readonly number[] }>([
    { distribution: { uniform: [0.5, 1.5] }, shares: new Array(10).fill(0.1) },
    { distribution: { logUniform: [0.01, 10] }, shares: new Array(10).fill(0.1) },
    { distribution: { normal: [1, 0.2], clip: [0.4, 1.6] }, shares: new Array(10).fill(0.1) },
    // 0.6 deviations from the mean are at 0.27 and 0.73 of all draws: in the third part and the eighth.
    {
      distribution: { normal: [1, 0.05], clip: [0.97, 1.03] },
      shares: [0.3, 0.1, 0.1, 0.1, 0.1, 0.3],
    },
    { distribution: { choice: [1, 2, 4, 8] }, shares: [0.25, 0.25, 0.25, 0.25] },
    { distribution: { choice: [2, 1, 1, 1, 1, 1, 1, 1, 1, 1] }, shares: [0.9, 0.1] },
    { distribution: { uniform: [3, 6] }, isWhole: true, shares: [0.25, 0.25, 0.25, 0.25] },
    // Rounded: ln 1.5, ln 2.5 − ln 1.5 and the rest, over ln 4.
    {
      distribution: { logUniform: [1, 4] },
      isWhole: true,
      shares: [0.2925, 0.3685, 0.2427, 0.0963],
    },
    // Below 1.5 and above 2.5, half a deviation from the mean: 0.3085 each.
    {
      distribution: { normal: [2, 1], clip: [1, 3] },
      isWhole: true,
      shares: [0.3085, 0.3829, 0.3085],
    },
  ])(
    'hold as many draws as they say ($distribution)',
    ({ distribution, isWhole = false, shares }) => {
      const binning = makeBinning(distribution, { maxBins: 10, isWhole })!;
      expect(binning.shares!.length).toBe(shares.length);
      const counts = new Array(binning.numBins).fill(0);
      const rng = new Rng(1);
      for (let k = 0; k < 10_000; k++) {
        counts[binning.find(drawPlain(distribution, rng, isWhole))!]++;
      }
      shares.forEach((share, k) => {
        expect(binning.shares![k]).toBeCloseTo(share, 4);
        // Five standard deviations of a binomial count.
        expect(Math.abs(counts[k] - 10_000 * share)).toBeLessThan(5 * Math.sqrt(10_000 * share));
      });
    },
  );

  it('are equally wide, and nobody knows how likely, where the difficulty moves them', () => {
    const binning = makeBinning(
      { schedule: { from: { uniform: [0, 1] }, to: { uniform: [3, 4] } } },
      { maxBins: 4, isWhole: false },
    )!;
    expect(binning.shares).toBeUndefined();
    expect([0.5, 1.5, 2.5, 3.5, 4.5].map(binning.find)).toEqual([0, 1, 2, 3, undefined]);
  });

  it('do not hold what the distribution does not reach', () => {
    expect(makeBinning({ uniform: [1, 2] }, OPTIONS)!.find(2.1)).toBeUndefined();
    expect(makeBinning({ logUniform: [1, 2] }, OPTIONS)!.find(-1)).toBeUndefined();
    expect(makeBinning({ choice: [1, 2] }, OPTIONS)!.find(1.5)).toBeUndefined();
    expect(makeBinning({ normal: [0, 1], clip: [-1, 1] }, OPTIONS)!.find(1.1)).toBeUndefined();
  });

  it('are the numbers themselves where only whole ones are drawn', () => {
    const binning = makeBinning({ uniform: [0, 3] }, { maxBins: 10, isWhole: true })!;
    expect(binning.numBins).toBe(4);
    expect([0, 1, 2, 3].map((value) => binning.find(value))).toEqual([0, 1, 2, 3]);
  });

  it('are none where nothing is drawn', () => {
    const none: readonly Distribution[] = [
      1,
      { choice: [2] },
      { uniform: [1, 1] },
      { normal: [1, 0], clip: [0, 2] },
    ];
    for (const fixed of none) {
      expect(makeBinning(fixed, OPTIONS)).toBeUndefined();
    }
  });
});
