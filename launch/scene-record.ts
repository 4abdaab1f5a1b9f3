import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Rng } from '../sim/math/rng.ts';
import { TerrainConfig } from '../sim/terrain/config.ts';
import { makeScene } from '../sim/terrain/make-scene.ts';
import type { Scene } from '../sim/terrain/scene.ts';

/** What a recording keeps of the terrain: enough to build it again, and to know whether it is the same. */
const SceneRecord = z.object({
  terrain: TerrainConfig,
  seed: z.int(),
  /** Of the scene that was built. */
  sha256: z.string(),
});

/** The scene of a run: the run's seed decides it. */
export function buildScene(terrain: TerrainConfig, seed: number): Scene {
  return makeScene(terrain, new Rng(seed, 'terrain'));
}

export function writeSceneRecord(terrain: TerrainConfig, seed: number, scene: Scene): string {
  return JSON.stringify({ terrain, seed, sha256: computeSceneSha256(scene) });
}

/**
 * Builds the scene of a recording again.
 * @returns the scene, or why it cannot be shown as it was; neither for a recording that has none
 */
export function readSceneRecord(text: string | undefined): {
  readonly scene?: Scene;
  readonly problem?: string;
} {
  if (text === undefined) return {};
  const record = SceneRecord.safeParse(parseJson(text));
  if (!record.success) return { problem: 'its terrain is described in a way not known here' };
  const { terrain, seed, sha256 } = record.data;
  const scene = buildScene(terrain, seed);
  if (computeSceneSha256(scene) === sha256) return { scene };
  return { problem: 'this version would build another terrain than the one it was recorded on' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function computeSceneSha256({ ground, objects }: Scene): string {
  const hash = createHash('sha256').update(JSON.stringify(objects));
  if (ground?.kind !== 'height_field')
    return hash.update(JSON.stringify(ground ?? {})).digest('hex');
  const { heights, ...rest } = ground;
  hash.update(JSON.stringify(rest));
  return hash
    .update(new Uint8Array(heights.buffer, heights.byteOffset, heights.byteLength))
    .digest('hex');
}
