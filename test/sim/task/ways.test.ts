import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { computeWayLeft, type Ways } from '../../../sim/task/ways.ts';
import { drawNavigationField } from '../../../sim/tasks/navigation-field.ts';

const SEEDS = Array.from({ length: 40 }, (_, k) => k);
const draw = (seed: number) => drawNavigationField(new Rng(seed), 1);

const DIRECTIONS = Array.from({ length: 32 }, (_, k): [number, number] => [
  Math.cos((k * Math.PI) / 16),
  Math.sin((k * Math.PI) / 16),
]);

/** 2 by 2 cells of 1 m, in the middle: (±0.5, ±0.5). */
const square: Ways = { side: 2, cellSize: 1, left: Float32Array.of(0, 1, 2, 5) };

describe('ways', () => {
  it.each([
    { x: -0.5, y: -0.5, left: 0 },
    { x: -0.5, y: 0.5, left: 1 },
    { x: 0.5, y: -0.5, left: 2 },
    { x: 0, y: -0.5, left: 1 },
    { x: 0, y: 0, left: 2 },
    { x: 0.5, y: 0.25, left: 4.25 },
  ])('are bilinear: $left m at ($x, $y)', ({ x, y, left }) => {
    expect(computeWayLeft(square, x, y)).toBeCloseTo(left, 6);
  });

  it('stay what they are at the outermost cells beyond them', () => {
    expect(computeWayLeft(square, 9, 9)).toBe(5);
    expect(computeWayLeft(square, -9, 0.5)).toBe(1);
  });

  it('lead from the start to the goal: by small steps to where the least is left', () => {
    for (const seed of SEEDS) {
      const { ways, start, goal, pathLength } = draw(seed);
      let at = { x: start.x, y: start.y };
      let travelled = 0;
      while (Math.hypot(goal.x - at.x, goal.y - at.y) > 0.15 && travelled < 2 * pathLength) {
        const around = DIRECTIONS.map(([x, y]) => ({ x: at.x + 0.1 * x, y: at.y + 0.1 * y }));
        const left = around.map(({ x, y }) => computeWayLeft(ways, x, y));
        at = around[left.indexOf(Math.min(...left))]!;
        travelled += 0.1;
      }
      expect(Math.hypot(goal.x - at.x, goal.y - at.y), `seed ${seed}`).toBeLessThan(0.15);
    }
  });

  it('are as long as the shortest that leaves room, and never longer', () => {
    for (const seed of SEEDS) {
      const { ways, start, goal, pathLength } = draw(seed);
      const left = computeWayLeft(ways, start.x, start.y);
      // Four cells around a point lie up to 0.14 m from it.
      expect(left).toBeLessThan(pathLength + 0.15);
      expect(left).toBeGreaterThan(Math.hypot(goal.x - start.x, goal.y - start.y) - 0.15);
    }
  });
});
