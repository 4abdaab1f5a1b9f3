import { UserError } from '../errors.ts';
import type { Range, TerrainConfig } from './config.ts';
import type { FieldConfig, GridConfig, TileConfig } from './ground-config.ts';
import { countCells } from './height-field.ts';
import { resolveRamp } from './tile/tile.ts';

/** [1] vertices of a height field: 16 MB, and more than an engine steps over at any useful speed */
const MAX_VERTICES = 4_000_000;
/** [1] cells that a feature must span to be there at all: one leans, the rest is flat */
const MIN_CELLS = 2;

/** Everything in a configuration that cannot go together. */
export function checkTerrain(config: TerrainConfig, where: string): UserError[] {
  const { ground } = config;
  const at = `${where}: ground`;
  const errors = [...checkExtents(config, where), ...checkRanges(config, where)];
  errors.push(...checkNames(config, where), ...checkRooms(config, where));
  if (ground.kind === 'grid') errors.push(...checkGrid(ground, at));
  else if (ground.kind !== 'none' && ground.kind !== 'plane')
    errors.push(...checkField(ground, at));
  return errors;
}

/** How far the ground reaches, x and y; undefined: everywhere. A grid's part that surrounds the origin. [m] */
function computeExtent(ground: TerrainConfig['ground']): readonly [number, number] | undefined {
  if (ground.kind === 'none' || ground.kind === 'plane') return undefined;
  if (ground.kind !== 'grid') return ground.size;
  const side = ground.tileSize + 2 * ground.margin;
  return [side, side];
}

/** Nothing can stand where the ground has ended. */
function checkExtents(config: TerrainConfig, where: string): UserError[] {
  const extent = computeExtent(config.ground);
  if (extent === undefined) return [];
  const wanted: (readonly [key: string, x: number, y: number])[] = [
    ...config.boxes.map(({ area }, k) => [`boxes[${k}].area`, ...area] as const),
    ...config.moving.map(({ area }, k) => [`moving[${k}].area`, ...area] as const),
    ...config.objects.map(({ position }, k) => {
      const [x, y] = position;
      return [`objects[${k}].position`, 2 * Math.abs(x), 2 * Math.abs(y)] as const;
    }),
    ...config.walls.map(({ from, to }, k) => {
      const reach = (axis: 0 | 1) => 2 * Math.max(Math.abs(from[axis]), Math.abs(to[axis]));
      return [`walls[${k}]`, reach(0), reach(1)] as const;
    }),
  ];
  const { rooms } = config;
  if (rooms !== undefined) {
    // From the start's room to either side; a corridor may go any way.
    const reach = (axis: 0 | 1) =>
      rooms.layout === 'corridor'
        ? 2 * rooms.numPieces - 1
        : 2 * Math.floor(rooms.numRooms[axis] / 2) + 1;
    const size = (axis: 0 | 1) => reach(axis) * rooms.roomSize[axis] + rooms.wallThickness;
    wanted.push(['rooms', size(0), size(1)]);
  }
  return wanted
    .filter(([, x, y]) => x > extent[0] || y > extent[1])
    .map(([key, x, y]) =>
      problem(`${where}: ${key}`, 'it reaches beyond the ground', {
        expected: `within ${extent[0]} × ${extent[1]} m around the origin`,
        got: `${x} × ${y} m`,
        remedy: 'Make the ground larger, or this smaller.',
      }),
    );
}

function checkField(ground: FieldConfig, where: string): UserError[] {
  const { size, cellSize, border } = ground;
  const numVertices = (countCells(size[0], cellSize) + 1) * (countCells(size[1], cellSize) + 1);
  return [
    ...checkVertices(numVertices, where),
    ...checkTile(ground, ground, where, [ground.difficulty]),
    ...checkPlatform(ground, Math.min(...size) - 2 * border, where),
  ];
}

function checkGrid(grid: GridConfig, where: string): UserError[] {
  const { tileSize, cellSize, border, margin, numLevels, numColumns, tiles } = grid;
  const along = (count: number) => countCells(count * tileSize + 2 * margin, cellSize) + 1;
  const levels = Array.from({ length: numLevels }, (_, k) => k / Math.max(1, numLevels - 1));
  return [
    ...checkVertices(along(numLevels) * along(numColumns), where),
    ...tiles.flatMap(({ tile }, k) => {
      const at = `${where}.tiles[${k}].tile`;
      return [
        ...checkTile(tile, grid, at, levels),
        ...checkPlatform(tile, tileSize - 2 * border, at),
        ...checkEdges(tile, at),
      ];
    }),
  ];
}

function checkVertices(numVertices: number, where: string): UserError[] {
  if (numVertices <= MAX_VERTICES) return [];
  return [
    problem(where, 'the height field is too fine for its size', {
      expected: `at most ${MAX_VERTICES} heights`,
      got: `${numVertices}`,
      remedy: 'Raise cellSize, or make the ground smaller.',
    }),
  ];
}

/** What is narrower than the mesh can show would silently not be there. */
function checkTile(
  tile: TileConfig,
  { cellSize }: { readonly cellSize: number },
  where: string,
  difficulties: readonly number[],
): UserError[] {
  const features: (readonly [key: string, ramp: Parameters<typeof resolveRamp>[0]])[] = [];
  if (tile.kind === 'stairs') features.push(['stepWidth', tile.stepWidth]);
  if (tile.kind === 'gaps') features.push(['gapWidth', tile.gapWidth], ['landing', tile.landing]);
  if (tile.kind === 'rough') {
    features.push(['correlationLength', tile.correlationLength / 2 ** (tile.octaves - 1)]);
  }
  if (tile.kind === 'stepping_stones') {
    features.push(['stoneSize', tile.stoneSize], ['stoneDistance', tile.stoneDistance]);
  }
  return features.flatMap(([key, ramp]) => {
    const least = Math.min(...difficulties.map((difficulty) => resolveRamp(ramp, difficulty)));
    // 1e-9: what division leaves of a width that is meant to be whole cells.
    if (least / cellSize >= MIN_CELLS - 1e-9) return [];
    return [
      problem(`${where}.${key}`, 'it is narrower than the height field can show', {
        expected: `at least ${MIN_CELLS} cells of ${cellSize} m`,
        got: `${least} m${key === 'correlationLength' ? ' in the finest octave' : ''}`,
        remedy: 'Make it wider, or cellSize smaller.',
      }),
    ];
  });
}

