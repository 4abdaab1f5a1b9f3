import { describe, expect, it } from 'vitest';
import type { Engine, RayBatch } from '../../../sim/engine/engine.ts';
import type { Vec3 } from '../../../sim/math/vec3.ts';
import { DEFAULT_MATERIAL } from '../../../sim/robot/geometry.ts';
import type { HeightField, Scene, SceneObject } from '../../../sim/terrain/scene.ts';
import { FLAT_SCENE } from '../../../sim/terrain/scene.ts';
import { castExactRay } from '../../fidelity/exact/rays.ts';
import { makeBench } from '../../kit/engine-bench.ts';
import { makeTinyRobot, makeTinySolid } from '../../kit/tiny-robot.ts';
import { ENGINES } from './engines.ts';

/** [m] none of the rays below ends near it */
const MAX_RANGE = 29.37;
const TILTED = [0.1, -0.2, 0.3, Math.sqrt(1 - 0.14)] as const;

interface Cast {
  readonly robot?: number;
  readonly hits?: RayBatch['hits'];
  readonly maxRange?: number;
}

/** Distances of rays from one point, or from one each. */
function cast(
  engine: Engine,
  origin: Vec3 | readonly Vec3[],
  directions: readonly Vec3[],
  given: Cast = {},
) {
  const { robot = 0, hits = 'scene', maxRange = MAX_RANGE } = given;
  const numRays = directions.length;
  const origins = typeof origin[0] === 'number' ? directions.map(() => origin) : origin;
  const distance = new Float64Array(numRays).fill(Number.NaN);
  engine.castRays({
    numRays,
    robot: new Int32Array(numRays).fill(robot),
    origin: Float64Array.from((origins as readonly Vec3[]).flat()),
    direction: Float64Array.from(directions.flat()),
    maxRange,
    hits,
    distance,
  });
  return distance;
}

/** Evenly spread unit vectors (Fibonacci's spiral). */
function spread(count: number): Vec3[] {
  return Array.from({ length: count }, (_, k) => {
    const z = 1 - (2 * k + 1) / count;
    const angle = k * Math.PI * (3 - Math.sqrt(5));
    const r = Math.sqrt(1 - z * z);
    return [r * Math.cos(angle), r * Math.sin(angle), z];
  });
}

function makeObject(geometry: SceneObject['geometry'], translation: Vec3, moves = false) {
  return {
    ...{ name: geometry.kind, geometry, moves, material: DEFAULT_MATERIAL },
    odomFromObject: { translation, rotation: TILTED },
  };
}

const SHAPES: readonly SceneObject['geometry'][] = [
  { kind: 'box', size: [1, 2, 0.5] },
  { kind: 'sphere', radius: 0.7 },
  { kind: 'cylinder', radius: 0.4, length: 1.6 },
  { kind: 'capsule', radius: 0.3, length: 1.2 },
];

const HILLS: HeightField = {
  ...{ kind: 'height_field', numX: 9, numY: 6, cellSize: 0.5, origin: [-1, 1] },
  heights: Float32Array.from(
    { length: 54 },
    (_, k) => 0.4 * Math.sin(1.3 * Math.floor(k / 6)) + 0.15 * (k % 6),
  ),
  material: DEFAULT_MATERIAL,
};

