import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { TerrainConfig } from '../../../sim/terrain/config.ts';
import { listMovingObjects } from '../../../sim/terrain/motion.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { buildScene, type GivenTerrain } from '../../kit/scenes.ts';

const EVERYTHING: GivenTerrain = {
  ground: { kind: 'rough', size: [20, 20], cellSize: 0.1, amplitude: 0.05 },
  rooms: { layout: 'rooms', numRooms: [2, 2] },
  boxes: [{ count: 5 }],
  walls: [{ from: [-1, 1.5], to: [1, 1.5] }],
  objects: [
    { name: 'pillar', geometry: { kind: 'cylinder', radius: 0.2, length: 2 }, position: [1.5, 0] },
  ],
  moving: [{ count: 2, reach: [0.5, 1] }],
};

describe('a scene', () => {
  it('is a floor at z = 0 unless more is asked for', () => {
    expect(buildScene({})).toEqual(FLAT_SCENE);
    expect(buildScene({ ground: { kind: 'none' } })).toEqual({ objects: [] });
  });

  it('is built from the example of the manual, whatever the seed', () => {
    const manual = readFileSync(new URL('../../../sim/README.md', import.meta.url), 'utf8');
    const example = /```yaml\n(terrain:[\s\S]*?)```/.exec(manual)?.[1] ?? '';
    const { terrain } = parse(example) as { terrain: GivenTerrain };
    for (let seed = 0; seed < 5; seed++) {
      expect(listMovingObjects(buildScene(terrain, seed))).toHaveLength(3);
    }
  });

  it('is the same bit by bit for the same seed, and another for another', () => {
    expect(buildScene(EVERYTHING, 3)).toEqual(buildScene(EVERYTHING, 3));
    expect(buildScene(EVERYTHING, 4)).not.toEqual(buildScene(EVERYTHING, 3));
  });

  it('keeps its ground and rooms where boxes are added', () => {
    const { boxes: _, moving: __, ...bare } = EVERYTHING;
    const [with_, without] = [buildScene(EVERYTHING), buildScene(bare)];
    expect(with_.ground).toEqual(without.ground);
    expect(with_.objects.slice(0, without.objects.length)).toEqual(without.objects);
  });

  it.each<GivenTerrain>([
    ...(['rough', 'slope', 'stairs', 'stepping_stones', 'gaps'] as const).flatMap((kind) =>
      [0, 0.5, 1].map((difficulty) => ({ ground: { kind, difficulty } })),
    ),
    ...(['rough', 'slope', 'stairs', 'stepping_stones', 'gaps'] as const).map((kind) => ({
      ground: { kind: 'grid', tiles: [{ tile: { kind } }] } as const,
    })),
    ...(['rooms', 'maze', 'corridor'] as const).map((layout) => ({ rooms: { layout } })),
    ...(['back_and_forth', 'circle', 'waypoints'] as const).map((path) => ({
      boxes: [{}],
      moving: [{ path }],
    })),
  ])('has defaults that are valid as they stand: %j', (terrain) => {
    for (let seed = 0; seed < 3; seed++) expect(() => buildScene(terrain, seed)).not.toThrow();
  });

  it('gives every object a name of its own and the material that holds for it', () => {
    const scene = buildScene({
      ...EVERYTHING,
      material: { friction: 0.8 },
      objects: [{ ...EVERYTHING.objects![0]!, material: { restitution: 0.4 } }],
    });
    const names = scene.objects.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(scene.ground?.material).toEqual({ friction: 0.8, restitution: 0 });
    const pillar = scene.objects.find(({ name }) => name === 'pillar');
    expect(pillar?.material).toEqual({ friction: 0.8, restitution: 0.4 });
  });

  it.each<[string, GivenTerrain, RegExp]>([
    [
      'steps that the mesh cannot show',
      { ground: { kind: 'stairs', stepWidth: 0.08 } },
      /ground\.stepWidth: .*at least 2 cells of 0\.05 m, got 0\.08 m/,
    ],
    [
      'a platform as large as the ground',
      { ground: { kind: 'gaps', size: [4, 4], platform: 3.5 } },
      /ground\.platform: .*at most 3 m/,
    ],
    [
      'a field too fine for its size',
      { ground: { kind: 'rough', size: [100, 100], cellSize: 0.01 } },
      /ground: the height field is too fine/,
    ],
    [
      'tiles without a level edge',
      { ground: { kind: 'grid', tiles: [{ tile: { kind: 'slope', shape: 'single' } }] } },
      /ground\.tiles\[0\]\.tile\.shape: .*expected pyramid/,
    ],
    [
      'obstacles beyond the ground',
      { ground: { kind: 'rough', size: [6, 6] }, boxes: [{ area: [8, 4] }] },
      /boxes\[0\]\.area: it reaches beyond the ground/,
    ],
    [
      'walls in the clear zone',
      { rooms: { layout: 'corridor', roomSize: [1.5, 1.5] } },
      /rooms\.roomSize: .*clear zone.*at least 2\.1 m/,
    ],
    [
      'a door wider than its wall',
      { rooms: { layout: 'rooms', doorWidth: 4 } },
      /rooms\.doorWidth: a door is wider/,
    ],
    ['a range upside down', { boxes: [{ width: [2, 1] }] }, /boxes\[0\]\.width: .*upside down/],
    ['a wall without length', { walls: [{ from: [1, 1], to: [1, 1] }] }, /walls\[0\]: .*no length/],
    [
      'moving obstacles without room',
      { moving: [{ count: 1, reach: 50 }] },
      /moving\[0\]: there is no room/,
    ],
  ])('refuses %s', (_name, terrain, message) => {
    expect(() => buildScene(terrain)).toThrow(message);
  });

  it('tells all that is wrong at once', () => {
    const terrain: GivenTerrain = {
      ground: { kind: 'stairs', stepWidth: 0.08 },
      boxes: [{ width: [2, 1] }],
    };
    expect(() => buildScene(terrain)).toThrow(/upside down[\s\S]*stepWidth/);
  });
});

