/** 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * 95 % confidence interval of a success rate: E. B. Wilson, "Probable inference, the law of succession,
 * and statistical inference", J. American Statistical Association 22, 1927. Sound at 0 and 1, too.
 * @throws RangeError unless 0 ≤ successes ≤ episodes and episodes ≥ 1
 */
export function computeWilsonInterval(
  successes: number,
  episodes: number,
): readonly [lower: number, upper: number] {
  if (!(episodes >= 1 && successes >= 0 && successes <= episodes)) {
    throw new RangeError(`computeWilsonInterval: ${successes} of ${episodes} is no success rate`);
  }
  const rate = successes / episodes;
  const weight = (Z * Z) / episodes;
  const centre = rate + weight / 2;
  const reach = Math.sqrt(weight * rate * (1 - rate) + (weight * weight) / 4);
  const scale = 1 / (1 + weight);
  return [Math.max(0, scale * (centre - reach)), Math.min(1, scale * (centre + reach))];
}
