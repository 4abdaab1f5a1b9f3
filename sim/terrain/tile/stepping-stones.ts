import type { Rng } from '../../math/rng.ts';
import type { TileConfig } from '../ground-config.ts';
import { computeRing, EDGE, resolveRamp, type TileShape, type TileSpace } from './tile.ts';

/** Square stones in rows along y, each row shifted by chance, over a floor that lies deep below. */
export function makeSteppingStones(
  config: Extract<TileConfig, { kind: 'stepping_stones' }>,
  { reach, difficulty }: TileSpace,
  rng: Rng,
): TileShape {
  const size = resolveRamp(config.stoneSize, difficulty);
  const pitch = size + resolveRamp(config.stoneDistance, difficulty);
  const jitter = resolveRamp(config.heightJitter, difficulty);
  // One stone more than fits, for the part of one that a shift brings in.
  const numRows = Math.ceil((2 * reach[0]) / pitch) + 1;
  const numColumns = Math.ceil((2 * reach[1]) / pitch) + 2;
  const shift = Float64Array.from({ length: numRows }, () => rng.uniform(0, pitch));
  const top = Float64Array.from({ length: numRows * numColumns }, () =>
    rng.uniform(-jitter, jitter),
  );
  return {
    computeHeight: (x, y) => {
      if (computeRing(x, y) <= config.platform / 2 + EDGE) return 0;
      const alongX = x + reach[0];
      const row = Math.floor((alongX + EDGE) / pitch);
      const alongY = y + reach[1] + shift[row]!;
      const column = Math.floor((alongY + EDGE) / pitch);
      const isStone = alongX - row * pitch <= size + EDGE && alongY - column * pitch <= size + EDGE;
      return isStone ? top[row * numColumns + column]! : -config.depth;
    },
    rimHeight: 0,
  };
}
