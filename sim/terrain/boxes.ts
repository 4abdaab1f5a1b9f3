import { UserError } from '../errors.ts';
import type { Rng } from '../math/rng.ts';
import type { Material } from '../robot/geometry.ts';
import type { BoxFieldConfig, Range } from './config.ts';
import {
  computeDistanceTo,
  computeFootprint,
  doOverlap,
  type Footprint,
  isWithin,
} from './footprint.ts';
import type { Scene, SceneObject } from './scene.ts';
import { computeFooting, makeStandingBox } from './standing.ts';

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

/**
 * Boxes at random places of an area, each on the lowest ground under it.
 * @throws UserError when there is no room for all of them
 */
export function makeBoxes(
  config: BoxFieldConfig,
  { where, scene, clearRadius, material }: ObstacleSpace,
  rng: Rng,
): SceneObject[] {
  const taken = config.overlap === 'allowed' ? [] : scene.objects.map(computeFootprint);
  const index = scene.objects.length;
  return Array.from({ length: config.count }, (_, k) => {
    const draw = rng.fork('box', k);
    const size = {
      length: drawFromRange(config.length, draw),
      width: drawFromRange(config.width, draw),
      height: drawFromRange(config.height, draw),
    };
    const footprint = findPlace(config, size, draw, (place) => {
      if (computeDistanceTo(place, 0, 0) < clearRadius) return false;
      return !taken.some((other) => doOverlap(place, other, config.gap));
    });
    if (footprint === undefined) throw noRoom(where, `${config.count} boxes`, k);
    if (config.overlap === 'forbidden') taken.push(footprint);
    const bottom = computeFooting({ ...scene, objects: [] }, footprint).lowest;
    const vertical = { bottom, height: size.height };
    return makeStandingBox(`box_${index + k}`, footprint, vertical, material);
  });
}

function findPlace(
  { area, yaw }: BoxFieldConfig,
  size: { readonly length: number; readonly width: number },
  rng: Rng,
  isFree: (place: Footprint) => boolean,
): Footprint | undefined {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const place = {
      ...{ length: size.length, width: size.width },
      x: rng.uniform(-area[0] / 2, area[0] / 2),
      y: rng.uniform(-area[1] / 2, area[1] / 2),
      yaw: yaw === 'random' ? rng.uniform(-Math.PI, Math.PI) : 0,
    };
    if (isWithin(place, area) && isFree(place)) return place;
  }
  return undefined;
}

export function noRoom(where: string, wanted: string, placed: number): UserError {
  return new UserError({
    where,
    problem: 'there is no room for all of them',
    expected: `room for ${wanted}, off the clear zone and what stands there already`,
    got: `room for ${placed}, after ${MAX_TRIES} tries for the next`,
    remedy: 'Ask for fewer or smaller ones, a larger area, or a smaller clearRadius or gap.',
  });
}
