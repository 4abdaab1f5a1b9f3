import type { TileConfig } from '../ground-config.ts';
import {
  chooseRimHeight,
  computeRing,
  EDGE,
  resolveRamp,
  type TileShape,
  type TileSpace,
} from './tile.ts';

/** Steps of one height and width around a platform, or one flight of them along +x. */
export function makeStairs(
  config: Extract<TileConfig, { kind: 'stairs' }>,
  space: TileSpace,
): TileShape {
  const { reach, difficulty } = space;
  const rise = resolveRamp(config.stepHeight, difficulty) * (config.direction === 'up' ? 1 : -1);
  const isStraight = config.shape === 'straight';
  const outer = isStraight ? reach[0] : Math.max(...reach);
  // The first step begins right behind the platform's edge: (0, w] is the first tread, (w, 2w] the second.
  const climb = (distance: number) => {
    const beyond = Math.min(distance, outer) - config.platform / 2;
    return beyond <= EDGE ? 0 : rise * Math.ceil((beyond - EDGE) / config.stepWidth);
  };
  return {
    computeHeight: (x, y) => climb(isStraight ? x : computeRing(x, y)),
    rimHeight: isStraight ? Number.NaN : chooseRimHeight(space, climb(outer)),
  };
}
