import { describe, expect, it } from 'vitest';
import { buildScene, readSceneRecord, writeSceneRecord } from '../../launch/scene-record.ts';
import { TerrainConfig } from '../../sim/terrain/config.ts';

const terrain = TerrainConfig.parse({
  ground: { kind: 'rough', size: [4, 4], cellSize: 0.1 },
  boxes: [{ count: 2, area: [4, 4], length: 0.2, width: 0.2 }],
});
const scene = buildScene(terrain, 5);
const record = writeSceneRecord(terrain, 5, scene);

describe('the terrain in a recording', () => {
  it('is built again as it was', () => {
    expect(readSceneRecord(record)).toEqual({ scene });
    expect(readSceneRecord(writeSceneRecord(terrain, 6, buildScene(terrain, 6))).scene).not.toEqual(
      scene,
    );
  });

  it('is not shown where another one would be built', () => {
    const other = JSON.stringify({ ...(JSON.parse(record) as object), seed: 6 });
    expect(readSceneRecord(other)).toEqual({ problem: expect.stringMatching(/another terrain/) });
  });

  it('is missed by nobody where the recording has none, and named where it is not known', () => {
    expect(readSceneRecord(undefined)).toEqual({});
    expect(readSceneRecord('{"terrain":{"ground":{"kind":"lava"}}}').problem).toMatch(/not known/);
    expect(readSceneRecord('…').problem).toMatch(/not known/);
  });
});
