import {
  computeCellMiddle,
  findCell,
  findIndex,
  type Grid,
  GridDistances,
  makeGrid,
} from '../math/grid.ts';
import type { Numbers } from '../math/vec3.ts';

/** [-] what a cell costs that is as near to an obstacle as may be, and one that may not be entered but must be */
const NARROW_COST = 4;
const FORCED_COST = 10;
/** [m] around robot and goal that nothing closes: they are where they are */
const OPEN_RADIUS = 0.25;

export interface LocalMapSettings {
  /** [m] from an obstacle that the robot's middle keeps */
  readonly closed: number;
  /** [m] from an obstacle within which ways are dearer */
  readonly wide: number;
  /** [m] side of the map: an odd number of cells, so that the robot is in the middle of one */
  readonly size: number;
  /** [m] */
  readonly cellSize: number;
  /**
   * [m] how much further from the goal than the robot points may be whose way is asked for, dear cells counted; 0 where only
   * the robot's own way is
   */
  readonly margin: number;
}

/**
 * Ways to the goal around what one scan shows: a grid in base_link, free where nothing was hit, and the length of the
 * way from every cell to the goal: a navigation function without the local minima of going straight (O. Brock and
 * O. Khatib, "High-speed navigation using the global dynamic window approach", ICRA 1999). Obstacles beyond a corner
 * come when they are seen; a goal beyond the map counts as on its border.
 */
export class LocalMap {
  readonly #settings: LocalMapSettings;
  readonly #grid: Grid;
  readonly #distances: GridDistances;
  /** [2] m [@frame base_link] where the robot is led, see `findAhead` */
  readonly ahead = new Float64Array(2);

  constructor(settings: LocalMapSettings) {
    this.#settings = settings;
    this.#grid = makeGrid(settings.size, settings.cellSize);
    this.#distances = new GridDistances(this.#grid);
  }

