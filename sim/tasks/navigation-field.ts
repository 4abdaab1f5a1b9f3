import {
  computeCellMiddle,
  findCell,
  findIndex,
  type Grid,
  GridDistances,
  makeGrid,
} from '../math/grid.ts';
import type { Rng } from '../math/rng.ts';
import type { Field, FieldPlace, FieldSpec } from '../task/field.ts';
import type { Ways } from '../task/ways.ts';
import type { TerrainInput } from '../terrain/config.ts';
import { computeDistanceTo, computeReach } from '../terrain/footprint.ts';

/*
 * Walled fields with boxes, posts and discs that walk to and fro, other ones in every episode. What may stand in one is
 * a store of objects; an episode takes some of them.
 */

/** [m] inside of the walls, along x and y */
export const FIELD_SIZE = 6;
/** [m] taller than the TurtleBot 4, 0.351 m, whose lidar looks out at 0.193 m */
const HEIGHT = 0.6;
/** [m] radius that base_link's origin is in the middle of: the base's 0.164 m, [create3] in robot.urdf */
export const ROBOT_RADIUS = 0.164;

/** [m] along x and y */
const BOXES: readonly (readonly [number, number])[] = [
  ...([
    [0.25, 0.25],
    [0.3, 0.3],
    [0.4, 0.4],
    [0.6, 0.4],
    [0.5, 0.3],
  ] as const),
  ...([
    [0.8, 0.25],
    [1.2, 0.12],
    [1.6, 0.12],
  ] as const),
];
/** [m] radii */
const POSTS = [0.06, 0.1, 0.15, 0.2, 0.25];
/** [m] radii of what walks: a person's legs and what swings beside them */
const WALKERS = [0.2, 0.25, 0.25];

/** [m] from base_link at the start, and from the goal, to what stands */
const START_CLEARANCE = 0.5;
/** [m] from start and goal to the walls */
const WALL_CLEARANCE = 0.5;
/** [m] between start and goal, as the crow flies */
const MIN_DISTANCE = 2;
/** [m] from base_link along the way that must exist: 0.136 m beside the robot on either side */
export const PATH_CLEARANCE = 0.3;
/** [m] left between the way of a walker and walls, what stands, and other ways: the robot is 0.328 m wide */
const WALKER_GAP = 0.45;
/** [m] of the grid on which ways are looked for */
const CELL = 0.1;
/** [1] times its length that a way counts with less room than that, and through something: always more than around it */
const NARROW_COST = 3;
const CLOSED_COST = 10;
/** [1] fields that are drawn before one of them has to do with fewer objects */
const TRIES = 5;
/** [1] places that are tried for one object, ways for one walker; there may be none */
const PLACE_TRIES = 30;
/** [m] between points of a walker's way that are looked at */
const WAY_STEP = 0.1;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Disc extends Point {
  readonly radius: number;
}

/** Something that walks, and points of its way. */
interface Walker {
  readonly name: string;
  readonly place: FieldPlace;
  readonly way: readonly Disc[];
}

/** Something that stands, with how far from it a point is. */
interface Standing {
  readonly name: string;
  readonly place: FieldPlace;
  /** [m] of the circle around its middle that holds it */
  readonly reach: number;
  readonly computeDistance: (x: number, y: number) => number;
}

export const NAVIGATION_TERRAIN: TerrainInput = {
  walls: [
    { from: [-1, -1], to: [1, -1] },
    { from: [1, -1], to: [1, 1] },
    { from: [1, 1], to: [-1, 1] },
    { from: [-1, 1], to: [-1, -1] },
  ].map(({ from, to }) => {
    // Half a thickness further out, so that the inside measures FIELD_SIZE.
    const half = (FIELD_SIZE + 0.1) / 2;
    const scale = ([x, y]: number[]): [number, number] => [x! * half, y! * half];
    return { from: scale(from), to: scale(to), height: HEIGHT, thickness: 0.1 };
  }),
  objects: [
    ...BOXES.map(([length, width], k) => ({
      name: `crate_${k}`,
      geometry: { kind: 'box' as const, size: [length, width, HEIGHT] as [number, number, number] },
    })),
    ...POSTS.map((radius, k) => ({ name: `post_${k}`, geometry: makePillar(radius) })),
    ...WALKERS.map((radius, k) => ({ name: `walker_${k}`, geometry: makePillar(radius) })),
  ].map((object) => ({ ...object, position: [0, 0] as [number, number], moves: true })),
};

export const NAVIGATION_FIELD: FieldSpec = {
  objectNames: (NAVIGATION_TERRAIN.objects ?? []).map(({ name }) => name),
  walkerNames: WALKERS.map((_, k) => `walker_${k}`),
  make: drawNavigationField,
};

