import { describe, expect, it } from 'vitest';
import { buildScene, type GivenTerrain, getField, listVertices } from '../../kit/scenes.ts';

/** Heights are 32-bit: half a last place of a metre. */
const FLOAT32 = 1e-7;
type Ground = NonNullable<GivenTerrain['ground']>;

const build = (ground: Ground, seed = 1) => getField(buildScene({ ground }, seed));

/** Compares every vertex with a closed form. */
function expectHeights(ground: Ground, computeHeight: (x: number, y: number) => number): void {
  const vertices = listVertices(build(ground));
  expect(vertices.length).toBeGreaterThan(1000);
  const worst = Math.max(...vertices.map(({ x, y, z }) => Math.abs(z - computeHeight(x, y))));
  expect(worst).toBeLessThan(5 * FLOAT32);
}

const SMALL = { size: [8, 8], cellSize: 0.1 } as const;

describe('a height field', () => {
  it('has the asked size around the start, counted in whole cells', () => {
    const field = build({ kind: 'slope', size: [6, 4], cellSize: 0.25 });
    expect([field.numX, field.numY]).toEqual([25, 17]);
    expect(field.origin).toEqual([-3, -2]);
    expect(field.heights.length).toBe(25 * 17);
  });

  it('of a pyramid climbs at its grade from the platform to the rim, and is flat beyond', () => {
    // Platform to 1 m, rim from 4 − 0.5 = 3.5 m on: 0.2 · 2.5 = 0.5 m.
    const ground = { kind: 'slope', grade: 0.2, platform: 2, ...SMALL } as const;
    expectHeights(ground, (x, y) => {
      const ring = Math.min(3.5, Math.max(Math.abs(x), Math.abs(y)));
      return 0.2 * Math.max(0, ring - 1);
    });
  });

  it('of a pyramid on ground that is not square climbs on to its longer edges, without a cliff', () => {
    // 8 m by 4 m: along x it is flat from 3.5 m on, along y it ends at 2 m, still climbing.
    const ground = { kind: 'slope', grade: 0.2, platform: 2, ...SMALL, size: [8, 4] } as const;
    expectHeights(ground, (x, y) => {
      const ring = Math.min(3.5, Math.max(Math.abs(x), Math.abs(y)));
      return 0.2 * Math.max(0, ring - 1);
    });
    const stairs = { kind: 'stairs', stepHeight: 0.12, stepWidth: 0.3, ...SMALL } as const;
    const count = (ring: number) => Math.ceil((Math.min(ring, 3.5) - 1.5 - 1e-6) / 0.3);
    expectHeights({ ...stairs, size: [8, 4] }, (x, y) => {
      return 0.12 * Math.max(0, count(Math.max(Math.abs(x), Math.abs(y))));
    });
  });

  it('of a single slope is one plane along x, down if it is told so', () => {
    const ground = { kind: 'slope', shape: 'single', grade: 0.3, ...SMALL } as const;
    expectHeights(ground, (x) => 0.3 * x);
    expectHeights({ ...ground, direction: 'down' }, (x) => -0.3 * x);
  });

  it('of pyramid stairs rises by one step height per step width, in all four directions', () => {
    // Treads (1.5, 1.8], (1.8, 2.1], … m from the middle; the rim from 3.5 m on is part of the 7th.
    const ground = { kind: 'stairs', stepHeight: 0.12, stepWidth: 0.3, ...SMALL } as const;
    const count = (ring: number) => Math.ceil((Math.min(ring, 3.5) - 1.5 - 1e-6) / 0.3);
    expectHeights(ground, (x, y) => 0.12 * Math.max(0, count(Math.max(Math.abs(x), Math.abs(y)))));
    expectHeights({ ...ground, direction: 'down' }, (x, y) => {
      return -0.12 * Math.max(0, count(Math.max(Math.abs(x), Math.abs(y))));
    });
  });

  it('of a flight of stairs climbs along +x alone', () => {
    const ground = {
      kind: 'stairs',
      shape: 'straight',
      ...{ stepHeight: 0.1, stepWidth: 0.5, platform: 2 },
      ...SMALL,
    } as const;
    const count = (x: number) => Math.ceil((Math.min(x, 3.5) - 1 - 1e-6) / 0.5);
    expectHeights(ground, (x) => 0.1 * Math.max(0, count(x)));
  });

  it('of gaps has ditches as wide as asked at the top, and landings between them', () => {
    // Gaps from 1 to 1.4 m and from 2.4 to 2.8 m; the next would begin at 3.8 m, on the rim.
    const ground = {
      kind: 'gaps',
      ...{ gapWidth: 0.4, landing: 1, depth: 0.7, platform: 2 },
      ...SMALL,
    } as const;
    expectHeights(ground, (x, y) => {
      const ring = Math.max(Math.abs(x), Math.abs(y));
      const isIn = (from: number) => ring > from + 1e-6 && ring < from + 0.4 - 1e-6;
      return isIn(1) || isIn(2.4) ? -0.7 : 0;
    });
  });

  it('of stepping stones has stones and depth and nothing between, each stone level', () => {
    const ground = {
      kind: 'stepping_stones',
      ...{ stoneSize: 0.5, stoneDistance: 0.3, depth: 2 },
      ...{ heightJitter: 0.05, platform: 2 },
      ...SMALL,
    } as const;
    const vertices = listVertices(build(ground));
    const inside = vertices.filter(({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) < 3.45);
    for (const { z } of inside) expect(z === -2 || Math.abs(z) <= 0.05).toBe(true);
    // Stones take (0.5 / 0.8)² = 39 % of the ground, to the vertices on their edges up to (0.6 / 0.8)² = 56 %.
    const beyond = inside.filter(({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) > 1.05);
    const share = beyond.filter(({ z }) => z > -1).length / beyond.length;
    expect(share).toBeGreaterThan(0.39);
    expect(share).toBeLessThan(0.57);
    // Along y a top never meets another height without depth between them.
    for (let k = 1; k < inside.length; k++) {
      const [one, next] = [inside[k - 1]!, inside[k]!];
      if (one.x !== next.x || one.z === -2 || next.z === -2) continue;
      if (Math.max(Math.abs(one.x), Math.abs(one.y)) < 1.15) continue;
      expect(next.z).toBe(one.z);
    }
  });

  it('that is rough stays within its amplitude, fills it, and is flat where robots start', () => {
    const ground = { kind: 'rough', amplitude: 0.1, correlationLength: 0.4, ...SMALL } as const;
    const vertices = listVertices(build(ground));
    const heights = vertices.map(({ z }) => z);
    expect(Math.max(...heights)).toBeLessThanOrEqual(0.1);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(-0.1);
    // Hundreds of lattice points: the largest lies close under the amplitude.
    expect(Math.max(...heights)).toBeGreaterThan(0.09);
    const start = vertices.filter(({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) < 0.501);
    expect(start.every(({ z }) => z === 0)).toBe(true);
    // Along an axis noise is no steeper than 2 · amplitude / correlation length, its fading in and out no steeper
    // than half of that: 0.05 m and 0.025 m per cell.
    const { numY } = build(ground);
    for (let k = 1; k < heights.length; k++) {
      if (k % numY === 0) continue;
      expect(Math.abs(heights[k]! - heights[k - 1]!)).toBeLessThan(0.075 + FLOAT32);
    }
  });

  it('that is rough forgets its height over its correlation length', () => {
    const shared = { kind: 'rough', amplitude: 1, size: [40, 40], cellSize: 0.25 } as const;
    const correlate = (correlationLength: number, lagCells: number) => {
      const { heights, numX, numY } = build({ ...shared, correlationLength, platform: 0 });
      let [product, square] = [0, 0];
      for (let i = 4; i < numX - 4 - lagCells; i++) {
        for (let j = 4; j < numY - 4; j++) {
          product += heights[i * numY + j]! * heights[(i + lagCells) * numY + j]!;
          square += heights[i * numY + j]! ** 2;
        }
      }
      return product / square;
    };
    // Two lattice cells apart nothing is shared; a quarter of one apart nearly everything.
    expect(Math.abs(correlate(1, 8))).toBeLessThan(0.1);
    expect(correlate(1, 1)).toBeGreaterThan(0.8);
    expect(correlate(4, 4)).toBeGreaterThan(0.8);
  });

  it('that is fractal has detail that one length has not, within the same amplitude', () => {
    const shared = { kind: 'rough', amplitude: 0.1, correlationLength: 1.6, ...SMALL } as const;
    const measure = (octaves: number) => {
      const { heights, numY } = build({ ...shared, octaves, persistence: 0.7 });
      let bend = 0;
      for (let k = 1; k < heights.length - 1; k++) {
        if (k % numY === 0 || k % numY === numY - 1) continue;
        bend += Math.abs(heights[k - 1]! - 2 * heights[k]! + heights[k + 1]!);
      }
      return { bend, top: Math.max(...heights.map(Math.abs)) };
    };
    const [plain, fractal] = [measure(1), measure(4)];
    expect(fractal.bend).toBeGreaterThan(2 * plain.bend);
    expect(fractal.top).toBeLessThanOrEqual(0.1);
  });

  it('is what the difficulty makes of [easy, hard]', () => {
    const at = (difficulty: number) =>
      Math.max(
        ...build({ kind: 'slope', grade: [0.1, 0.5], platform: 2, difficulty, ...SMALL }).heights,
      );
    // 2.5 m of slope at 0.1, 0.3 and 0.5.
    expect(at(0)).toBeCloseTo(0.25, 6);
    expect(at(0.5)).toBeCloseTo(0.75, 6);
    expect(at(1)).toBeCloseTo(1.25, 6);
  });
});
