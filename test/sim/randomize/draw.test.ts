import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import {
  CONTEXT_NAMES,
  checkRandomization,
  computeSupport,
  drawContext,
  drawFrom,
  writeContext,
} from '../../../sim/randomize/draw.ts';
import { computeDeviation, computeMean, deviationBand, meanBand } from '../../kit/sampled.ts';

const parse = (config: object) => RandomizationConfig.parse(config);
const N = 5000;

function drawMany(distribution: Parameters<typeof drawFrom>[0]): number[] {
  const rng = new Rng(9);
  return Array.from({ length: N }, () => drawFrom(distribution, rng));
}

describe('a draw', () => {
  it('of nothing randomised is the robot as described', () => {
    const context = drawContext(parse({}), new Rng(1));
    expect(context.massScale).toBe(1);
    expect(context['inertiaScale.y']).toBe(1);
    expect(context.commandLatencyS).toBe(0);
    expect(context['wind.forceScale']).toBe(0);
    expect(context.armatureScale).toBe(1);
    expect(context.obstacleTimeS).toBe(0);
    expect(Object.keys(context)).toEqual([...CONTEXT_NAMES]);
  });

  it('stays inside a uniform range and fills it', () => {
    const values = drawMany({ uniform: [2, 5] });
    expect(Math.min(...values)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...values)).toBeLessThan(5);
    // Mean 3.5, deviation 3/√12 = 0.866.
    expect(Math.abs(computeMean(values) - 3.5)).toBeLessThan(meanBand(0.866, N));
  });

  it('halves as often as it doubles, logarithmically uniform', () => {
    const logs = drawMany({ logUniform: [0.5, 2] }).map(Math.log);
    // Uniform in ±ln 2: deviation 2 ln 2/√12 = 0.4.
    expect(Math.abs(computeMean(logs))).toBeLessThan(meanBand(0.4, N));
    expect(Math.max(...logs.map(Math.abs))).toBeLessThanOrEqual(Math.LN2);
  });

  it('follows a normal distribution and its clip', () => {
    const values = drawMany({ normal: [1, 0.1] });
    expect(Math.abs(computeMean(values) - 1)).toBeLessThan(meanBand(0.1, N));
    expect(Math.abs(computeDeviation(values) - 0.1)).toBeLessThan(deviationBand(0.1, N));
    const clipped = drawMany({ normal: [1, 0.1], clip: [0.95, 1.05] });
    expect([Math.min(...clipped), Math.max(...clipped)]).toEqual([0.95, 1.05]);
  });

  it('takes every listed choice', () => {
    expect(new Set(drawMany({ choice: [1, 3, 7] }))).toEqual(new Set([1, 3, 7]));
  });

  it('repeats from the same seed, and differs from another', () => {
    const config = parse({ massScale: { uniform: [0.8, 1.2] } });
    expect(drawContext(config, new Rng(1))).toEqual(drawContext(config, new Rng(1)));
    expect(drawContext(config, new Rng(1)).massScale).not.toBe(
      drawContext(config, new Rng(2)).massScale,
    );
  });

  it('of one property does not move when another is randomised', () => {
    const one = drawContext(parse({ thrustScale: { uniform: [0.8, 1.2] } }), new Rng(3));
    const both = drawContext(
      parse({ massScale: { uniform: [0.5, 2] }, thrustScale: { uniform: [0.8, 1.2] } }),
      new Rng(3),
    );
    expect(both.thrustScale).toBe(one.thrustScale);
  });

  it('gives each moment of inertia a number of its own', () => {
    const context = drawContext(parse({ inertiaScale: { uniform: [0.8, 1.2] } }), new Rng(1));
    const values = [
      context['inertiaScale.x'],
      context['inertiaScale.y'],
      context['inertiaScale.z'],
    ];
    expect(new Set(values).size).toBe(3);
  });

  it('writes itself as a vector in the order of the names', () => {
    const context = drawContext(parse({ massScale: 1.5, sensorNoiseScale: 0.5 }), new Rng(1));
    const out = new Float64Array(CONTEXT_NAMES.length);
    writeContext(out, context);
    expect(out[CONTEXT_NAMES.indexOf('massScale')]).toBe(1.5);
    expect(out[CONTEXT_NAMES.indexOf('sensorNoiseScale')]).toBe(0.5);
  });
});

describe('the check of a randomisation', () => {
  const problemsOf = (config: object) =>
    checkRandomization(parse(config), 'profile').map((error) => error.message);

  it('has nothing to say about sensible ranges', () => {
    expect(problemsOf({ massScale: { uniform: [0.8, 1.2] }, push: { intervalS: 2 } })).toEqual([]);
  });

  it('names every range that reaches a mass of zero, a negative latency, or has no end', () => {
    const problems = problemsOf({
      massScale: { uniform: [0, 1] },
      inertiaScale: { normal: [1, 0.1] },
      commandLatencyS: { uniform: [-0.01, 0.01] },
      dragScale: { uniform: [2, 1] },
    });
    expect(problems).toHaveLength(4);
    expect(problems[0]).toMatch(/^profile: massScale: .*values above 0.*got .*0 to 1/);
    expect(problems[1]).toMatch(/inertiaScale: .*-Infinity to Infinity.*clip/);
    expect(problems[3]).toMatch(/commandLatencyS: .*not below 0/);
    expect(problems[2]).toMatch(/dragScale: .*lower end first/);
  });

  it('knows how far each distribution reaches', () => {
    expect(computeSupport(3)).toEqual([3, 3]);
    expect(computeSupport({ choice: [4, 2, 3] })).toEqual([2, 4]);
    expect(computeSupport({ normal: [0, 1], clip: [-2, 2] })).toEqual([-2, 2]);
    expect(computeSupport({ normal: [1, 0] })).toEqual([1, 1]);
  });
});
