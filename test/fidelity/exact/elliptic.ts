/** Complete elliptic integral of the first kind of modulus k, by the arithmetic–geometric mean. [-] */
export function computeEllipticK(k: number): number {
  if (!(k >= 0 && k < 1))
    throw new RangeError(`computeEllipticK: modulus must be in [0, 1), got ${k}`);
  let a = 1;
  let b = Math.sqrt(1 - k * k);
  // Converges quadratically: six steps reach the last bit for every modulus below 1 − 1e-15.
  for (let n = 0; n < 8; n++) [a, b] = [(a + b) / 2, Math.sqrt(a * b)];
  return Math.PI / (2 * a);
}

/**
 * Period of a mathematical pendulum of any amplitude. [s]
 * @param squaredRate [rad²/s²] m g l / I about the hinge
 * @param amplitude [rad] @range (0, π)
 */
export function computePendulumPeriod(squaredRate: number, amplitude: number): number {
  return (4 / Math.sqrt(squaredRate)) * computeEllipticK(Math.sin(amplitude / 2));
}

/**
 * Time between two flips of a free rigid body, the zeros of its rate about the middle axis: half of Euler's
 * solution in Jacobi functions (Landau and Lifshitz, Mechanics, §37). [s]
 * @param moments [kg·m²] ascending
 * @param rate [rad/s] about the three principal axes, anywhere on the motion
 */
export function computeFlipInterval(
  moments: readonly [number, number, number],
  rate: readonly [number, number, number],
): number {
  const [i1, i2, i3] = moments;
  const energy2 = i1 * rate[0] ** 2 + i2 * rate[1] ** 2 + i3 * rate[2] ** 2;
  const squared = (i1 * rate[0]) ** 2 + (i2 * rate[1]) ** 2 + (i3 * rate[2]) ** 2;
  // Polhodes close around the third axis where L² > 2 E I₂, around the first one otherwise.
  const [a, c] = squared > energy2 * i2 ? [i1, i3] : [i3, i1];
  const slow = ((c - i2) * (squared - energy2 * a)) / (i1 * i2 * i3);
  const k2 = ((i2 - a) * (energy2 * c - squared)) / ((c - i2) * (squared - energy2 * a));
  return (2 * computeEllipticK(Math.sqrt(k2))) / Math.sqrt(slow);
}
