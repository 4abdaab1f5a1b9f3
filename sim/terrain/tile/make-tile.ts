import type { Rng } from '../../math/rng.ts';
import type { TileConfig } from '../ground-config.ts';
import { makeGaps } from './gaps.ts';
import { makeRough } from './rough.ts';
import { makeSlope } from './slope.ts';
import { makeStairs } from './stairs.ts';
import { makeSteppingStones } from './stepping-stones.ts';
import { EDGE, type TileShape, type TileSpace } from './tile.ts';

/** The shape that a configuration describes, with its flat rim outside of `space.reach`. */
export function makeTile(config: TileConfig, space: TileSpace, rng: Rng): TileShape {
  const { computeHeight, rimHeight } = makeShape(config, space, rng);
  const [reachX, reachY] = space.reach;
  if (Number.isNaN(rimHeight)) return { computeHeight, rimHeight };
  return {
    computeHeight: (x, y) => {
      const isInside = Math.abs(x) <= reachX + EDGE && Math.abs(y) <= reachY + EDGE;
      return isInside ? computeHeight(x, y) : rimHeight;
    },
    rimHeight,
  };
}

function makeShape(config: TileConfig, space: TileSpace, rng: Rng): TileShape {
  switch (config.kind) {
    case 'rough':
      return makeRough(config, space, rng);
    case 'slope':
      return makeSlope(config, space);
    case 'stairs':
      return makeStairs(config, space);
    case 'stepping_stones':
      return makeSteppingStones(config, space, rng);
    case 'gaps':
      return makeGaps(config, space);
  }
}