function makePillar(radius: number) {
  return { kind: 'cylinder' as const, radius, length: HEIGHT };
}

/**
 * Draws a field: start and goal, what stands between them such that a way of {@link PATH_CLEARANCE} exists, and what
 * walks. Difficulty 0 has one to three obstacles that stand and none that walks; 1 has six to ten and one to three
 * that walk at 0.1 m/s to 0.4 m/s at their fastest.
 */
export function drawNavigationField(rng: Rng, difficulty: number): Field {
  const draw = (easy: readonly [number, number], hard: readonly [number, number]) =>
    rng.integer(
      Math.round(mix(easy[0], hard[0], difficulty)),
      Math.round(mix(easy[1], hard[1], difficulty)),
    );
  const wanted = draw([1, 3], [6, 10]);
  const numWalkers = draw([0, 0], [1, WALKERS.length]);
  const { start, goal } = drawEnds(rng);
  const yaw = rng.uniform(-Math.PI, Math.PI);
  const walkers = drawWalkers(rng, numWalkers, difficulty, [start, goal]);
  for (let attempt = 0; ; attempt++) {
    // Fewer after some failures, so that this ends: with none there is always a way.
    const count = Math.max(0, wanted - Math.floor(attempt / TRIES));
    const standing = drawStanding(rng, count, [start, goal], walkers);
    const pathLength = computeFreePath(standing, start, goal);
    if (pathLength === undefined) continue;
    const places = [...standing, ...walkers].map(({ name, place }) => [name, place] as const);
    const ways = findWays(standing, goal);
    const objects = Object.fromEntries(places);
    return { objects, start: { ...start, yaw }, goal, pathLength, ways };
  }
}

function mix(easy: number, hard: number, difficulty: number): number {
  return easy + (hard - easy) * difficulty;
}

function drawPoint(rng: Rng, margin: number): Point {
  const half = FIELD_SIZE / 2 - margin;
  return { x: rng.uniform(-half, half), y: rng.uniform(-half, half) };
}

function drawEnds(rng: Rng) {
  const start = drawPoint(rng, WALL_CLEARANCE);
  // From the middle, the worst of starts, half of the field is far enough: this ends soon.
  for (;;) {
    const goal = drawPoint(rng, WALL_CLEARANCE);
    if (Math.hypot(goal.x - start.x, goal.y - start.y) >= MIN_DISTANCE) return { start, goal };
  }
}

/**
 * Objects of the store, each once, off the ends and off the ways of walkers; they may touch one another. One that finds
 * no such place stays out.
 */
function drawStanding(
  rng: Rng,
  count: number,
  ends: readonly Point[],
  walkers: readonly Walker[],
): Standing[] {
  const store = [
    ...BOXES.map((size, k) => ({ name: `crate_${k}`, size })),
    ...POSTS.map((radius, k) => ({ name: `post_${k}`, radius })),
  ];
  const standing: Standing[] = [];
  for (let k = 0; k < count; k++) {
    const [item] = store.splice(rng.integer(0, store.length - 1), 1);
    for (let attempt = 0; attempt < PLACE_TRIES; attempt++) {
      const one = placeOne(item!, { ...drawPoint(rng, 0), yaw: rng.uniform(-Math.PI, Math.PI) });
      const isFree =
        ends.every(({ x, y }) => one.computeDistance(x, y) >= START_CLEARANCE) &&
        walkers.every(({ way }) =>
          way.every(({ x, y, radius }) => one.computeDistance(x, y) >= radius + WALKER_GAP),
        );
      if (!isFree) continue;
      standing.push(one);
      break;
    }
  }
  return standing;
}

function placeOne(
  item: {
    readonly name: string;
    readonly size?: readonly [number, number];
    readonly radius?: number;
  },
  place: FieldPlace,
): Standing {
  const { name, size, radius = 0 } = item;
  if (size === undefined) {
    const disc = { ...place, radius };
    return { name, place, reach: radius, computeDistance: (x, y) => computeGap(disc, x, y) };
  }
  const footprint = { ...place, length: size[0], width: size[1] };
  const reach = computeReach(footprint);
  return { name, place, reach, computeDistance: (x, y) => computeDistanceTo(footprint, x, y) };
}

/** From a point to a disc; negative inside. [m] */
function computeGap({ x, y, radius }: Disc, px: number, py: number): number {
  return Math.hypot(px - x, py - y) - radius;
}

/** To the nearest wall, from inside. [m] */
function computeWallDistance(x: number, y: number): number {
  return FIELD_SIZE / 2 - Math.max(Math.abs(x), Math.abs(y));
}

