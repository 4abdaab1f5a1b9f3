import type { Rng } from '../../math/rng.ts';
import type { TileConfig } from '../ground-config.ts';
import { computeRing, resolveRamp, type TileShape, type TileSpace } from './tile.ts';

/** Noise of one length, or of several where each is half as long as the one before (fractal). */
export function makeRough(
  config: Extract<TileConfig, { kind: 'rough' }>,
  { reach, difficulty }: TileSpace,
  rng: Rng,
): TileShape {
  const { correlationLength, octaves, persistence, platform } = config;
  const noises = Array.from({ length: octaves }, (_, k) => ({
    noise: makeValueNoise(correlationLength / 2 ** k, reach, rng.fork('octave', k)),
    weight: persistence ** k,
  }));
  const total = noises.reduce((sum, { weight }) => sum + weight, 0);
  const amplitude = resolveRamp(config.amplitude, difficulty) / total;
  return {
    computeHeight: (x, y) => {
      // Level at the platform and at the rim, and rough from one correlation length off them.
      const inside = platform === 0 ? correlationLength : computeRing(x, y) - platform / 2;
      const fromLevel = Math.min(inside, reach[0] - Math.abs(x), reach[1] - Math.abs(y));
      const share = Math.max(0, Math.min(1, fromLevel / correlationLength));
      if (share === 0) return 0;
      return share * amplitude * noises.reduce((sum, n) => sum + n.weight * n.noise(x, y), 0);
    },
    rimHeight: 0,
  };
}

/** Uniform numbers in [−1, 1) on a lattice of the given spacing, bilinear between them. */
function makeValueNoise(spacing: number, reach: TileSpace['reach'], rng: Rng) {
  const numX = Math.ceil((2 * reach[0]) / spacing) + 2;
  const numY = Math.ceil((2 * reach[1]) / spacing) + 2;
  const values = Float64Array.from({ length: numX * numY }, () => rng.uniform(-1, 1));
  return (x: number, y: number): number => {
    const u = Math.max(0, (x + reach[0]) / spacing);
    const v = Math.max(0, (y + reach[1]) / spacing);
    const i = Math.min(Math.floor(u), numX - 2);
    const j = Math.min(Math.floor(v), numY - 2);
    const fx = u - i;
    const fy = v - j;
    const k = i * numY + j;
    const low = values[k]! + (values[k + 1]! - values[k]!) * fy;
    const high = values[k + numY]! + (values[k + numY + 1]! - values[k + numY]!) * fy;
    return low + (high - low) * fx;
  };
}
