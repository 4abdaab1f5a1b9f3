import { describe, expect, it } from 'vitest';
import { compareEpisodes } from '../../../policies/evaluation/compare.ts';
import type { EpisodeSummary } from '../../../sim/env-result.ts';

function makeEpisode(
  seed: number,
  success: boolean,
  metrics: Readonly<Record<string, number>>,
): EpisodeSummary {
  return {
    ...{ env: 0, seed, episode: 0, context: {}, contextEvents: [] },
    ...{ steps: 1, lengthS: 1, return: seed, returnPerTerm: {}, costPerTerm: {} },
    ...{ end: 'truncated', reason: 'timeLimit', success, metrics },
  } as unknown as EpisodeSummary;
}

describe('two who did the same episodes', () => {
  it('are compared seed by seed, in what both have', () => {
    const own = [
      makeEpisode(7, true, { timeToGoal: 4, path: 1 }),
      makeEpisode(8, true, { timeToGoal: 6 }),
      makeEpisode(9, false, {}),
    ];
    const rival = [
      makeEpisode(7, true, { timeToGoal: 5 }),
      makeEpisode(8, false, {}),
      makeEpisode(9, false, {}),
    ];
    const found = Object.fromEntries(compareEpisodes(own, rival, 7).map((one) => [one.name, one]));
    // 2 of 3 against 1 of 3.
    expect(found.success).toMatchObject({ pairs: 3, own: 2 / 3, rival: 1 / 3 });
    expect(found.success!.difference).toBeCloseTo(1 / 3, 12);
    // Both reached the goal under seed 7 alone: 4 − 5; of one pair there is no interval.
    expect(found.timeToGoal).toEqual({
      ...{ name: 'timeToGoal', pairs: 1, own: 4, rival: 5, difference: -1, ci95: null },
    });
    expect(found.path).toMatchObject({ pairs: 0, difference: null });
    // The same return on every seed: no difference, with certainty.
    expect(found.return).toMatchObject({ difference: 0, ci95: [0, 0] });
  });

  it('have an interval around the difference that is narrower than that of either mean', () => {
    // Seeds differ by tens, the two by 1 ± 0.1.
    const make = (extra: (i: number) => number) =>
      Array.from({ length: 40 }, (_, i) => makeEpisode(i, true, { time: 10 * i + extra(i) }));
    const differences = compareEpisodes(
      make((i) => 1 + (i % 2 === 0 ? 0.1 : -0.1)),
      make(() => 0),
      0,
    );
    const { difference, ci95 } = differences.find(({ name }) => name === 'time')!;
    expect(difference).toBeCloseTo(1, 9);
    // 1.96 · 0.1 / √40 = 0.031 to either side.
    expect(ci95![1] - ci95![0]).toBeLessThan(0.08);
    expect(ci95![0]).toBeLessThan(1);
    expect(ci95![1]).toBeGreaterThan(1);
  });

  it('are refused where they did other episodes', () => {
    const other = () => compareEpisodes([makeEpisode(1, true, {})], [makeEpisode(2, true, {})], 1);
    expect(other).toThrow(/different seeds/);
  });
});
