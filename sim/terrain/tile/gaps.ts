import type { TileConfig } from '../ground-config.ts';
import { computeRing, EDGE, resolveRamp, type TileShape, type TileSpace } from './tile.ts';

/** Level ground with ditches around the middle, one square around the other. */
export function makeGaps(
  config: Extract<TileConfig, { kind: 'gaps' }>,
  { difficulty }: TileSpace,
): TileShape {
  const gapWidth = resolveRamp(config.gapWidth, difficulty);
  const period = gapWidth + config.landing;
  return {
    computeHeight: (x, y) => {
      const beyond = computeRing(x, y) - config.platform / 2;
      if (beyond <= EDGE) return 0;
      const along = beyond % period;
      return along > EDGE && along < gapWidth - EDGE ? -config.depth : 0;
    },
    rimHeight: 0,
  };
}
