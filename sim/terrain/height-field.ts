import type { Rng } from '../math/rng.ts';
import type { Material } from '../robot/geometry.ts';
import type { FieldConfig } from './ground-config.ts';
import type { HeightField } from './scene.ts';
import { makeTile } from './tile/make-tile.ts';

/** What a height field is made of. */
interface FieldParts {
  readonly size: readonly [x: number, y: number];
  readonly cellSize: number;
  /** [m] [@frame odom] its corner of lowest x and y */
  readonly origin: readonly [x: number, y: number];
  readonly material: Material;
}

/** [1] cells along a length, as near to it as whole ones come */
export function countCells(length: number, cellSize: number): number {
  return Math.max(1, Math.round(length / cellSize));
}

/** Samples a surface at the vertices of a field. @param computeHeight [m] at x, y in the odom frame */
export function sampleHeightField(
  { size, cellSize, origin, material }: FieldParts,
  computeHeight: (x: number, y: number) => number,
): HeightField {
  const numX = countCells(size[0], cellSize) + 1;
  const numY = countCells(size[1], cellSize) + 1;
  const heights = new Float32Array(numX * numY);
  for (let i = 0; i < numX; i++) {
    for (let j = 0; j < numY; j++) {
      heights[i * numY + j] = computeHeight(origin[0] + i * cellSize, origin[1] + j * cellSize);
    }
  }
  return { kind: 'height_field', numX, numY, cellSize, origin, heights, material };
}

/** One kind of ground with its middle in the origin of the odom frame, where its height is about 0. */
export function makeHeightField(config: FieldConfig, material: Material, rng: Rng): HeightField {
  const { cellSize, border, difficulty } = config;
  const size = [
    countCells(config.size[0], cellSize) * cellSize,
    countCells(config.size[1], cellSize) * cellSize,
  ] as const;
  const reach = [size[0] / 2 - border, size[1] / 2 - border] as const;
  const tile = makeTile(config, { reach, difficulty }, rng);
  const origin = [-size[0] / 2, -size[1] / 2] as const;
  return sampleHeightField({ size, cellSize, origin, material }, tile.computeHeight);
}