describe('the configuration of terrain', () => {
  it('says of every key what it means, and of every number in which unit', () => {
    const keys: string[] = [];
    visit(TerrainConfig, 'terrain', keys);
    // Enough to know that the walk came everywhere.
    expect(keys.length).toBeGreaterThan(80);
    expect(keys).toContain('terrain.ground.tiles.tile.stepHeight');
    expect(keys).toContain('terrain.moving.speed');
  });
});

/** Walks a schema, and requires a description of each key and a unit of each number. */
function visit(schema: unknown, path: string, keys: string[]): void {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) visit(inner.element, path, keys);
  if (inner instanceof z.ZodUnion) for (const option of inner.options) visit(option, path, keys);
  if (!(inner instanceof z.ZodObject)) return;
  for (const [key, field] of Object.entries(inner.shape)) {
    if (unwrap(field) instanceof z.ZodLiteral) continue;
    const at = `${path}.${key}`;
    keys.push(at);
    const meta = findMeta(field);
    expect(meta?.description, at).toMatch(/\w/);
    if (isNumeric(unwrap(field))) expect(meta?.unit, at).toBeDefined();
    visit(field, at, keys);
  }
}

function findMeta(schema: unknown): z.GlobalMeta | undefined {
  const meta = z.globalRegistry.get(schema as z.ZodType);
  if (meta !== undefined) return meta;
  const isWrapped =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional;
  return isWrapped ? findMeta(schema.unwrap()) : undefined;
}

function unwrap(schema: unknown): unknown {
  const isWrapped =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional;
  return isWrapped ? unwrap(schema.unwrap()) : schema;
}

function isNumeric(schema: unknown): boolean {
  if (schema instanceof z.ZodTuple) return schema.def.items.every(isNumeric);
  if (schema instanceof z.ZodUnion) return schema.options.every(isNumeric);
  return schema instanceof z.ZodNumber;
}