describe.each(ENGINES)('rays in $engine', ({ engine, ray: tolerance }) => {
  const makeWorld = (scene: Scene, numRobots = 1) =>
    makeBench(makeTinySolid([{ geometry: { kind: 'sphere', radius: 0.1 } }]), {
      engine,
      numRobots,
      scene,
    });
  /** Expects every distance to be exact. @returns how many rays met something */
  const expectExact = (scene: Scene, origin: Vec3, directions: Vec3[], got: Float64Array) => {
    const wanted = directions.map((direction) => castExactRay(scene, { origin, direction }));
    const errors = wanted.map((distance, i) =>
      distance > MAX_RANGE && got[i] === Number.POSITIVE_INFINITY
        ? 0
        : Math.abs(got[i]! - distance),
    );
    expect(Math.max(...errors)).toBeLessThan(tolerance);
    return wanted.filter((distance) => distance <= MAX_RANGE).length;
  };

  it.each(SHAPES)('meet a $kind where it is', async (geometry) => {
    for (const moves of [false, true]) {
      const scene = { objects: [makeObject(geometry, [0.5, -1, 2], moves)] };
      const bench = await makeWorld(scene);
      const directions = spread(600);
      let hits = 0;
      for (const origin of [
        [2, 0, 2.5],
        [0.5, -3.5, 1.5],
        [0.4, -1.1, 6],
      ] as const) {
        const got = cast(bench.engine, origin, directions);
        hits += expectExact(scene, origin, directions, got);
      }
      expect(hits).toBeGreaterThan(20);
    }
  });

  it('meet the ground and whatever stands in front of it', async () => {
    const objects = SHAPES.map((geometry, i) => makeObject(geometry, [3 * i - 4, 1, 0.6]));
    const scene: Scene = { ground: FLAT_SCENE.ground, objects };
    const bench = await makeWorld(scene);
    const directions = spread(500);
    const got = cast(bench.engine, [0.3, -2, 1.5], directions);
    expect(expectExact(scene, [0.3, -2, 1.5], directions, got)).toBeGreaterThan(200);
  });

  it('meet the nearest of many things, wherever each ray begins', async () => {
    const objects = Array.from({ length: 24 }, (_, i) => {
      const angle = 1.3 * i;
      const far = 1 + 0.1 * i;
      const at = [far * Math.cos(angle), far * Math.sin(angle), 0.4 + 0.1 * (i % 5)] as const;
      return makeObject(SHAPES[i % 4]!, at, i % 3 < 2);
    });
    const scene: Scene = { ground: FLAT_SCENE.ground, objects };
    const bench = await makeWorld(scene);
    const directions = spread(720);
    // Now several one after another from one point, now one.
    const origins = directions.map((_, k): Vec3 => {
      const place = Math.floor((k * (k + 1)) / 3) % 7;
      return [0.5 * place - 1.5, 0.2 * place, 3 + 0.3 * place];
    });
    const got = cast(bench.engine, origins, directions);
    const wanted = directions.map((direction, k) =>
      castExactRay(scene, { origin: origins[k]!, direction }),
    );
    const within = wanted.map((distance) => (distance > MAX_RANGE ? Infinity : distance));
    const errors = within.map((distance, k) => (got[k] === distance ? 0 : got[k]! - distance));
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(tolerance);
    expect(within.filter(Number.isFinite).length).toBeGreaterThan(300);
  });

  it('meet a height field, triangle by triangle', async () => {
    const scene: Scene = { ground: HILLS, objects: [] };
    const bench = await makeWorld(scene);
    const down = spread(800).filter(([, , z]) => z < -0.05);
    for (const origin of [
      [0, 2, 2],
      [2.7, 3.2, 1.6],
    ] as const) {
      const got = cast(bench.engine, origin, down);
      expect(expectExact(scene, origin, down, got)).toBeGreaterThan(100);
    }
  });

  it('see nothing beyond their range, and all within it', async () => {
    const bench = await makeWorld({ objects: [makeObject(SHAPES[1]!, [5, 0, 0])] });
    // The ball's face is 5 − 0.7 = 4.3 m ahead.
    const look = (maxRange: number) => cast(bench.engine, [0, 0, 0], [[1, 0, 0]], { maxRange })[0]!;
    expect(look(4.31)).toBeCloseTo(4.3, 4);
    expect(look(4.29)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(SHAPES)('are 0 long from inside a $kind', async (geometry) => {
    const thing = makeObject(geometry, [1, 1, 1]);
    // Behind a smaller one inside the larger one, too.
    const pebble = makeObject({ kind: 'sphere', radius: 0.02 }, [1.1, 1, 1]);
    const bench = await makeWorld({ objects: [thing, pebble] });
    expect([...cast(bench.engine, [1, 1, 1], spread(20))]).toEqual(new Array(20).fill(0));
    const outside = cast(bench.engine, [1, 1, 4], [[0, 0, -1]]);
    expect(outside[0]).toBeGreaterThan(1);
  });

  it('are 0 long from below the floor', async () => {
    const bench = await makeWorld(FLAT_SCENE);
    expect([...cast(bench.engine, [0, 0, -0.5], spread(10))]).toEqual(new Array(10).fill(0));
  });

  it('see things at once where they were just placed, and no others’', async () => {
    const wall = makeObject({ kind: 'sphere', radius: 0.5 }, [50, 0, 0], true);
    const bench = await makeWorld({ objects: [wall] }, 2);
    bench.engine.placeObject(1, 0, [3, 0, 0], [0, 0, 0, 1], [0, 0, 0]);
    expect(cast(bench.engine, [0, 0, 0], [[1, 0, 0]], { robot: 1 })[0]).toBeCloseTo(2.5, 4);
    expect(cast(bench.engine, [0, 0, 0], [[1, 0, 0]])[0]).toBe(Number.POSITIVE_INFINITY);
    bench.run(0.01);
    expect(cast(bench.engine, [0, 0, 0], [[1, 0, 0]], { robot: 1 })[0]).toBeCloseTo(2.5, 4);
  });
});

describe.each(ENGINES)('rays at the robot itself in $engine', ({ engine }) => {
  const ball = (radius: number) => ({ geometry: { kind: 'sphere', radius } as const });
  /** Hull with a mast fixed to it, and an arm 1 m ahead that turns about z. */
  const ROBOT = makeTinyRobot({
    links: [
      { name: 'hull', shapes: [ball(0.5)] },
      { name: 'mast', mass: 0, shapes: [ball(0.2)] },
      { name: 'arm', centre: [0.2, 0.1, 0], shapes: [{ ...ball(0.25), at: [1, 0, 0] }] },
    ],
    joints: [
      { name: 'weld', type: 'fixed', parent: 'hull', child: 'mast', at: [0, 0, 1] },
      { name: 'shoulder', parent: 'hull', child: 'arm', axis: [0, 0, 1] },
    ],
  });
  const AHEAD = [[1, 0, 0]] as const;

  it('pass through the link that is left out and what is fixed to it, and meet the others', async () => {
    const bench = await makeBench(ROBOT, { engine });
    const { engine: world } = bench;
    for (const exceptLink of ['hull', 'mast']) {
      const hits = { robotExceptLink: exceptLink };
      // The arm's ball begins 0.75 m ahead.
      expect(cast(world, [0, 0, 0], AHEAD, { hits })[0]).toBeCloseTo(0.75, 4);
      expect(cast(world, [0, 0, 0], [[0, 0, 1]], { hits })[0]).toBe(Number.POSITIVE_INFINITY);
    }
    expect(cast(world, [0, 0, 0], AHEAD, { hits: { robotExceptLink: 'arm' } })[0]).toBe(0);
    expect(cast(world, [0, 0, 0], AHEAD)[0]).toBe(Number.POSITIVE_INFINITY);
    expect(cast(world, [0, 0, 0], AHEAD, { hits: { robotExceptLink: 'arm' } })[0]).toBe(0);
    expect(
      cast(world, [0, 0, 3], [[0, 0, -1]], { hits: { robotExceptLink: 'arm' } })[0],
    ).toBeCloseTo(1.8, 4);
  });

  it('see it where it was written to before any step, and where it has moved to after some', async () => {
    const bench = await makeBench(ROBOT, { engine, numRobots: 2 });
    const hits = { robotExceptLink: 'hull' };
    bench.place(1, (s) => {
      s.position.set([0, 5, 0]);
      s.jointPosition.set([Math.PI / 2]);
      s.linearVelocityW.set([0, 0, 1]);
    });
    // The arm now points along y.
    expect(cast(bench.engine, [0, 5, 0], [[0, 1, 0]], { robot: 1, hits })[0]).toBeCloseTo(0.75, 4);
    bench.run(0.5);
    expect(cast(bench.engine, [0, 5, 0.5], [[0, 1, 0]], { robot: 1, hits })[0]).toBeCloseTo(
      0.75,
      3,
    );
    expect(cast(bench.engine, [0, 5, 0], [[0, 1, 0]], { robot: 1, hits })[0]).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it.each([0, 4])('see no other copy, tiles %d m apart', async (tileSpacing) => {
    const bench = await makeBench(ROBOT, { engine, numRobots: 3, tileSpacing, scene: FLAT_SCENE });
    for (const robot of [0, 1, 2]) {
      bench.place(robot, (s) => s.position.set([0, robot, 2 + robot]));
    }
    // One batch over all copies, its arrays longer than needed: down from each hull to the floor, and ahead.
    const numRays = 6;
    const rays = {
      numRays,
      robot: Int32Array.from([2, 2, 0, 0, 1, 1, 9]),
      origin: new Float64Array(24),
      direction: new Float64Array(24),
      maxRange: MAX_RANGE,
      hits: { robotExceptLink: 'hull' },
      distance: new Float64Array(8).fill(-1),
    };
    for (let i = 0; i < numRays; i++) {
      const robot = rays.robot[i]!;
      rays.origin.set([0, robot, 2 + robot], 3 * i);
      rays.direction.set(i % 2 === 0 ? [0, 0, -1] : [1, 0, 0], 3 * i);
    }
    bench.engine.castRays(rays);
    for (const [i, wanted] of [4, 0.75, 2, 0.75, 3, 0.75].entries()) {
      expect(rays.distance[i]).toBeCloseTo(wanted, 4);
    }
    expect([...rays.distance.subarray(6)]).toEqual([-1, -1]);
  });

  it('do not know a link that the robot does not have', async () => {
    const bench = await makeBench(ROBOT, { engine });
    expect(() =>
      cast(bench.engine, [0, 0, 0], AHEAD, { hits: { robotExceptLink: 'tail' } }),
    ).toThrow(/no link 'tail'; it has: hull, mast, arm/);
  });
});
