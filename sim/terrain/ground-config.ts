import { z } from 'zod';

/*
 * The ground under a robot: `terrain.ground`. The defaults are the ranges that legged robots are commonly
 * taught on: the terrain curriculum of Rudin et al., Learning to Walk in Minutes Using Massively Parallel Deep
 * Reinforcement Learning (2022), and the rough terrains of Isaac Lab.
 */

export const metres = (description: string) => ({ unit: 'm', description });
/** [m] */
export const Length = z.number().positive().max(1000);
/** [m] along x and y */
export const Pair = z.tuple([Length, Length]);

/** One number at any difficulty, or what it is at difficulty 0 and at 1. */
const Ramp = (number: z.ZodNumber) => z.union([number, z.tuple([number, number])]);
export type Ramp = number | readonly [easy: number, hard: number];
const RAMP = '; [easy, hard]: at difficulty 0 and 1';

const platform = Length.meta(metres('Side of the flat square in the middle, where robots start'));
const direction = z
  .enum(['up', 'down'])
  .default('up')
  .meta({ description: 'Whether the way out of the middle climbs or descends' });

const Rough = z.strictObject({
  kind: z.literal('rough'),
  amplitude: Ramp(z.number().nonnegative().max(10))
    .default([0, 0.1])
    .meta(metres(`Heights lie within ± this${RAMP}`)),
  correlationLength: Length.default(0.4).meta(
    metres('Distance from which on two heights have nothing to do with one another'),
  ),
  octaves: z.int().min(1).max(8).default(1).meta({
    unit: '1',
    description:
      '1: noise of one length; more: fractal, each octave half as long as the one before',
  }),
  persistence: z.number().positive().max(1).default(0.5).meta({
    unit: '-',
    description: 'Height of an octave over that of the one before',
  }),
  platform: z
    .number()
    .nonnegative()
    .max(1000)
    .default(1)
    .meta(metres('Side of the flat square in the middle; around it the ground grows rough')),
});

const Slope = z.strictObject({
  kind: z.literal('slope'),
  shape: z.enum(['pyramid', 'single']).default('pyramid').meta({
    description: 'Falling or climbing on four sides around a platform, or one plane along x',
  }),
  grade: Ramp(z.number().nonnegative().max(10))
    .default([0, 0.4])
    .meta({ unit: '-', description: `Rise over run: the tangent of the angle${RAMP}` }),
  direction,
  platform: platform.default(2),
});

const Stairs = z.strictObject({
  kind: z.literal('stairs'),
  shape: z.enum(['pyramid', 'straight']).default('pyramid').meta({
    description: 'Steps on four sides around a platform, or one flight along +x',
  }),
  stepHeight: Ramp(z.number().nonnegative().max(10))
    .default([0.05, 0.23])
    .meta(metres(`Rise of one step${RAMP}`)),
  stepWidth: Length.default(0.3).meta(
    metres('From one edge to the next; the riser leans over the first cell of it'),
  ),
  direction,
  platform: platform.default(3),
});

const SteppingStones = z.strictObject({
  kind: z.literal('stepping_stones'),
  stoneSize: Ramp(Length)
    .default([1.5, 0.3])
    .meta(metres(`Side of the square stones${RAMP}`)),
  stoneDistance: Ramp(Length)
    .default([0.2, 0.4])
    .meta(metres(`Between neighbouring stones${RAMP}`)),
  heightJitter: Ramp(z.number().nonnegative().max(10))
    .default(0)
    .meta(metres(`Tops lie within ± this${RAMP}`)),
  depth: Length.default(1).meta(metres('Of what is between them')),
  platform: platform.default(2),
});

const Gaps = z.strictObject({
  kind: z.literal('gaps'),
  gapWidth: Ramp(Length)
    .default([0.2, 0.8])
    .meta(metres(`Of each ring around the middle${RAMP}`)),
  landing: Length.default(1).meta(metres('Flat ground between one gap and the next')),
  depth: Length.default(1).meta(metres('Of the gaps')),
  platform: platform.default(2),
});

/** One kind of ground, shaped around its middle. */
const TILES = [Rough, Slope, Stairs, SteppingStones, Gaps] as const;
const Tile = z.discriminatedUnion('kind', TILES);
export type TileConfig = z.infer<typeof Tile>;

const field = {
  size: Pair.default([16, 16]).meta(
    metres('Along x and y, the start in the middle; there is nothing outside'),
  ),
  cellSize: Length.default(0.05).meta(metres('Between neighbouring heights')),
  border: z
    .number()
    .nonnegative()
    .max(100)
    .default(0.5)
    .meta(
      metres(
        'Width of the flat rim along the edges; pyramids on ground that is not square have none along the longer ones',
      ),
    ),
  difficulty: z.number().min(0).max(1).default(0.5).meta({
    unit: '-',
    description: 'Where between easy and hard the numbers lie that are given as [easy, hard]',
  }),
};

const Grid = z.strictObject({
  kind: z.literal('grid'),
  tiles: z
    .array(
      z.strictObject({
        weight: z.number().positive().default(1).meta({
          unit: '-',
          description: 'Share of the columns, against the other tiles',
        }),
        tile: Tile.meta({ description: 'Any of the height fields' }),
      }),
    )
    .min(1)
    .meta({ description: 'What the columns are made of' }),
  tileSize: Length.default(8).meta(metres('Side of one tile')),
  numLevels: z.int().min(1).max(100).default(10).meta({
    unit: '1',
    description:
      'Tiles along x: difficulty 0 in the first, which holds the origin, 1 in the last; a single one has 0',
  }),
  numColumns: z.int().min(1).max(100).default(10).meta({ unit: '1', description: 'Tiles along y' }),
  cellSize: Length.default(0.1).meta(metres('Between neighbouring heights')),
  border: z
    .number()
    .nonnegative()
    .max(100)
    .default(0.3)
    .meta(metres('Width of the flat rim along the edges of each tile, at height 0')),
  margin: z.number().nonnegative().max(100).default(5).meta(metres('Flat ground around all tiles')),
});
export type GridConfig = z.infer<typeof Grid>;

export const Ground = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('plane') }),
  Rough.extend(field),
  Slope.extend(field),
  Stairs.extend(field),
  SteppingStones.extend(field),
  Gaps.extend(field),
  Grid,
]);
export type GroundConfig = z.infer<typeof Ground>;
export type FieldConfig = Extract<GroundConfig, TileConfig>;
