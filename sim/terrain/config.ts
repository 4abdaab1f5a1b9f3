import { z } from 'zod';
import { MaterialConfig } from '../robot/physics-config.ts';
import { Ground, Length, metres, Pair } from './ground-config.ts';

/* What can stand around a robot: `terrain` of worlds, environments and start profiles. */

/** A bare number means that every draw is this one. */
const Range = z.union([Length, z.tuple([Length, Length])]);
export type Range = z.infer<typeof Range>;

const area = Pair.default([8, 8]).meta(metres('Along x and y, the start in the middle'));
const count = z.int().min(0).max(500);

const BoxField = z.strictObject({
  count: count.default(20).meta({ unit: '1', description: 'How many boxes' }),
  length: Range.default([0.2, 0.6]).meta(metres('[least, most], drawn for each box')),
  width: Range.default([0.2, 0.6]).meta(metres('[least, most], drawn for each box')),
  height: Range.default([0.1, 0.6]).meta(metres('[least, most], drawn for each box')),
  yaw: z.enum(['random', 'aligned']).default('random').meta({
    description: 'Turned any way, or along the axes',
  }),
  area,
  overlap: z.enum(['forbidden', 'allowed']).default('forbidden').meta({
    description: 'Whether a box may stand in another one, or in a wall',
  }),
  gap: z
    .number()
    .nonnegative()
    .max(100)
    .default(0)
    .meta(metres('At least this much between any two where they may not overlap')),
});
export type BoxFieldConfig = z.infer<typeof BoxField>;

const wall = {
  wallHeight: Length.default(1).meta(metres('Above the highest ground under the wall')),
  wallThickness: Length.default(0.1).meta(metres('Of every wall')),
  roomSize: Pair.default([4, 4]).meta(metres('From wall centre to wall centre, x and y')),
};
const lattice = {
  ...wall,
  numRooms: z
    .tuple([z.int().min(1).max(50), z.int().min(1).max(50)])
    .default([3, 3])
    .meta({
      unit: '1',
      description: 'Along x and y; the start is in the middle of the middle one',
    }),
  exits: z.int().min(0).max(100).default(0).meta({
    unit: '1',
    description: 'Openings to the outside; 0: closed',
  }),
};
const extra = z.number().min(0).max(1);

const Rooms = z.discriminatedUnion('layout', [
  z.strictObject({
    layout: z.literal('rooms'),
    ...lattice,
    doorWidth: Length.default(0.9).meta(metres('Every room can be reached through doors')),
    extraDoors: extra.default(0.3).meta({
      unit: '-',
      description: 'Probability of a door where none is needed to reach a room',
    }),
  }),
  z.strictObject({
    layout: z.literal('maze'),
    ...lattice,
    extraDoors: extra.default(0.1).meta({
      unit: '-',
      description: 'Probability that a wall is left out that closes no room off',
    }),
  }),
  z.strictObject({
    layout: z.literal('corridor'),
    ...wall,
    roomSize: Pair.default([2.5, 2.5]).meta(metres('Of one piece of corridor, x and y')),
    numPieces: z.int().min(1).max(40).default(8).meta({
      unit: '1',
      description: 'Pieces one after another, the start in the first; both ends are closed',
    }),
    turns: z.number().min(0).max(1).default(0.4).meta({
      unit: '-',
      description: 'Probability that a piece does not go straight on',
    }),
  }),
]);
export type RoomsConfig = z.infer<typeof Rooms>;

const Point = z.tuple([z.number(), z.number()]);
const Wall = z.strictObject({
  from: Point.meta(metres('One end, x and y')),
  to: Point.meta(metres('The other end')),
  height: Length.default(1).meta(metres('Above the highest ground under the wall')),
  thickness: Length.default(0.1).meta(metres('Across')),
});

const SolidShape = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('box'),
    size: z.tuple([Length, Length, Length]).meta(metres('Full extents')),
  }),
  z.strictObject({
    kind: z.literal('cylinder'),
    radius: Length.meta(metres('Upright')),
    length: Length.meta(metres('Along z')),
  }),
  z.strictObject({ kind: z.literal('sphere'), radius: Length.meta(metres('Of the sphere')) }),
]);

const Placed = z.strictObject({
  name: z.string().min(1).meta({ description: 'Unique among the objects' }),
  geometry: SolidShape.meta({ description: 'What it is' }),
  position: Point.meta(metres('Of its middle, x and y')),
  above: z
    .number()
    .default(0)
    .meta(metres('Of its lowest point, above the lowest ground under it')),
  yaw: z.number().default(0).meta({ unit: 'rad', description: 'About z' }),
  material: MaterialConfig.optional().meta({ description: "Instead of the terrain's" }),
  moves: z.boolean().default(false).meta({
    description:
      'Whether it may stand elsewhere in every episode, see obstacleOffset and obstacleVariant of randomization; nothing starts on top of it then',
  }),
  variantOf: z.string().min(1).optional().meta({
    description: 'Of all that name the same thing here one is there at a time; they must move',
  }),
});

const Moving = z.strictObject({
  count: count.default(3).meta({ unit: '1', description: 'How many' }),
  shape: z.enum(['box', 'cylinder']).default('cylinder').meta({ description: 'What they are' }),
  width: Range.default([0.3, 0.5]).meta(metres('[least, most] side of the base, or its diameter')),
  height: Range.default([0.5, 1.5]).meta(metres('[least, most] above the ground on the way')),
  path: z.enum(['back_and_forth', 'circle', 'waypoints']).default('back_and_forth').meta({
    description:
      'Like a pendulum between two points, at a steady speed around a circle, or around a closed course of corners',
  }),
  reach: Range.default([1, 3]).meta(
    metres('[least, most] length of the way, radius of the circle, distance between corners'),
  ),
  numWaypoints: z.int().min(3).max(20).default(4).meta({
    unit: '1',
    description: 'Corners of a course',
  }),
  speed: Range.default([0.3, 1]).meta({
    unit: 'm/s',
    description: '[least, most]; of a pendulum: its fastest',
  }),
  area,
});
export type MovingConfig = z.infer<typeof Moving>;

/** What stands around every robot. The same configuration and seed give the same scene, bit by bit. */
export const TerrainConfig = z.strictObject({
  ground: Ground.prefault({ kind: 'plane' }).meta({
    description: 'Nothing, the plane z = 0, a height field, or a grid of them of rising difficulty',
  }),
  material: MaterialConfig.prefault({}).meta({ description: 'Of everything that says no other' }),
  clearRadius: z
    .number()
    .nonnegative()
    .max(100)
    .default(1)
    .meta(metres('Boxes, walls of rooms and moving obstacles keep this far from the origin')),
  boxes: z.array(BoxField).default([]).meta({ description: 'Fields of random boxes' }),
  rooms: Rooms.optional().meta({ description: 'Random rooms, a maze, or a corridor' }),
  walls: z.array(Wall).default([]).meta({ description: 'Walls from point to point' }),
  objects: z.array(Placed).default([]).meta({ description: 'Solids at places of their own' }),
  moving: z.array(Moving).default([]).meta({ description: 'Obstacles that go their own ways' }),
});
export type TerrainConfig = z.infer<typeof TerrainConfig>;
export type TerrainInput = z.input<typeof TerrainConfig>;
