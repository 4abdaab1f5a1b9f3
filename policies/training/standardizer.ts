/** Mean and standard deviation of each column of a table. */
export interface Standardizer {
  readonly mean: Float64Array;
  readonly std: Float64Array;
}

/**
 * Fits columns of `rows` [numRows, width]. A column that hardly varies gets a standard deviation of
 * at least `minStd`, so that a rare value is not blown up.
 */
export function fitStandardizer(rows: Float32Array, width: number, minStd: number): Standardizer {
  const numRows = rows.length / width;
  if (!Number.isInteger(numRows) || numRows < 1) {
    throw new RangeError(`fitStandardizer: ${rows.length} numbers are not rows of ${width}`);
  }
  const mean = new Float64Array(width);
  const std = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]! / numRows;
  for (let i = 0; i < rows.length; i++) {
    std[i % width]! += (rows[i]! - mean[i % width]!) ** 2 / numRows;
  }
  for (let k = 0; k < width; k++) std[k] = Math.max(minStd, Math.sqrt(std[k]!));
  return { mean, std };
}

/** (rows − mean) / std, clipped to ±`clip`, as a new table. */
export function computeStandardized(
  rows: Float32Array,
  { mean, std }: Standardizer,
  clip = Number.POSITIVE_INFINITY,
): Float32Array {
  const width = mean.length;
  return rows.map((value, i) => {
    const z = (value - mean[i % width]!) / std[i % width]!;
    return Math.min(clip, Math.max(-clip, z));
  });
}
