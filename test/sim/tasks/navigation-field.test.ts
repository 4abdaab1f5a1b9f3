import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import type { Field } from '../../../sim/task/field.ts';
import {
  drawNavigationField,
  FIELD_SIZE,
  NAVIGATION_FIELD,
  NAVIGATION_TERRAIN,
} from '../../../sim/tasks/navigation-field.ts';
import { TerrainConfig } from '../../../sim/terrain/config.ts';
import { computeDistanceTo, computeFootprint } from '../../../sim/terrain/footprint.ts';
import { makeScene } from '../../../sim/terrain/make-scene.ts';
import { writeMotion } from '../../../sim/terrain/motion.ts';

const scene = makeScene(TerrainConfig.parse(NAVIGATION_TERRAIN), new Rng(0));
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
/** Sums of a few lengths, in doubles. */
const ROUNDING = 1e-9;

function draw(seed: number, difficulty = 1): Field {
  return drawNavigationField(new Rng(seed, 'field'), difficulty);
}

function isWalker(name: string): boolean {
  return name.startsWith('walker');
}

/** From a point to the nearest of what is there at a time, by the scene's own shapes; negative inside a round one. */
function measure(field: Field, x: number, y: number, timeS: number, of: (name: string) => boolean) {
  const out = [0, 0, 0, 0];
  return Math.min(
    ...scene.objects.flatMap((object) => {
      const place = field.objects[object.name];
      if (place === undefined || !of(object.name)) return [];
      if (place.motion !== undefined) writeMotion(out, 0, place.motion, timeS);
      const [px, py] = place.motion === undefined ? [place.x, place.y] : [out[0]!, out[1]!];
      if (object.geometry.kind !== 'box')
        return [Math.hypot(x - px, y - py) - object.geometry.radius];
      return [
        computeDistanceTo({ ...computeFootprint(object), x: px, y: py, yaw: place.yaw }, x, y),
      ];
    }),
    FIELD_SIZE / 2 - Math.max(Math.abs(x), Math.abs(y)),
  );
}

/** Cells of 5 cm that a disc of `radius` can get to from the start: by flooding, not by the generator's grid. */
function flood(field: Field, radius: number): (x: number, y: number) => boolean {
  const step = 0.05;
  const side = Math.round(FIELD_SIZE / step);
  const toIndex = (value: number) => Math.round((value + FIELD_SIZE / 2) / step);
  const seen = new Set<number>();
  const queue = [toIndex(field.start.x) * (side + 1) + toIndex(field.start.y)];
  while (queue.length > 0) {
    const cell = queue.pop()!;
    if (seen.has(cell)) continue;
    const [i, j] = [Math.floor(cell / (side + 1)), cell % (side + 1)];
    const [x, y] = [i * step - FIELD_SIZE / 2, j * step - FIELD_SIZE / 2];
    if (measure(field, x, y, 0, (name) => !isWalker(name)) < radius) continue;
    seen.add(cell);
    queue.push(cell + 1, cell - 1, cell + side + 1, cell - side - 1);
  }
  return (x, y) => seen.has(toIndex(x) * (side + 1) + toIndex(y));
}

describe('a field to find a way in', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  it('places nothing but what its terrain has', () => {
    const movable = scene.objects.filter(({ moves }) => moves).map(({ name }) => name);
    expect([...NAVIGATION_FIELD.objectNames].sort()).toEqual(movable.sort());
    for (const seed of SEEDS) {
      expect(movable).toEqual(expect.arrayContaining(Object.keys(draw(seed).objects)));
    }
  });

  it('has a way for the robot, 0.2 m beside its middle, from every start to the goal', () => {
    // The generator asks for 0.3 m in the middles of cells of 0.1 m; between two of them, half a diagonal away, 0.07 m
    // of it may be missing.
    for (const seed of SEEDS.slice(0, 8)) {
      const field = draw(seed);
      expect(flood(field, 0.2)(field.goal.x, field.goal.y), `seed ${seed}`).toBe(true);
    }
  });

  it('leaves start and goal free, at least 2 m apart, and tells no way shorter than straight', () => {
    for (const seed of SEEDS) {
      const field = draw(seed);
      const { start, goal } = field;
      expect(measure(field, start.x, start.y, 0, () => true)).toBeGreaterThanOrEqual(
        0.5 - ROUNDING,
      );
      expect(measure(field, goal.x, goal.y, 0, () => true)).toBeGreaterThanOrEqual(0.5 - ROUNDING);
      const straight = Math.hypot(goal.x - start.x, goal.y - start.y);
      expect(straight).toBeGreaterThanOrEqual(2);
      // Each end lies up to half a diagonal of a cell from the middle that is counted.
      expect(field.pathLength).toBeGreaterThan(straight - 2 * 0.071);
    }
  });

  it('lets walkers pass start, goal, walls and what stands with room for the robot', () => {
    let walkers = 0;
    for (const seed of SEEDS) {
      const field = draw(seed);
      for (const [name, { motion }] of Object.entries(field.objects)) {
        if (motion === undefined) continue;
        walkers++;
        const { geometry } = scene.objects.find((object) => object.name === name)!;
        const radius = geometry.kind === 'cylinder' ? geometry.radius : Number.NaN;
        for (let timeS = 0; timeS < 40; timeS += 0.5) {
          const out = [0, 0, 0, 0];
          writeMotion(out, 0, motion, timeS);
          const room =
            measure(field, out[0]!, out[1]!, timeS, (other) => !isWalker(other)) - radius;
          // Points of its way 0.1 m apart were looked at, 0.65 m off for the smaller: √(0.65² − 0.05²) = 0.648.
          expect(room, `seed ${seed}, ${name}`).toBeGreaterThan(0.45 - 0.002);
          expect(Math.hypot(out[2]!, out[3]!)).toBeLessThanOrEqual(0.4);
        }
      }
    }
    expect(walkers / SEEDS.length).toBeGreaterThan(1);
  });

  it('grows harder with its difficulty: more stands, more walks', () => {
    const count = (difficulty: number, of: (name: string) => boolean) =>
      SEEDS.reduce((sum, seed) => {
        return sum + Object.keys(draw(seed, difficulty).objects).filter(of).length;
      }, 0) / SEEDS.length;
    const levels = [0, 0.5, 1];
    const standing = levels.map((level) => count(level, (name) => !isWalker(name)));
    const walking = levels.map((level) => count(level, isWalker));
    // Drawn evenly from 1…3, 4…7 (halves round up) and 6…10: 2, 5.5 and 8 on average.
    expect(standing[0]).toBeGreaterThan(1.5);
    expect(standing[0]).toBeLessThan(2.5);
    expect(standing[2]).toBeGreaterThan(standing[1]!);
    expect(standing[1]).toBeGreaterThan(standing[0]!);
    expect(walking[0]).toBe(0);
    expect(walking[2]).toBeGreaterThan(walking[1]!);
  });
});
