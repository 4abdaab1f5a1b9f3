import { UserError } from '../errors.ts';
import type { Rng } from '../math/rng.ts';
import type { Material } from '../robot/geometry.ts';
import type { Range } from './config.ts';
import type { Scene } from './scene.ts';

/** [1] places that are tried for one box or way before it counts as impossible */
export const MAX_TRIES = 2000;

export interface ObstacleSpace {
  /** Key path, for messages. */
  readonly where: string;
  /** The ground, and what stands there already. */
  readonly scene: Scene;
  /** [m] around the origin */
  readonly clearRadius: number;
  readonly material: Material;
}

export function drawFromRange(range: Range, rng: Rng): number {
  return typeof range === 'number' ? range : rng.uniform(range[0], range[1]);
}

export function noRoom(where: string, wanted: string, placed: number): UserError {
  return new UserError({
    where,
    problem: 'there is no room for all of them',
    expected: `room for ${wanted}, off the clear zone and what stands there already`,
    got: `room for ${placed}, after ${MAX_TRIES} tries for the next`,
    remedy: 'Ask for fewer or smaller ones, a larger area, or a smaller clearRadius, gap or reach.',
  });
}
