import type { RayBatch } from '../../sim/engine/engine.ts';
import { DEFAULT_MATERIAL } from '../../sim/robot/geometry.ts';
import type { Surroundings } from '../../sim/sensor/sensor.ts';
import type { Scene, SceneObject } from '../../sim/terrain/scene.ts';
import { castExactRay } from '../fidelity/exact/rays.ts';

/** An engine of which only rays are wanted, computed in doubles. It keeps what it was asked. */
export interface ExactSurroundings extends Surroundings {
  /** `hits` and number of rays of every call so far. */
  readonly calls: { readonly numRays: number; readonly hits: RayBatch['hits'] }[];
}

export function makeExactSurroundings(scene: Scene): ExactSurroundings {
  const calls: { numRays: number; hits: RayBatch['hits'] }[] = [];
  return {
    calls,
    shapeNames: [],
    watchContactForces() {
      throw new Error('nothing here is to be touched');
    },
    writeContactForces() {
      throw new Error('nothing here is to be touched');
    },
    castRays(rays) {
      calls.push({ numRays: rays.numRays, hits: rays.hits });
      for (let r = 0; r < rays.numRays; r++) {
        const at = (values: Float64Array) =>
          [values[3 * r]!, values[3 * r + 1]!, values[3 * r + 2]!] as const;
        const distance = castExactRay(scene, {
          origin: at(rays.origin),
          direction: at(rays.direction),
        });
        rays.distance[r] = distance > rays.maxRange ? Infinity : distance;
      }
      // What was not asked for must not be read.
      rays.distance.fill(Number.NaN, rays.numRays);
    },
  };
}

function makeWall(
  name: string,
  size: readonly [number, number, number],
  translation: readonly [number, number, number],
): SceneObject {
  return {
    name,
    geometry: { kind: 'box', size },
    odomFromObject: { translation, rotation: [0, 0, 0, 1] },
    material: DEFAULT_MATERIAL,
    moves: false,
  };
}

/** A room whose inner faces are at x = −2 and 3, y = −1 and 4, z = 0 and 2.5. [m] */
export const ROOM = { xMin: -2, xMax: 3, yMin: -1, yMax: 4, zMin: 0, zMax: 2.5 } as const;

export const ROOM_SCENE: Scene = {
  ground: { kind: 'plane', material: DEFAULT_MATERIAL },
  objects: [
    makeWall('back', [0.2, 8, 4], [-2.1, 1.5, 2]),
    makeWall('front', [0.2, 8, 4], [3.1, 1.5, 2]),
    makeWall('right', [8, 0.2, 4], [0.5, -1.1, 2]),
    makeWall('left', [8, 0.2, 4], [0.5, 4.1, 2]),
    makeWall('ceiling', [8, 8, 0.2], [0.5, 1.5, 2.6]),
  ],
};

/** From a point inside the room to its faces, by the closed form: the nearest plane ahead. [m] */
export function computeRoomDistance(
  [x, y, z]: readonly [number, number, number],
  [dx, dy, dz]: readonly [number, number, number],
): number {
  const along = (at: number, d: number, low: number, high: number) =>
    d === 0 ? Infinity : ((d > 0 ? high : low) - at) / d;
  return Math.min(
    along(x, dx, ROOM.xMin, ROOM.xMax),
    along(y, dy, ROOM.yMin, ROOM.yMax),
    along(z, dz, ROOM.zMin, ROOM.zMax),
  );
}
