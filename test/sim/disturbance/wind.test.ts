import { describe, expect, it } from 'vitest';
import { Wind } from '../../../sim/disturbance/wind.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { drawContext } from '../../../sim/randomize/draw.ts';
import { computeDeviation, computeMean } from '../../kit/sampled.ts';

const WEIGHT = 20;
const FORCE_SCALE = 0.1;
const TIME_CONSTANT_S = 0.4;

function collectX(dt: number, numTicks: number): number[] {
  const wind = new Wind(1, WEIGHT, dt);
  const config = RandomizationConfig.parse({
    wind: { forceScale: FORCE_SCALE, timeConstantS: TIME_CONSTANT_S },
  });
  wind.reset(0, new Rng(4), drawContext(config, new Rng(1)));
  return Array.from({ length: numTicks }, () => {
    const out = new Float64Array(3);
    wind.addForce(out, 0);
    return out[0]!;
  });
}

/** Correlation of the values with those `lag` ticks later. */
function computeAutocorrelation(values: readonly number[], lag: number): number {
  const mean = computeMean(values);
  const deviation = computeDeviation(values);
  const products = values.slice(lag).map((value, k) => (value - mean) * (values[k]! - mean));
  return computeMean(products) / deviation ** 2;
}

describe('wind', () => {
  it.each([0.002, 0.1])('has its deviation and its time constant at a tick of %f s', (dt) => {
    const durationS = 4000;
    const values = collectX(dt, durationS / dt);
    // An exponentially correlated series of length L holds about L/(2τ) = 5000 independent values:
    // standard error 1/√(2 · 5000) = 1 % of a deviation, 1/√5000 = 1.4 % of a correlation; four of each.
    const independent = durationS / (2 * TIME_CONSTANT_S);
    const sigma = FORCE_SCALE * WEIGHT;
    expect(Math.abs(computeDeviation(values) / sigma - 1)).toBeLessThan(
      4 / Math.sqrt(2 * independent),
    );
    expect(Math.abs(computeMean(values))).toBeLessThan((4 * sigma) / Math.sqrt(independent));
    const lag = Math.round(TIME_CONSTANT_S / dt);
    expect(Math.abs(computeAutocorrelation(values, lag) - Math.exp(-1))).toBeLessThan(
      4 / Math.sqrt(independent),
    );
  });

  it('is in full strength from the first tick', () => {
    const config = RandomizationConfig.parse({ wind: { forceScale: FORCE_SCALE } });
    const first = Array.from({ length: 2000 }, (_, seed) => {
      const wind = new Wind(1, WEIGHT, 0.002);
      wind.reset(0, new Rng(seed), drawContext(config, new Rng(1)));
      const out = new Float64Array(3);
      wind.addForce(out, 0);
      return out[1]!;
    });
    // Deviation 0.1 · 20 N = 2 N, known to 1/√4000 = 1.6 %; four of those.
    expect(Math.abs(computeDeviation(first) / 2 - 1)).toBeLessThan(4 / Math.sqrt(4000));
  });

  it('is calm unless asked for', () => {
    const wind = new Wind(1, WEIGHT, 0.002);
    wind.reset(0, new Rng(1), drawContext(RandomizationConfig.parse({}), new Rng(1)));
    const out = new Float64Array(3);
    for (let k = 0; k < 100; k++) wind.addForce(out, 0);
    expect([...out]).toEqual([0, 0, 0]);
  });
});
