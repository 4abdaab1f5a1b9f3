import { describe, expect, it } from 'vitest';
import { computeNormalCdf } from '../../../sim/math/normal.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { checkRandomization } from '../../../sim/randomize/check.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { RandomizationPlan } from '../../../sim/randomize/draw.ts';
import type { ContextName } from '../../../sim/randomize/properties.ts';
import { computeMean } from '../../kit/sampled.ts';

const parse = (config: object) => RandomizationConfig.parse(config);
const N = 4000;

function drawMany(config: object, names: readonly ContextName[]): number[][] {
  const plan = new RandomizationPlan(parse(config));
  const draws = Array.from({ length: N }, (_, k) => plan.draw(new Rng(k)));
  return names.map((name) => draws.map((context) => context[name]));
}

function computeCorrelation(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [computeMean(x), computeMean(y)];
  const covariance = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    computeMean(a.map((value, k) => (value - ma) * (b[k]! - mb)));
  return covariance(x, mx, y, my) / Math.sqrt(covariance(x, mx, x, mx) * covariance(y, my, y, my));
}

/** Four standard errors of a correlation of 0, 1/√n; of others it is smaller. */
const BAND = 4 / Math.sqrt(N);

describe('correlated draws', () => {
  it('go together as far as they should, and keep their own distributions', () => {
    const [mass, drag] = drawMany(
      {
        massScale: { uniform: [1, 2] },
        dragScale: { uniform: [0, 4] },
        correlations: [{ of: ['massScale', 'dragScale'], coefficient: 0.9 }],
      },
      ['massScale', 'dragScale'],
    ) as [number[], number[]];
    // Of uniform numbers under a Gaussian copula: (6/π)·asin(ρ/2) = 0.8915 (Kruskal, 1958).
    expect(Math.abs(computeCorrelation(mass, drag) - (6 / Math.PI) * Math.asin(0.45))).toBeLessThan(
      BAND,
    );
    for (const [values, lower, upper] of [
      [mass, 1, 2],
      [drag, 0, 4],
    ] as const) {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(lower);
      expect(Math.max(...values)).toBeLessThanOrEqual(upper);
      // Quartiles where a uniform distribution has them: each holds N/4 ± 4·√(N·3/16).
      for (const quarter of [1, 2, 3]) {
        const below = values.filter((v) => v < lower + (quarter / 4) * (upper - lower)).length;
        expect(Math.abs(below - (quarter / 4) * N)).toBeLessThan(4 * Math.sqrt(N / 4));
      }
    }
  });

  it('may oppose one another, whatever they are drawn from', () => {
    const [friction, noise] = drawMany(
      {
        contactFrictionScale: { normal: [1, 0.1], clip: [0, 2] },
        sensorNoiseScale: { normal: [2, 0.3], clip: [0, 4] },
        correlations: [{ of: ['contactFrictionScale', 'sensorNoiseScale'], coefficient: -0.7 }],
      },
      ['contactFrictionScale', 'sensorNoiseScale'],
    ) as [number[], number[]];
    // Clips are ten deviations away: of normal numbers it is the coefficient itself.
    expect(Math.abs(computeCorrelation(friction, noise) + 0.7)).toBeLessThan(BAND);
  });

  it('of a property with three numbers tie all of them, and leave everything else independent', () => {
    const names = ['inertiaScale.x', 'inertiaScale.z', 'massScale', 'thrustScale'] as const;
    const draws = drawMany(
      {
        massScale: { uniform: [0, 1].map((v) => v + 1) },
        inertiaScale: { uniform: [1, 2] },
        thrustScale: { uniform: [1, 2] },
        correlations: [{ of: ['massScale', 'inertiaScale'], coefficient: 0.6 }],
      },
      names,
    );
    const expected = (6 / Math.PI) * Math.asin(0.3);
    for (const [i, j, wanted] of [
      [0, 1, expected],
      [0, 2, expected],
      [2, 3, 0],
      [0, 3, 0],
    ] as const) {
      expect(Math.abs(computeCorrelation(draws[i]!, draws[j]!) - wanted)).toBeLessThan(BAND);
    }
  });

  it('take lists by rank', () => {
    const [mass, delay] = drawMany(
      {
        massScale: { uniform: [1, 2] },
        observationDelaySteps: { choice: [0, 3] },
        correlations: [{ of: ['massScale', 'observationDelaySteps'], coefficient: 0.99 }],
      },
      ['massScale', 'observationDelaySteps'],
    ) as [number[], number[]];
    const heavy = delay.filter((_, k) => mass[k]! > 1.6);
    // A score above 0.25 with a correlation of 0.99: the other one is hardly ever below 0.
    expect(computeMean(heavy)).toBeGreaterThan(2.9);
  });
});

describe('the check of correlations', () => {
  const problemsOf = (config: object) =>
    checkRandomization(parse(config), 'file').map((error) => error.message);
  const ranges = { massScale: { uniform: [1, 2] }, inertiaScale: { uniform: [1, 2] } };

  it('refuses what cannot hold at once', () => {
    // Four numbers with one coefficient c need c > −1/3.
    const of = ['massScale', 'inertiaScale'];
    expect(problemsOf({ ...ranges, correlations: [{ of, coefficient: -0.3 }] })).toEqual([]);
    expect(problemsOf({ ...ranges, correlations: [{ of, coefficient: -0.4 }] })[0]).toMatch(
      /correlations: .*not positive definite/,
    );
  });

  it('names what is unknown, not drawn, drawn at another moment, or told twice', () => {
    expect(
      problemsOf({
        ...ranges,
        correlations: [{ of: ['massScale', 'colour'], coefficient: 0.5 }],
      })[0],
    ).toMatch(
      /correlations\[0\]\.of\[1\]: there is no such property .*massScale, inertiaScale.*got colour/,
    );
    expect(
      problemsOf({
        ...ranges,
        correlations: [{ of: ['massScale', 'dragScale'], coefficient: 0.5 }],
      })[0],
    ).toMatch(/it is not drawn/);
    const startup = { thrustScale: { uniform: [1, 2], moment: 'startup' } };
    expect(
      problemsOf({
        ...{ ...ranges, ...startup },
        correlations: [{ of: ['massScale', 'thrustScale'], coefficient: 0.5 }],
      })[0],
    ).toMatch(/different moments .*massScale: reset, thrustScale: startup/);
    expect(
      problemsOf({
        ...ranges,
        correlations: [
          { of: ['massScale', 'inertiaScale'], coefficient: 0.5 },
          { of: ['inertiaScale.x', 'massScale'], coefficient: 0.2 },
        ],
      })[0],
    ).toMatch(/correlations\[1\]\.of: a pair has two coefficients .*inertiaScale\.x and massScale/);
  });
});

it('the normal distribution function is that of tables', () => {
  // NIST Handbook of Mathematical Functions, 7.2: Φ(1), Φ(−3), Φ(8).
  expect(computeNormalCdf(0)).toBeCloseTo(0.5, 15);
  expect(computeNormalCdf(1)).toBeCloseTo(0.841344746068543, 14);
  expect(computeNormalCdf(-3)).toBeCloseTo(0.00134989803163009, 15);
  // Beyond 7 its error of 1e-15 is more than what is left; its size is right to seven digits all the same.
  expect(computeNormalCdf(-8) / 6.22096057427178e-16).toBeCloseTo(1, 7);
});