function checkPlatform(tile: TileConfig, room: number, where: string): UserError[] {
  if (tile.platform <= room) return [];
  return [
    problem(`${where}.platform`, 'the platform leaves no ground around it', {
      expected: `at most ${room} m, what the border leaves`,
      got: `${tile.platform} m`,
      remedy: 'Make the platform or the border smaller, or the ground larger.',
    }),
  ];
}

/** Tiles meet at the height of their rims. */
function checkEdges(tile: TileConfig, where: string): UserError[] {
  const hasRim = (tile.kind !== 'slope' && tile.kind !== 'stairs') || tile.shape === 'pyramid';
  if (hasRim) return [];
  return [
    problem(`${where}.shape`, 'a tile of a grid needs an edge of one height', {
      expected: 'pyramid',
      got: tile.shape,
      remedy: 'Choose pyramid, or use it as a ground of its own.',
    }),
  ];
}

function checkRooms({ rooms, clearRadius }: TerrainConfig, where: string): UserError[] {
  if (rooms === undefined) return [];
  const { roomSize, wallThickness } = rooms;
  const errors: UserError[] = [];
  const free = Math.min(...roomSize) / 2 - wallThickness / 2;
  if (clearRadius > free) {
    errors.push(
      problem(`${where}: rooms.roomSize`, 'the walls stand in the clear zone around the start', {
        expected: `rooms of at least ${2 * clearRadius + wallThickness} m, for clearRadius ${clearRadius}`,
        got: `${Math.min(...roomSize)} m`,
        remedy: 'Make the rooms larger or clearRadius smaller.',
      }),
    );
  }
  const clear = Math.min(...roomSize) - wallThickness;
  if (rooms.layout === 'rooms' && rooms.doorWidth > clear) {
    errors.push(
      problem(`${where}: rooms.doorWidth`, 'a door is wider than its wall', {
        expected: `at most ${clear}`,
        got: `${rooms.doorWidth}`,
        remedy: 'Make the doors smaller, or choose the layout maze, which has none.',
      }),
    );
  }
  const sides = rooms.layout === 'corridor' ? 0 : 2 * (rooms.numRooms[0] + rooms.numRooms[1]);
  if (rooms.layout !== 'corridor' && rooms.exits > sides) {
    errors.push(
      problem(`${where}: rooms.exits`, 'there are more exits than outer walls', {
        expected: `at most ${sides}`,
        got: `${rooms.exits}`,
        remedy: 'Ask for fewer.',
      }),
    );
  }
  return errors;
}

/** Ranges that are upside down, and ways and things that are larger than their area. */
function checkRanges(config: TerrainConfig, where: string): UserError[] {
  const ranges: (readonly [key: string, range: Range])[] = [
    ...config.boxes.flatMap((field, k) =>
      (['length', 'width', 'height'] as const).map(
        (key) => [`boxes[${k}].${key}`, field[key]] as const,
      ),
    ),
    ...config.moving.flatMap((field, k) =>
      (['width', 'height', 'reach', 'speed'] as const).map(
        (key) => [`moving[${k}].${key}`, field[key]] as const,
      ),
    ),
  ];
  return ranges
    .filter(([, range]) => typeof range !== 'number' && range[0] > range[1])
    .map(([key, range]) =>
      problem(`${where}: ${key}`, 'the range is upside down', {
        expected: '[least, most]',
        got: JSON.stringify(range),
        remedy: 'Swap the two.',
      }),
    );
}

function checkNames({ objects, walls }: TerrainConfig, where: string): UserError[] {
  const names = objects.map(({ name }) => name);
  const taken = objects.flatMap(({ name }, k) => {
    // What makeScene names by itself.
    const isReserved = /^(wall|box|moving)_\d+$/.test(name);
    if (names.indexOf(name) === k && !isReserved) return [];
    return [
      problem(`${where}: objects[${k}].name`, 'the name is taken', {
        expected: 'a name of its own, not as wall_0, box_0 or moving_0',
        got: `'${name}'`,
        remedy: 'Rename it.',
      }),
    ];
  });
  const still = objects.flatMap(({ name, variantOf, moves }, k) =>
    variantOf === undefined || moves
      ? []
      : [
          problem(`${where}: objects[${k}].variantOf`, 'what does not move is always there', {
            expected: 'moves: true beside it',
            got: `'${name}', which stands still`,
            remedy: 'Let it move, or leave variantOf out.',
          }),
        ],
  );
  const points = walls.flatMap(({ from, to }, k) =>
    Math.hypot(to[0] - from[0], to[1] - from[1]) > 0
      ? []
      : [
          problem(`${where}: walls[${k}]`, 'the wall has no length', {
            expected: 'two different points',
            got: JSON.stringify([from, to]),
            remedy: 'Correct one of its ends.',
          }),
        ],
  );
  return [...taken, ...still, ...points];
}

function problem(
  where: string,
  text: string,
  rest: { readonly expected: string; readonly got: string; readonly remedy: string },
): UserError {
  return new UserError({ where, problem: text, ...rest });
}
