import { expect } from 'vitest';
import type { EngineName } from '../../../../sim/engine/engine.ts';
import { Rng } from '../../../../sim/math/rng.ts';
import { writeMotion } from '../../../../sim/terrain/motion.ts';
import type { Scene } from '../../../../sim/terrain/scene.ts';
import type { RobotWorld } from '../../../../sim/world.ts';
import { buildScene, type GivenTerrain } from '../../../kit/scenes.ts';
import { makeTinySolid } from '../../../kit/tiny-robot.ts';
import { BODY, type Effects, expectClose, look, makeStudy, run } from './study.ts';

const BALL = makeTinySolid([{ geometry: { kind: 'sphere', radius: 0.1 } }]);

/** Height of what a ray from 20 m up meets at x, y. [m] 0: the floor */
function findTop(world: RobotWorld, x: number, y: number, robot = 0): number {
  const distance = new Float64Array(1);
  world.engine.castRays({
    ...{ numRays: 1, robot: Int32Array.of(robot), maxRange: 100, hits: 'scene', distance },
    origin: Float64Array.of(x, y, 20),
    direction: Float64Array.of(0, 0, -1),
  });
  return 20 - distance[0]!;
}

const CRATE = {
  ...{ name: 'crate', geometry: { kind: 'box', size: [0.8, 0.2, 0.5] }, position: [2, 0] },
  moves: true,
} as const satisfies NonNullable<GivenTerrain['objects']>[number];
const WITH_CRATE = buildScene({ objects: [CRATE] });

function findCrate(engine: EngineName, randomization: object, x: number, y: number) {
  return look(makeStudy(engine, { model: BODY, scene: WITH_CRATE, randomization }), (world) =>
    findTop(world, x, y),
  );
}

/** Three levels of slopes, two columns: 4 m tiles that climb to platforms. */
const TILES = buildScene({
  ground: {
    ...{ kind: 'grid', tileSize: 4, numLevels: 3, numColumns: 2, margin: 2 },
    tiles: [{ tile: { kind: 'slope', grade: [0, 0.5], direction: 'down', platform: 1 } }],
  },
});

/** Where a ball starts on the grid, and rests on it. */
async function startOnTiles(engine: EngineName, tile: object): Promise<number[]> {
  return look(
    makeStudy(engine, { model: BALL, scene: TILES, randomization: { tile } }),
    (world) => {
      world.reset(0, new Rng(1), (out) => {
        out.position[2] = 0.1;
      });
      run(world, 0.3);
      return [...world.truth.position];
    },
  );
}

/** Half of 4 m less the rim of 0.3 m and half the platform: 1.2 m at a grade of 0.5 and of 0.25. */
const TOPS = [0, 0.3, 0.6];

const SHIFT = {
  says: 'start moves where an episode begins, and turns it',
  async show(engine: EngineName) {
    const study = makeStudy(engine, {
      ...{ model: BODY, gravity: 0, randomization: { start: { x: 3, y: -2, yaw: Math.PI / 2 } } },
      start: (out) => {
        out.position.set([1, 1, 1]);
        out.linearVelocityW[0] = 1;
      },
    });
    await look(study, (world) => {
      expect([...world.truth.position]).toEqual([4, -1, 1]);
      run(world, 1);
      // Turned by a quarter: 1 m/s along x has become 1 m/s along y.
      for (const [k, wanted] of [4, 0, 1].entries()) {
        expect(Math.abs(world.truth.position[k]! - wanted)).toBeLessThan(1e-3);
      }
      expectClose(world.truth.orientation[2]!, Math.SQRT1_2);
    });
  },
};

