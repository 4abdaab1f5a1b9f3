import { describe, expect, it } from 'vitest';
import { computeCellMiddle, findCell, GridDistances, makeGrid } from '../../../sim/math/grid.ts';

/** A sum of a few steps, in doubles. */
const ROUNDING = 1e-12;

/** Five by five cells of half a metre; `walls` are [i, j] of closed cells. */
function make(walls: readonly (readonly [number, number])[] = []) {
  const grid = makeGrid(2.5, 0.5);
  for (const [i, j] of walls) grid.cost[i * grid.side + j] = Infinity;
  return { grid, distances: new GridDistances(grid) };
}

describe('a grid', () => {
  it('has its middle at the origin and takes points beyond for its outermost cells', () => {
    const { grid } = make();
    expect([0, 2, 4].map((index) => computeCellMiddle(grid, index))).toEqual([-1, 0, 1]);
    // Row 2 of five begins at −0.25; column 4 at 0.75.
    expect(findCell(grid, 0, 0.8)).toBe(2 * 5 + 4);
    expect(findCell(grid, -9, 9)).toBe(4);
  });
});

describe('distances on a grid', () => {
  it('go straight and aslant', () => {
    const { distances } = make();
    distances.compute(0);
    // To the far corner four steps aslant; to (4, 2) two aslant and two straight.
    expect(distances.distance[24]).toBeCloseTo(4 * Math.SQRT2 * 0.5, 12);
    expect(distances.distance[4 * 5 + 2]).toBeCloseTo((2 * Math.SQRT2 + 2) * 0.5, 12);
  });

  it('go around what is closed, and through no corner of it', () => {
    // A wall from (0, 1) to (3, 1): from (0, 0) to (0, 2) it goes down to row 4 and back, four straight steps each way
    // and two across.
    const { distances } = make([0, 1, 2, 3].map((i) => [i, 1] as const));
    distances.compute(0);
    expect(distances.distance[2]).toBeCloseTo(10 * 0.5, 12);
    // Diagonally past a single closed cell: two straight steps instead of one aslant.
    const corner = make([[0, 1]]).distances;
    corner.compute(0);
    expect(corner.distance[1 * 5 + 1]).toBeCloseTo(2 * 0.5, 12);
  });

  it('are infinite where no way leads', () => {
    const { distances } = make([0, 1, 2, 3, 4].map((i) => [i, 2] as const));
    distances.compute(0);
    expect(distances.distance[4]).toBe(Infinity);
    expect(distances.distance[1]).toBe(0.5);
  });

  it('count dear cells by what they cost, and go around those that cost too much', () => {
    const { grid, distances } = make();
    // The cell between (2, 0) and (2, 2) costs three times its length, dearer than two steps aslant.
    grid.cost[2 * 5 + 1] = 3;
    distances.compute(2 * 5);
    expect(distances.distance[2 * 5 + 1]).toBeCloseTo(1.5, 12);
    expect(distances.distance[2 * 5 + 2]! - 2 * Math.SQRT2 * 0.5).toBeLessThan(ROUNDING);
  });

  it('agree with Bellman and Ford on random grids', () => {
    let state = 1;
    // A small generator of its own: the grids need no quality.
    const next = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    for (let round = 0; round < 20; round++) {
      const { grid, distances } = make();
      for (let k = 0; k < 25; k++) grid.cost[k] = next() < 0.3 ? Infinity : 1 + 3 * next();
      distances.compute(12);
      expect(worstDifference(distances.distance, relax(grid.cost, 12))).toBeLessThan(ROUNDING);
    }
  });
});

/** Distances by relaxing every edge as often as there are cells. */
function relax(cost: Float64Array, from: number): Float64Array {
  const distance = new Float64Array(25).fill(Infinity);
  distance[from] = 0;
  for (let round = 0; round < 25; round++) {
    for (let cell = 0; cell < 25; cell++) {
      for (const [di, dj] of [-1, 0, 1].flatMap((a) => [-1, 0, 1].map((b) => [a, b] as const))) {
        const [i, j] = [Math.floor(cell / 5) + di, (cell % 5) + dj];
        if (i < 0 || j < 0 || i > 4 || j > 4 || (di === 0 && dj === 0)) continue;
        const isAslant = di !== 0 && dj !== 0;
        if (isAslant && Math.max(cost[cell + 5 * di]!, cost[cell + dj]!) === Infinity) continue;
        const reached = distance[cell]! + Math.hypot(di, dj) * 0.5 * cost[5 * i + j]!;
        distance[5 * i + j] = Math.min(distance[5 * i + j]!, reached);
      }
    }
  }
  return distance;
}

function worstDifference(one: Float64Array, other: Float64Array): number {
  return Math.max(...one.map((value, k) => (value === other[k] ? 0 : Math.abs(value - other[k]!))));
}
