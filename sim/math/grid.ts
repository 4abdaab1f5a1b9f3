/** Square cells of a square area; cell (i, j) is row-major, i along x, and (x, y) is the area's middle. */
export interface Grid {
  /** [1] cells along each side */
  readonly side: number;
  /** [m] of a cell */
  readonly cellSize: number;
  /** [side, side] what a way through a cell costs, as a multiple of its length; +Infinity where nothing may go */
  readonly cost: Float64Array;
}

/** An empty grid of at least `size` by `size`. [m] */
export function makeGrid(size: number, cellSize: number): Grid {
  const side = Math.ceil(size / cellSize);
  return { side, cellSize, cost: new Float64Array(side * side).fill(1) };
}

/** From the area's middle to that of row or column `index`. [m] */
export function computeCellMiddle({ side, cellSize }: Grid, index: number): number {
  return (index + 0.5 - side / 2) * cellSize;
}

/** Row or column of a point; the outermost for one beyond. @param value [m] from the area's middle */
export function findIndex({ side, cellSize }: Grid, value: number): number {
  return Math.min(side - 1, Math.max(0, Math.floor(value / cellSize + side / 2)));
}

/** Index of the cell that holds a point; the outermost for points beyond. @param x, y [m] from the area's middle */
export function findCell(grid: Grid, x: number, y: number): number {
  return findIndex(grid, x) * grid.side + findIndex(grid, y);
}

/**
 * Distances of all cells of a grid from one of them, over eight neighbours and not through corners of what is
 * closed: at most 8 % more than the way of a free robot (1 / cos 22.5°). Dijkstra's algorithm (E. W. Dijkstra,
 * Numerische Mathematik 1, 1959) with a binary heap. Allocates nothing after it was made.
 */
export class GridDistances {
  /** [side, side] m, a way through a cell times its cost; +Infinity where no way leads */
  readonly distance: Float64Array;
  readonly #grid: Grid;
  /** Cells, the nearest first; one may be in it once for each of its neighbours. */
  readonly #heap: Int32Array;
  readonly #keys: Float64Array;
  #size = 0;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.distance = new Float64Array(grid.cost.length);
    this.#heap = new Int32Array(8 * grid.cost.length);
    this.#keys = new Float64Array(8 * grid.cost.length);
  }

  /**
   * Finds them anew, from a cell that may itself be closed.
   * @param to cell up to which they are wanted; absent: all. Others that are further by more than `margin` may be left at
   *   +Infinity
   * @param margin [m]
   */
  compute(from: number, to?: number, margin = 0): void {
    const { side, cost, cellSize } = this.#grid;
    const { distance } = this;
    distance.fill(Number.POSITIVE_INFINITY);
    distance[from] = 0;
    this.#size = 0;
    this.#push(from, 0);
    while (this.#size > 0) {
      const key = this.#keys[0]!;
      const cell = this.#pop();
      if (key > distance[cell]!) continue;
      if (to !== undefined && key > distance[to]! + margin) return;
      const i = Math.floor(cell / side);
      const j = cell - i * side;
      for (let di = i === 0 ? 0 : -1; di <= (i === side - 1 ? 0 : 1); di++) {
        for (let dj = j === 0 ? 0 : -1; dj <= (j === side - 1 ? 0 : 1); dj++) {
          const next = cell + di * side + dj;
          const isDiagonal = di !== 0 && dj !== 0;
          const step = (isDiagonal ? Math.SQRT2 : 1) * cellSize * cost[next]!;
          if (!(key + step < distance[next]!)) continue;
          if (isDiagonal && this.#isCorner(cell, di * side, dj)) continue;
          distance[next] = key + step;
          this.#push(next, key + step);
        }
      }
    }
  }

  /** Both cells beside a diagonal step must be open, or it cuts a corner. */
  #isCorner(cell: number, alongX: number, alongY: number): boolean {
    const { cost } = this.#grid;
    return (
      cost[cell + alongX] === Number.POSITIVE_INFINITY ||
      cost[cell + alongY] === Number.POSITIVE_INFINITY
    );
  }

  #push(cell: number, key: number): void {
    let k = this.#size++;
    while (k > 0) {
      const parent = (k - 1) >> 1;
      if (this.#keys[parent]! <= key) break;
      this.#keys[k] = this.#keys[parent]!;
      this.#heap[k] = this.#heap[parent]!;
      k = parent;
    }
    this.#keys[k] = key;
    this.#heap[k] = cell;
  }

  #pop(): number {
    const first = this.#heap[0]!;
    this.#size--;
    const key = this.#keys[this.#size]!;
    const cell = this.#heap[this.#size]!;
    let k = 0;
    for (let child = 1; child < this.#size; child = 2 * k + 1) {
      if (child + 1 < this.#size && this.#keys[child + 1]! < this.#keys[child]!) child++;
      if (key <= this.#keys[child]!) break;
      this.#keys[k] = this.#keys[child]!;
      this.#heap[k] = this.#heap[child]!;
      k = child;
    }
    this.#keys[k] = key;
    this.#heap[k] = cell;
    return first;
  }
}
