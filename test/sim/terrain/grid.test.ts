import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import { makeTerrainGrid } from '../../../sim/terrain/grid.ts';
import { type GridConfig, Ground } from '../../../sim/terrain/ground-config.ts';
import { computeGroundHeight } from '../../../sim/terrain/ground-height.ts';

const config = Ground.parse({
  kind: 'grid',
  tileSize: 4,
  border: 0.5,
  margin: 1,
  numLevels: 3,
  numColumns: 4,
  tiles: [
    { weight: 3, tile: { kind: 'slope', grade: [0, 0.4], platform: 1 } },
    { weight: 1, tile: { kind: 'stairs', stepHeight: [0.1, 0.2], platform: 1, direction: 'down' } },
  ],
}) as GridConfig;
const makeGrid = (seed = 1) => makeTerrainGrid(config, DEFAULT_MATERIAL, new Rng(seed));

describe('a grid of tiles', () => {
  it('puts level 0 of column 0 on the origin, levels along x, columns along y', () => {
    const { origins, difficulty, field } = makeGrid();
    const at = (level: number, column: number) => [
      ...origins.slice(3 * (level * 4 + column), 3 * (level * 4 + column) + 2),
    ];
    expect(at(0, 0)).toEqual([0, 0]);
    expect(at(2, 3)).toEqual([8, 12]);
    expect([...difficulty]).toEqual([0, 0.5, 1]);
    // 3 × 4 tiles of 4 m with a margin of 1 m, in cells of 0.1 m.
    expect([field.numX, field.numY]).toEqual([141, 181]);
    expect(field.origin).toEqual([-3, -3]);
  });

  it('gives each kind the columns that its weight is worth', () => {
    expect([...makeGrid().tileOfColumn]).toEqual([0, 0, 0, 1]);
  });

  it('grows harder along x, and tells the height of every middle', () => {
    const { origins } = makeGrid();
    const z = (level: number, column: number) => origins[3 * (level * 4 + column) + 2]!;
    // Rims are at 0, so the middle of a bowl lies below: 1 m of slope at 0, 0.2, 0.4.
    expect([z(0, 0), z(1, 0), z(2, 0)].map((v) => v.toFixed(4))).toEqual([
      '0.0000',
      '-0.2000',
      '-0.4000',
    ]);
    // Stairs down from the middle: ceil(1 / 0.3) = 4 steps of 0.1, 0.15, 0.2 m.
    expect([z(0, 3), z(1, 3), z(2, 3)].map((v) => v.toFixed(4))).toEqual([
      '0.4000',
      '0.6000',
      '0.8000',
    ]);
  });

  it('has tiles that meet at height 0', () => {
    const { field } = makeGrid();
    const scene = { ground: field, objects: [] };
    for (const along of [-2.5, 0, 1.3, 5, 7.7]) {
      for (const edge of [-2, 2, 6, 10]) expect(computeGroundHeight(scene, edge, along)).toBe(0);
      for (const edge of [-2, 2, 6, 10]) expect(computeGroundHeight(scene, along, edge)).toBe(0);
    }
  });
});
