import { makeBinning } from '../../sim/dataset/report/binning.ts';
import { ParameterTally } from '../../sim/dataset/report/tallies.ts';
import type { EnvPlan } from '../../sim/env-plan.ts';
import { computeWilsonInterval } from '../../sim/math/interval.ts';
import { listContextDistributions } from '../../sim/randomize/draw.ts';
import { getProperty, PROPERTY_KEYS } from '../../sim/randomize/properties.ts';

/** Success in one part of what a number is drawn from. */
export interface ContextBin {
  /** Mean of the values in it; null where there is none. */
  readonly mean: number | null;
  readonly episodes: number;
  readonly successRate: number | null;
  readonly ci95: readonly [lower: number, upper: number] | null;
}

/** Success by one number of the context. */
export interface ContextReport {
  readonly name: string;
  readonly bins: readonly ContextBin[];
  /**
   * Pearson's χ² of success against the bins over its degrees of freedom: about 1 where success does not depend on the
   * number, 0 where all or no episodes succeed.
   */
  readonly dependence: number;
}

/**
 * Counts of success by every number that is drawn.
 * @param maxBins [1] parts of each distribution, equally likely ones where its difficulty stays as it is
 */
export function makeContextTallies(
  { randomization, parts, layout }: Pick<EnvPlan, 'randomization' | 'parts' | 'layout'>,
  maxBins: number,
): readonly ParameterTally[] {
  const distributions = listContextDistributions(randomization, parts);
  return layout.contextNames.flatMap((name, k) => {
    const binning = makeBinning(distributions[k] ?? 0, { maxBins, isWhole: isWhole(name) });
    return binning === undefined ? [] : [new ParameterTally(name, binning)];
  });
}

function isWhole(name: string): boolean {
  const key = PROPERTY_KEYS.find((one) => name === one || name.startsWith(`${one}.`));
  return key !== undefined && getProperty(key).isWhole === true;
}

export function describeTally({ name, episodes, successes, sums }: ParameterTally): ContextReport {
  const bins = Array.from(episodes, (count, k): ContextBin => {
    if (count === 0) return { mean: null, episodes: 0, successRate: null, ci95: null };
    return {
      mean: sums[k]! / count,
      episodes: count,
      successRate: successes[k]! / count,
      ci95: computeWilsonInterval(successes[k]!, count),
    };
  });
  return { name, bins, dependence: computeDependence(episodes, successes) };
}

function computeDependence(episodes: Int32Array, successes: Int32Array): number {
  const sum = (values: Int32Array) => values.reduce((total, value) => total + value, 0);
  const rate = sum(successes) / sum(episodes);
  const used = episodes.filter((count) => count > 0).length;
  if (used < 2 || !(rate > 0 && rate < 1)) return 0;
  let chi2 = 0;
  for (let k = 0; k < episodes.length; k++) {
    const count = episodes[k]!;
    if (count > 0) chi2 += (successes[k]! - count * rate) ** 2 / (count * rate * (1 - rate));
  }
  return chi2 / (used - 1);
}
