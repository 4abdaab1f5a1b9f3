import type { TileConfig } from '../ground-config.ts';
import {
  chooseRimHeight,
  computeRing,
  resolveRamp,
  type TileShape,
  type TileSpace,
} from './tile.ts';

/** A pyramid with its top or bottom cut off flat, or one inclined plane through the middle. */
export function makeSlope(
  config: Extract<TileConfig, { kind: 'slope' }>,
  space: TileSpace,
): TileShape {
  const { reach, difficulty } = space;
  const grade = resolveRamp(config.grade, difficulty) * (config.direction === 'up' ? 1 : -1);
  if (config.shape === 'single') {
    return { computeHeight: (x) => grade * x, rimHeight: Number.NaN };
  }
  const flat = config.platform / 2;
  const outer = Math.max(...reach);
  const climb = (ring: number) => grade * Math.max(0, Math.min(ring, outer) - flat);
  return {
    computeHeight: (x, y) => climb(computeRing(x, y)),
    rimHeight: chooseRimHeight(space, climb(outer)),
  };
}
