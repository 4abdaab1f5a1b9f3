import type { Rng } from '../math/rng.ts';
import type { BoxFieldConfig } from './config.ts';
import {
  computeDistanceTo,
  computeFootprint,
  computeReach,
  doOverlap,
  type Footprint,
  isWithin,
} from './footprint.ts';
import { drawFromRange, MAX_TRIES, noRoom, type ObstacleSpace } from './placing.ts';
import type { Scene, SceneObject } from './scene.ts';
import { computeFooting, makeStandingBox } from './standing.ts';
import { STEP, sampleWay } from './ways.ts';

/**
 * Boxes at random places of an area, each on the lowest ground under it.
 * @throws UserError when there is no room for all of them
 */
export function makeBoxes(
  config: BoxFieldConfig,
  { where, scene, clearRadius, material }: ObstacleSpace,
  rng: Rng,
): SceneObject[] {
  const standing = scene.objects.filter(({ moves }) => !moves);
  const taken = config.overlap === 'allowed' ? [] : standing.map(computeFootprint);
  const isInWay = makeWayFinder(scene);
  const index = scene.objects.length;
  return Array.from({ length: config.count }, (_, k) => {
    const draw = rng.fork('box', k);
    const size = {
      length: drawFromRange(config.length, draw),
      width: drawFromRange(config.width, draw),
      height: drawFromRange(config.height, draw),
    };
    const footprint = findPlace(config, size, draw, (place) => {
      if (computeDistanceTo(place, 0, 0) < clearRadius || isInWay(place)) return false;
      return !taken.some((other) => doOverlap(place, other, config.gap));
    });
    if (footprint === undefined) throw noRoom(where, `${config.count} boxes`, k);
    if (config.overlap === 'forbidden') taken.push(footprint);
    const bottom = computeFooting({ ...scene, objects: [] }, footprint).lowest;
    const vertical = { bottom, height: size.height };
    return makeStandingBox(`box_${index + k}`, footprint, vertical, material);
  });
}

/** Whether something that moves would come through a place. */
function makeWayFinder({ objects }: Scene): (place: Footprint) => boolean {
  const ways = objects.flatMap((object) => {
    if (object.motion === undefined) return [];
    // Half a step more than it needs: between two points nothing is nearer than that.
    const margin = computeReach(computeFootprint(object)) + STEP / 2;
    return [{ points: sampleWay(object.motion), margin }];
  });
  return (place) =>
    ways.some(({ points, margin }) =>
      points.some(([x, y]) => computeDistanceTo(place, x, y) < margin),
    );
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