  /** @param points [numPoints, 2] m [@frame base_link] @param goalX, goalY [m] [@frame base_link] */
  update(points: Numbers, numPoints: number, goalX: number, goalY: number): void {
    const { cost } = this.#grid;
    cost.fill(1);
    for (let p = 0; p < numPoints; p++) this.#mark(points[2 * p]!, points[2 * p + 1]!);
    const half = (this.#settings.size - this.#settings.cellSize) / 2;
    const beyond = Math.max(1, Math.abs(goalX) / half, Math.abs(goalY) / half);
    const [x, y] = [goalX / beyond, goalY / beyond];
    this.#open(0, 0);
    this.#open(x, y);
    const from = findCell(this.#grid, x, y);
    this.#distances.compute(from, findCell(this.#grid, 0, 0), this.#settings.margin);
  }

  /** Length of the way from a point to the goal, dear where it is narrow. [m]; +Infinity where there is none */
  computeWay(x: number, y: number): number {
    const { side, cellSize } = this.#grid;
    const { distance } = this.#distances;
    // Between the middles of four cells; those without a way count as the others' worst and a bit.
    const u = Math.min(side - 1.001, Math.max(0, x / cellSize + side / 2 - 0.5));
    const v = Math.min(side - 1.001, Math.max(0, y / cellSize + side / 2 - 0.5));
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [fu, fv] = [u - i, v - j];
    const k = i * side + j;
    const corners = [distance[k]!, distance[k + 1]!, distance[k + side]!, distance[k + side + 1]!];
    let worst = Number.NEGATIVE_INFINITY;
    for (const corner of corners) if (corner < Infinity) worst = Math.max(worst, corner);
    if (worst === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
    const at = (c: number) => Math.min(corners[c]!, worst + FORCED_COST * cellSize);
    return (1 - fu) * ((1 - fv) * at(0) + fv * at(1)) + fu * ((1 - fv) * at(2) + fv * at(3));
  }

  /** Writes `ahead`: where the shortest way is once it has gone `reach` from the robot, or ends. [m] */
  findAhead(reach: number): void {
    const grid = this.#grid;
    const { side } = grid;
    const { distance } = this.#distances;
    let cell = findCell(grid, 0, 0);
    for (let isLower = true; isLower; ) {
      const x = computeCellMiddle(grid, Math.floor(cell / side));
      const y = computeCellMiddle(grid, cell % side);
      this.ahead[0] = x;
      this.ahead[1] = y;
      if (x * x + y * y >= reach * reach) return;
      const next = this.#findLowest(cell);
      isLower = distance[next]! < distance[cell]!;
      cell = next;
    }
  }

  /**
   * Writes `ahead`: the last point of the shortest way to which nothing bars the straight line from the robot. Unlike the
   * next cells of the way, of which there are eight directions, it does not depend on how the grid lies. [m]
   * @returns whether that is the goal
   */
  findLead(): boolean {
    const { side } = this.#grid;
    const { distance } = this.#distances;
    let cell = findCell(this.#grid, 0, 0);
    for (;;) {
      const next = this.#findLowest(cell);
      if (!(distance[next]! < distance[cell]!)) break;
      const x = computeCellMiddle(this.#grid, Math.floor(next / side));
      const y = computeCellMiddle(this.#grid, next % side);
      if (!this.#isInSight(x, y)) return false;
      this.ahead[0] = x;
      this.ahead[1] = y;
      cell = next;
    }
    return distance[cell] === 0;
  }

  /** Whether all cells on the line from the robot are open. */
  #isInSight(x: number, y: number): boolean {
    const { cost, cellSize } = this.#grid;
    const numSteps = Math.ceil((2 * Math.sqrt(x * x + y * y)) / cellSize);
    for (let k = 1; k < numSteps; k++) {
      const cell = findCell(this.#grid, (k * x) / numSteps, (k * y) / numSteps);
      if (cost[cell] === Number.POSITIVE_INFINITY) return false;
    }
    return true;
  }

  #findLowest(cell: number): number {
    const { side } = this.#grid;
    const { distance } = this.#distances;
    const [i, j] = [Math.floor(cell / side), cell % side];
    let lowest = cell;
    for (let ni = Math.max(0, i - 1); ni <= Math.min(side - 1, i + 1); ni++) {
      for (let nj = Math.max(0, j - 1); nj <= Math.min(side - 1, j + 1); nj++) {
        if (distance[ni * side + nj]! < distance[lowest]!) lowest = ni * side + nj;
      }
    }
    return lowest;
  }

  /** Closes cells around a point of an obstacle, and makes those around them dear. */
  #mark(x: number, y: number): void {
    const grid = this.#grid;
    const { closed, wide } = this.#settings;
    for (let i = findIndex(grid, x - wide); i <= findIndex(grid, x + wide); i++) {
      const dx = computeCellMiddle(grid, i) - x;
      for (let j = findIndex(grid, y - wide); j <= findIndex(grid, y + wide); j++) {
        const dy = computeCellMiddle(grid, j) - y;
        const distance = Math.sqrt(dx * dx + dy * dy);
        if (distance >= wide) continue;
        const share = (wide - distance) / (wide - closed);
        const dear = distance < closed ? Infinity : 1 + (NARROW_COST - 1) * share;
        const k = i * grid.side + j;
        if (dear > grid.cost[k]!) grid.cost[k] = dear;
      }
    }
  }

  #open(x: number, y: number): void {
    const grid = this.#grid;
    for (let i = findIndex(grid, x - OPEN_RADIUS); i <= findIndex(grid, x + OPEN_RADIUS); i++) {
      for (let j = findIndex(grid, y - OPEN_RADIUS); j <= findIndex(grid, y + OPEN_RADIUS); j++) {
        const k = i * grid.side + j;
        grid.cost[k] = Math.min(grid.cost[k]!, FORCED_COST);
      }
    }
  }
}
