import { describe, expect, it } from 'vitest';
import { Rng } from '../../../sim/math/rng.ts';
import { computeFieldRayDistance } from '../../../sim/terrain/field-ray.ts';
import { computeGroundHeight } from '../../../sim/terrain/ground-height.ts';
import type { HeightField } from '../../../sim/terrain/scene.ts';
import { buildScene, getField } from '../../kit/scenes.ts';

const scene = buildScene({
  ground: { kind: 'rough', size: [6, 4], cellSize: 0.1, amplitude: 0.3 },
});
const field: HeightField = getField(scene);

function cast(from: readonly number[], towards: readonly number[], maxRange = 100): number {
  const length = Math.hypot(...towards);
  const direction = Float64Array.from(towards, (part) => part / length);
  return computeFieldRayDistance(field, Float64Array.from(from), 0, direction, 0, maxRange);
}

describe('a ray at a height field', () => {
  it('ends on the surface, from above and from below, wherever it starts', () => {
    const rng = new Rng(1);
    let hits = 0;
    for (let n = 0; n < 2000; n++) {
      const from = [rng.uniform(-2.9, 2.9), rng.uniform(-1.9, 1.9), rng.uniform(-1, 1)] as const;
      const towards = [rng.normal(0, 1), rng.normal(0, 1), rng.normal(0, 0.3)] as const;
      const range = cast(from, towards);
      if (range === Number.POSITIVE_INFINITY) continue;
      hits++;
      const share = range / Math.hypot(...towards);
      const [x, y, z] = from.map((start, k) => start + share * towards[k]!) as [
        number,
        number,
        number,
      ];
      expect(Math.abs(computeGroundHeight(scene, x, y) - z)).toBeLessThan(1e-9);
      // Nothing is nearer: the ray stays on its side of the surface up to there.
      const side = Math.sign(from[2] - computeGroundHeight(scene, from[0], from[1]));
      for (let k = 1; k < 50; k++) {
        const t = (share * k) / 50;
        const height = computeGroundHeight(
          scene,
          from[0] + t * towards[0],
          from[1] + t * towards[1],
        );
        expect((from[2] + t * towards[2] - height) * side).toBeGreaterThan(-1e-9);
      }
    }
    expect(hits).toBeGreaterThan(300);
  });

  it('meets it straight down over a vertex, a border and a diagonal', () => {
    for (const [x, y] of [
      [0, 0],
      [0.1, 0.05],
      [0.25, 0.25],
      [-3, -2],
      [3, 2],
    ] as const) {
      expect(cast([x, y, 2], [0, 0, -1])).toBeCloseTo(2 - computeGroundHeight(scene, x, y), 9);
    }
  });

  it('meets nothing beside the field, above it, and beyond its range', () => {
    expect(cast([3.5, 0, 1], [0, 0, -1])).toBe(Number.POSITIVE_INFINITY);
    expect(cast([-5, 0, 1], [1, 0, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(cast([0, 0, 5], [0, 0, -1], 3)).toBe(Number.POSITIVE_INFINITY);
    // From outside over the border it does.
    expect(cast([-4, 0, 1], [2, 0, -1])).toBeLessThan(10);
  });
});
