import type { z } from 'zod';
import { Rng } from '../../sim/math/rng.ts';
import { TerrainConfig } from '../../sim/terrain/config.ts';
import { makeScene } from '../../sim/terrain/make-scene.ts';
import type { HeightField, Scene } from '../../sim/terrain/scene.ts';

type Given<T> = T extends object ? { readonly [Key in keyof T]: Given<T[Key]> } : T;
/** Terrain as a profile would say it. */
export type GivenTerrain = Given<z.input<typeof TerrainConfig>>;

export function buildScene(terrain: GivenTerrain, seed = 1): Scene {
  return makeScene(TerrainConfig.parse(terrain), new Rng(seed, 'terrain'));
}

/** The ground of a scene that must be a height field. */
export function getField(scene: Scene): HeightField {
  if (scene.ground?.kind !== 'height_field') throw new RangeError('the scene has no height field');
  return scene.ground;
}

/** Every vertex of a field: x, y in odom and its height. [m] */
export function listVertices({ numX, numY, cellSize, origin, heights }: HeightField) {
  return Array.from(heights, (z, k) => {
    const i = Math.floor(k / numY);
    if (i >= numX) throw new RangeError('more heights than vertices');
    return { x: origin[0] + i * cellSize, y: origin[1] + (k % numY) * cellSize, z };
  });
}
