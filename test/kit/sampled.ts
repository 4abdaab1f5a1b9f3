/**
 * Bands that a sample statistic of n independent normal draws leaves with probability 6e-5 (four standard errors).
 */
export const STANDARD_ERRORS = 4;

/** Half-width around the true mean for the mean of n draws. */
export function meanBand(standardDeviation: number, n: number): number {
  return (STANDARD_ERRORS * standardDeviation) / Math.sqrt(n);
}

/** Half-width around the true value for the standard deviation of n draws: its own is σ/√(2n). */
export function deviationBand(standardDeviation: number, n: number): number {
  return (STANDARD_ERRORS * standardDeviation) / Math.sqrt(2 * n);
}

export function computeMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function computeDeviation(values: readonly number[]): number {
  const mean = computeMean(values);
  return Math.sqrt(computeMean(values.map((value) => (value - mean) ** 2)));
}