/**
 * Raises the costs of cells that are too near to something of which all lies within `reach` of a point.
 * @param computeCost of a cell whose middle is so far from it [m]
 */
function raiseCosts(
  grid: Grid,
  { x, y }: Point,
  reach: number,
  computeDistance: (x: number, y: number) => number,
  computeCost: (distance: number) => number,
): void {
  const { side, cost } = grid;
  for (let i = findIndex(grid, x - reach); i <= findIndex(grid, x + reach); i++) {
    const px = computeCellMiddle(grid, i);
    for (let j = findIndex(grid, y - reach); j <= findIndex(grid, y + reach); j++) {
      const distance = computeDistance(px, computeCellMiddle(grid, j));
      if (distance >= PATH_CLEARANCE) continue;
      const cell = i * side + j;
      cost[cell] = Math.max(cost[cell]!, computeCost(distance));
    }
  }
}

/** @param computeCost of a cell with less room than {@link PATH_CLEARANCE} around its middle [m] */
function makeFieldGrid(
  standing: readonly Standing[],
  computeCost: (distance: number) => number,
): Grid {
  const grid = makeGrid(FIELD_SIZE, CELL);
  raiseCosts(grid, { x: 0, y: 0 }, FIELD_SIZE, computeWallDistance, computeCost);
  for (const { place, reach, computeDistance } of standing) {
    raiseCosts(grid, place, reach + PATH_CLEARANCE, computeDistance, computeCost);
  }
  return grid;
}

/** From everywhere, by as much room as there is. */
function findWays(standing: readonly Standing[], goal: Point): Ways {
  const grid = makeFieldGrid(standing, (room) => (room > 0 ? NARROW_COST : CLOSED_COST));
  const distances = new GridDistances(grid);
  distances.compute(findCell(grid, goal.x, goal.y));
  return { side: grid.side, cellSize: CELL, left: Float32Array.from(distances.distance) };
}

/** Of the shortest way with enough room around it. [m] */
function computeFreePath(
  standing: readonly Standing[],
  start: Point,
  goal: Point,
): number | undefined {
  const grid = makeFieldGrid(standing, () => Number.POSITIVE_INFINITY);
  const distances = new GridDistances(grid);
  distances.compute(findCell(grid, goal.x, goal.y));
  const length = distances.distance[findCell(grid, start.x, start.y)]!;
  return Number.isFinite(length) ? length : undefined;
}

/**
 * Walkers on ways to and fro that leave the robot room: off the ends, off the walls and off one another's ways, so
 * that none can squeeze it. One that finds no such way stays out.
 */
function drawWalkers(
  rng: Rng,
  count: number,
  difficulty: number,
  ends: readonly Point[],
): Walker[] {
  const walkers: Walker[] = [];
  for (let k = 0; k < count; k++) {
    const radius = WALKERS[k]!;
    const isFree = ({ x, y }: Point) =>
      computeWallDistance(x, y) >= radius + WALKER_GAP &&
      ends.every((end) => computeGap({ ...end, radius }, x, y) >= START_CLEARANCE) &&
      walkers.every(({ way }) =>
        way.every((disc) => computeGap(disc, x, y) >= radius + WALKER_GAP),
      );
    const points = drawWay(rng, isFree);
    if (points === undefined) continue;
    const [first, last] = [points[0]!, points.at(-1)!];
    const motion = {
      kind: 'back_and_forth',
      from: [first.x, first.y],
      to: [last.x, last.y],
      speed: rng.uniform(0.1, mix(0.15, 0.4, difficulty)),
      phase: rng.uniform(-Math.PI, Math.PI),
    } as const;
    walkers.push({
      name: `walker_${k}`,
      place: { ...first, yaw: 0, motion },
      way: points.map((point) => ({ ...point, radius })),
    });
  }
  return walkers;
}

/** Points of a straight way of 1 m to 3 m that are all free. */
function drawWay(rng: Rng, isFree: (point: Point) => boolean): readonly Point[] | undefined {
  for (let attempt = 0; attempt < PLACE_TRIES; attempt++) {
    const { x, y } = drawPoint(rng, 0);
    const reach = rng.uniform(1, 3);
    const angle = rng.uniform(-Math.PI, Math.PI);
    const steps = Math.ceil(reach / WAY_STEP);
    const points = Array.from({ length: steps + 1 }, (_, k) => ({
      x: x + ((reach * k) / steps) * Math.cos(angle),
      y: y + ((reach * k) / steps) * Math.sin(angle),
    }));
    if (points.every(isFree)) return points;
  }
  return undefined;
}