export const PLACE_EFFECTS = {
  'start.x': { ...SHIFT, says: 'start.x moves where an episode begins' },
  'start.y': { ...SHIFT, says: 'start.y moves where an episode begins' },
  'start.yaw': { ...SHIFT, says: 'start.yaw turns a start with its velocity' },
  'tile.difficulty': {
    says: 'tile.difficulty starts robots on easier or harder tiles',
    async show(engine) {
      for (const [level, difficulty] of [0, 0.5, 1].entries()) {
        const [x, y, z] = await startOnTiles(engine, { difficulty });
        expect(Math.abs(x! - 4 * level)).toBeLessThan(1e-3);
        expect(Math.abs(y!)).toBeLessThan(1e-3);
        // Slopes fall on all sides from a platform, rims are at height 0.
        expect(Math.abs(z! - 0.1 - TOPS[level]!)).toBeLessThan(0.06);
      }
    },
  },
  'tile.column': {
    says: 'tile.column starts robots in another column',
    async show(engine) {
      expect(Math.abs((await startOnTiles(engine, { column: 1 }))[1]! - 4)).toBeLessThan(1e-3);
    },
  },
  obstacleTimeS: {
    says: 'obstacleTimeS lets obstacles be further on their ways',
    async show(engine) {
      const scene = buildScene({
        moving: [{ count: 1, path: 'circle', reach: 2, speed: 1, area: [12, 12] }],
      });
      for (const obstacleTimeS of [0, 3]) {
        const study = makeStudy(engine, { model: BODY, scene, randomization: { obstacleTimeS } });
        await look(study, (world) => {
          run(world, 0.1);
          const place = computePlace(scene, obstacleTimeS + 0.1);
          const elsewhere = computePlace(scene, 3.1 - obstacleTimeS);
          expect(findTop(world, ...place)).toBeGreaterThan(0.4);
          expect(Math.abs(findTop(world, ...elsewhere))).toBeLessThan(1e-3);
        });
      }
    },
  },
  'obstacleOffset.x': {
    says: 'obstacleOffset.x puts obstacles elsewhere along x',
    async show(engine) {
      expectClose(await findCrate(engine, {}, 2, 0), 0.5);
      expectClose(await findCrate(engine, { obstacleOffset: { x: 1 } }, 3, 0), 0.5);
      expect(Math.abs(await findCrate(engine, { obstacleOffset: { x: 1 } }, 2, 0))).toBeLessThan(
        1e-3,
      );
      // An object may have a number of its own.
      const own = { obstacleOffset: { x: { choice: [-3], perJoint: true } } };
      expectClose(await findCrate(engine, own, -1, 0), 0.5);
    },
  },
  'obstacleOffset.y': {
    says: 'obstacleOffset.y puts obstacles elsewhere along y',
    async show(engine) {
      expectClose(await findCrate(engine, { obstacleOffset: { y: -1 } }, 2, -1), 0.5);
    },
  },
  'obstacleOffset.yaw': {
    says: 'obstacleOffset.yaw turns obstacles',
    async show(engine) {
      // 0.8 m long along x, 0.2 m wide: turned by a quarter it reaches 0.4 m along y.
      expect(Math.abs(await findCrate(engine, {}, 2, 0.35))).toBeLessThan(1e-3);
      const turned = { obstacleOffset: { yaw: Math.PI / 2 } };
      expectClose(await findCrate(engine, turned, 2, 0.35), 0.5);
    },
  },
  obstacleVariant: {
    says: 'obstacleVariant decides which size of an object is there',
    async show(engine) {
      const make = (name: string, height: number) => ({
        ...{ name, position: [2, 0] as const, moves: true, variantOf: 'crate' },
        geometry: { kind: 'box' as const, size: [0.4, 0.4, height] as const },
      });
      const scene = buildScene({
        objects: [make('low', 0.2), make('middle', 0.5), make('high', 1)],
      });
      for (const [obstacleVariant, height] of [
        [0, 0.2],
        [0.5, 0.5],
        [1, 1],
      ] as const) {
        const study = makeStudy(engine, { model: BODY, scene, randomization: { obstacleVariant } });
        expectClose(await look(study, (world) => findTop(world, 2, 0)), height);
      }
    },
  },
} as const satisfies Effects;

/** Where the moving obstacle of a scene is. [m] */
function computePlace(scene: Scene, timeS: number): [number, number] {
  const out = [0, 0, 0, 0];
  writeMotion(out, 0, scene.objects[0]!.motion!, timeS);
  return [out[0]!, out[1]!];
}
