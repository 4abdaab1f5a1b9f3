import type { Rng } from '../math/rng.ts';
import type { Material } from '../robot/geometry.ts';
import type { GridConfig } from './ground-config.ts';
import { computeGroundHeight } from './ground-height.ts';
import { countCells, sampleHeightField } from './height-field.ts';
import type { HeightField } from './scene.ts';
import { makeTile } from './tile/make-tile.ts';

/** Tiles of ground side by side: difficulty rises along x, kinds change along y. */
export interface TerrainGrid {
  readonly field: HeightField;
  readonly numLevels: number;
  readonly numColumns: number;
  /** [numLevels, numColumns, 3] m [@frame odom] middle of each tile, on its ground */
  readonly origins: Float64Array;
  /** [numLevels] [-] */
  readonly difficulty: Float64Array;
  /** [numColumns] index in `tiles` of the configuration */
  readonly tileOfColumn: Int32Array;
}

/**
 * Builds the grid as one height field. The middle of the tile of level 0 and column 0 is the origin of the
 * odom frame; a robot is put on another tile by starting it at that tile's origin. All rims are at height 0.
 */
export function makeTerrainGrid(config: GridConfig, material: Material, rng: Rng): TerrainGrid {
  const { numLevels, numColumns, cellSize, border } = config;
  const numCells = countCells(config.tileSize, cellSize);
  const side = numCells * cellSize;
  const margin = countCells(config.margin, cellSize) * cellSize * (config.margin > 0 ? 1 : 0);
  const difficulty = Float64Array.from({ length: numLevels }, (_, level) =>
    numLevels === 1 ? 0 : level / (numLevels - 1),
  );
  const tileOfColumn = assignColumns(config);
  const reach = [side / 2 - border, side / 2 - border] as const;
  const tiles = Array.from({ length: numLevels * numColumns }, (_, k) => {
    const level = Math.floor(k / numColumns);
    const column = k % numColumns;
    const { tile } = config.tiles[tileOfColumn[column]!]!;
    const space = { reach, difficulty: difficulty[level]! };
    return makeTile(tile, space, rng.fork('level', level, 'column', column));
  });
  const corner = -side / 2 - margin;
  const size = [numLevels * side + 2 * margin, numColumns * side + 2 * margin] as const;
  const parts = { size, cellSize, origin: [corner, corner], material } as const;
  const field = sampleHeightField(parts, (x, y) => {
    const level = Math.round(x / side);
    const column = Math.round(y / side);
    const isTile = level >= 0 && level < numLevels && column >= 0 && column < numColumns;
    const tile = isTile ? tiles[level * numColumns + column] : undefined;
    if (tile === undefined) return 0;
    return tile.computeHeight(x - level * side, y - column * side) - tile.rimHeight;
  });
  const origins = computeOrigins(field, numLevels, numColumns, side);
  return {
    ...{ numLevels, numColumns, difficulty, tileOfColumn, origins },
    field: { ...field, tiles: { numLevels, numColumns, origins } },
  };
}

/** Each kind gets the columns that its weight is worth, in the order of the configuration. */
function assignColumns({ tiles, numColumns }: GridConfig): Int32Array {
  const total = tiles.reduce((sum, { weight }) => sum + weight, 0);
  return Int32Array.from({ length: numColumns }, (_, column) => {
    const share = ((column + 0.5) / numColumns) * total;
    let sum = 0;
    return tiles.findIndex((tile) => {
      sum += tile.weight;
      return share < sum;
    });
  });
}

function computeOrigins(
  field: HeightField,
  numLevels: number,
  numColumns: number,
  side: number,
): Float64Array {
  const origins = new Float64Array(numLevels * numColumns * 3);
  const scene = { ground: field, objects: [] };
  for (let k = 0; k < numLevels * numColumns; k++) {
    const x = Math.floor(k / numColumns) * side;
    const y = (k % numColumns) * side;
    origins.set([x, y, computeGroundHeight(scene, x, y)], 3 * k);
  }
  return origins;
}
