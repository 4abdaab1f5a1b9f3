import type { Rng } from '../../sim/math/rng.ts';

const RESAMPLES = 2000;

/**
 * 95 % interval of a mean by the bootstrap's percentiles: B. Efron, "Bootstrap methods: another look at the jackknife",
 * Annals of Statistics 7, 1979. Assumes no distribution, of which returns of robots that fall or do not have none; of
 * fewer than about twenty values it is too narrow.
 * @returns undefined of fewer than two values
 */
export function computeMeanInterval(
  values: readonly number[],
  rng: Rng,
): readonly [lower: number, upper: number] | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const means = new Float64Array(RESAMPLES);
  for (let k = 0; k < RESAMPLES; k++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[rng.integer(0, n - 1)]!;
    means[k] = sum / n;
  }
  means.sort();
  // 2000 means lie in 2001 gaps; 50 on either side are left out.
  return [means[Math.round(0.025 * RESAMPLES)]!, means[Math.round(0.975 * RESAMPLES) - 1]!];
}
