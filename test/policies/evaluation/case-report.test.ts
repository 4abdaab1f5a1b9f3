import { describe, expect, it } from 'vitest';
import { computeMeanInterval } from '../../../policies/evaluation/bootstrap.ts';
import { describeTally, makeContextTallies } from '../../../policies/evaluation/context-tallies.ts';
import { planEnv } from '../../../sim/env-plan.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';

describe('the interval of a mean', () => {
  it('is that of the normal distribution where there are many values of one', () => {
    const rng = new Rng(1, 'test');
    const values = Array.from({ length: 400 }, () => rng.normal(3, 2));
    const mean = values.reduce((sum, value) => sum + value, 0) / 400;
    // 1.96 · 2 / √400 = 0.196 to either side; the spread of these values and 2000 resamples leave 10 %.
    const [lower, upper] = computeMeanInterval(values, new Rng(1, 'bootstrap'))!;
    expect(mean - lower).toBeGreaterThan(0.9 * 0.196);
    expect(mean - lower).toBeLessThan(1.1 * 0.196);
    expect(upper - mean).toBeGreaterThan(0.9 * 0.196);
    expect(upper - mean).toBeLessThan(1.1 * 0.196);
  });

  it('is none of one value, and a point where all are the same', () => {
    expect(computeMeanInterval([1], new Rng(1, 'bootstrap'))).toBeUndefined();
    expect(computeMeanInterval([2, 2, 2], new Rng(1, 'bootstrap'))).toEqual([2, 2]);
  });
});

describe('success by what was drawn', () => {
  it('finds the number that it depends on', async () => {
    const randomization = RandomizationConfig.parse({
      massScale: { uniform: [1, 2] },
      gravityScale: { uniform: [0.9, 1.1] },
    });
    const plan = await planEnv({ task: 'cartpole-balance', numEnvs: 1, randomization });
    const tallies = makeContextTallies(plan, 2);
    expect(tallies.map(({ name }) => name).sort()).toEqual(['gravityScale', 'massScale']);
    // Light robots succeed, heavy ones do not; gravity is the same in both halves.
    for (const mass of [1.2, 1.3, 1.7, 1.8]) {
      for (const gravity of [0.95, 1.05]) {
        for (const tally of tallies) {
          tally.add(tally.name === 'massScale' ? mass : gravity, mass < 1.5);
        }
      }
    }
    const [mass, gravity] = ['massScale', 'gravityScale'].map((name) =>
      describeTally(tallies.find((tally) => tally.name === name)!),
    );
    // Of 8, 4 succeed: expected 2 of 4 in each half, got 4 and 0: χ² = 2 · 2² / (4 · ½ · ½) = 8, one degree of freedom.
    expect(mass!.dependence).toBeCloseTo(8, 12);
    expect(mass!.bins.map(({ successRate }) => successRate)).toEqual([1, 0]);
    expect(mass!.bins[0]!.mean).toBeCloseTo(1.25, 12);
    expect(gravity!.dependence).toBe(0);
  });
});
