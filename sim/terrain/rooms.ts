import type { Rng } from '../math/rng.ts';
import type { RoomsConfig } from './config.ts';
import type { WallLine } from './walls.ts';

/** A cell of the lattice of rooms; the start is in (0, 0). */
type Cell = readonly [i: number, j: number];

/**
 * A side of a cell: on the lattice's line `line` across `axis`, along piece `piece`. Side (x, i, j) is the left
 * one of cell (i, j), side (y, j, i) its lower one.
 */
interface Side {
  readonly axis: 'x' | 'y';
  readonly line: number;
  readonly piece: number;
}
type Opening = 'door' | 'open';

/** Which cells there are, and which of their sides are not walls. */
interface FloorPlan {
  readonly cells: readonly Cell[];
  readonly openings: ReadonlyMap<string, Opening>;
}

const key = ({ axis, line, piece }: Side) => `${axis} ${line} ${piece}`;

/** Sides in the order right, upper, left, lower, with the cell behind each. */
function listSides([i, j]: Cell): { readonly side: Side; readonly behind: Cell }[] {
  return [
    { side: { axis: 'x', line: i + 1, piece: j }, behind: [i + 1, j] },
    { side: { axis: 'y', line: j + 1, piece: i }, behind: [i, j + 1] },
    { side: { axis: 'x', line: i, piece: j }, behind: [i - 1, j] },
    { side: { axis: 'y', line: j, piece: i }, behind: [i, j - 1] },
  ];
}

/** Centre lines of all walls: the middle of the start's room is the origin. [m] [@frame odom] */
export function makeRoomWalls(config: RoomsConfig, rng: Rng): WallLine[] {
  const plan = config.layout === 'corridor' ? planCorridor(config, rng) : planRooms(config, rng);
  const sides = new Map<string, Side>();
  for (const cell of plan.cells) {
    for (const { side } of listSides(cell)) sides.set(key(side), side);
  }
  const lines = new Map<string, Side[]>();
  for (const side of sides.values()) {
    const name = `${side.axis} ${side.line}`;
    lines.set(name, [...(lines.get(name) ?? []), side]);
  }
  const doorWidth = config.layout === 'rooms' ? config.doorWidth : 0;
  return [...lines.values()].flatMap((line) =>
    joinSides(line, plan.openings, config, doorWidth).map(([from, to]) =>
      placeWall(line[0]!, from, to, config),
    ),
  );
}

/** Spans of wall along one line, as far as they go through. [m from the lattice's corner] */
function joinSides(
  line: readonly Side[],
  openings: FloorPlan['openings'],
  { roomSize, wallThickness }: RoomsConfig,
  doorWidth: number,
): [from: number, to: number][] {
  const length = line[0]!.axis === 'x' ? roomSize[1] : roomSize[0];
  const spans: [number, number][] = [];
  // At a corner a wall goes on to the outer face of the one that it meets.
  const corner = wallThickness / 2;
  const add = (from: number, to: number) => {
    const last = spans.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else spans.push([from, to]);
  };
  for (const side of [...line].sort((a, b) => a.piece - b.piece)) {
    const start = side.piece * length - corner;
    const end = (side.piece + 1) * length + corner;
    const opening = openings.get(key(side));
    if (opening === 'open') continue;
    if (opening === undefined) add(start, end);
    else {
      const middle = (side.piece + 0.5) * length;
      add(start, middle - doorWidth / 2);
      add(middle + doorWidth / 2, end);
    }
  }
  return spans;
}

function placeWall(
  { axis, line }: Side,
  from: number,
  to: number,
  { roomSize, wallHeight, wallThickness }: RoomsConfig,
): WallLine {
  const [halfX, halfY] = [roomSize[0] / 2, roomSize[1] / 2];
  const at = line * (axis === 'x' ? roomSize[0] : roomSize[1]);
  const shared = { height: wallHeight, thickness: wallThickness };
  return axis === 'x'
    ? { from: [at - halfX, from - halfY], to: [at - halfX, to - halfY], ...shared }
    : { from: [from - halfX, at - halfY], to: [to - halfX, at - halfY], ...shared };
}

/** A random tree of passages over all rooms, so each can be reached, and some passages more. */
function planRooms(config: Exclude<RoomsConfig, { layout: 'corridor' }>, rng: Rng): FloorPlan {
  const [numX, numY] = config.numRooms;
  const [startX, startY] = [Math.floor(numX / 2), Math.floor(numY / 2)];
  const has = ([i, j]: Cell) =>
    i >= -startX && i < numX - startX && j >= -startY && j < numY - startY;
  const opening: Opening = config.layout === 'rooms' ? 'door' : 'open';
  const openings = new Map<string, Opening>();
  const cells: Cell[] = [[0, 0]];
  const isReached = new Set(['0 0']);
  const path: Cell[] = [[0, 0]];
  while (path.length > 0) {
    const ways = listSides(path.at(-1)!).filter(
      ({ behind }) => has(behind) && !isReached.has(behind.join(' ')),
    );
    if (ways.length === 0) {
      path.pop();
      continue;
    }
    const { side, behind } = rng.choice(ways);
    openings.set(key(side), opening);
    isReached.add(behind.join(' '));
    cells.push(behind);
    path.push(behind);
  }
  for (const cell of cells) {
    // The right and the upper side of every cell: each inner side once.
    for (const { side, behind } of listSides(cell).slice(0, 2)) {
      if (!has(behind) || openings.has(key(side))) continue;
      if (rng.bernoulli(config.extraDoors)) openings.set(key(side), opening);
    }
  }
  const outer = cells.flatMap((cell) => listSides(cell).filter(({ behind }) => !has(behind)));
  for (let k = 0; k < config.exits; k++) {
    const chosen = rng.integer(0, outer.length - 1);
    for (const { side } of outer.splice(chosen, 1)) openings.set(key(side), opening);
  }
  return { cells, openings };
}

/** [1] walks that are tried before a corridor counts as one that always runs into itself */
const MAX_WALKS = 1000;

/** A walk over the lattice that never meets itself. */
function planCorridor(config: Extract<RoomsConfig, { layout: 'corridor' }>, rng: Rng): FloorPlan {
  for (let attempt = 0; attempt < MAX_WALKS; attempt++) {
    const plan = walk(config, rng.fork('walk', attempt));
    if (plan !== undefined) return plan;
  }
  throw new RangeError(`corridor: no way of ${config.numPieces} pieces in ${MAX_WALKS} walks`);
}

function walk(
  { numPieces, turns }: Extract<RoomsConfig, { layout: 'corridor' }>,
  rng: Rng,
): FloorPlan | undefined {
  const cells: Cell[] = [[0, 0]];
  const openings = new Map<string, Opening>();
  const isTaken = new Set(['0 0']);
  let heading = rng.integer(0, 3);
  while (cells.length < numPieces) {
    const sides = listSides(cells.at(-1)!);
    const side = rng.choice([1, 3]);
    const wanted = rng.bernoulli(turns) ? [side, 0, 4 - side] : [0, side, 4 - side];
    const turn = wanted.find((k) => !isTaken.has(sides[(heading + k) % 4]!.behind.join(' ')));
    if (turn === undefined) return undefined;
    heading = (heading + turn) % 4;
    const next = sides[heading]!;
    openings.set(key(next.side), 'open');
    isTaken.add(next.behind.join(' '));
    cells.push(next.behind);
  }
  return { cells, openings };
}
