/** From here on the tail is a continued fraction; 10/√2, where Hart's two approximations meet. */
const TAIL = 7.07106781186547;
// Hart et al., Computer Approximations (1968), algorithm 5666: e^(−x²/2) times a ratio of polynomials, highest power first.
const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
];
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
  637.333633378831, 793.826512519948, 440.413735824752,
];

/**
 * Probability that a standard normal number is below x, to 1e-15 (G. West, "Better approximations to cumulative
 * normal functions", Wilmott Magazine, 2005). [-] in (0, 1)
 */
export function computeNormalCdf(x: number): number {
  const size = Math.abs(x);
  const bell = Math.exp((-size * size) / 2);
  const below =
    size < TAIL
      ? (bell * evaluate(NUMERATOR, size)) / evaluate(DENOMINATOR, size)
      : bell / (size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))))) / 2.506628274631;
  return x > 0 ? 1 - below : below;
}

function evaluate(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
