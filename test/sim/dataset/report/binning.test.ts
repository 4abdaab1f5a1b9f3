import { describe, expect, it } from 'vitest';
import { makeBinning } from '../../../../sim/dataset/report/binning.ts';
import { Rng } from '../../../../sim/math/rng.ts';
import type { Distribution } from '../../../../sim/randomize/config.ts';
import { drawFrom } from '../../../../sim/randomize/distribution.ts';

const OPTIONS = { maxBins: 10, isWhole: false };

describe('parts of a distribution', () => {
  it.each<Distribution>([
    { uniform: [0.5, 1.5] },
    { logUniform: [0.01, 10] },
    { normal: [1, 0.2], clip: [0.5, 1.5] },
    { choice: [1, 2, 4, 8] },
  ])('are equally likely (%j)', (distribution) => {
    const binning = makeBinning(distribution, OPTIONS)!;
    const counts = new Array(binning.numBins).fill(0);
    const rng = new Rng(1);
    for (let k = 0; k < 10_000; k++) counts[binning.find(drawFrom(distribution, rng))!]++;
    const expected = 10_000 / binning.numBins;
    // Five standard deviations of a binomial count.
    for (const count of counts) {
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
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
    for (const fixed of [1, { choice: [2] }, { uniform: [1, 1] as [number, number] }]) {
      expect(makeBinning(fixed, OPTIONS)).toBeUndefined();
    }
  });
});
