import { afterEach, describe, expect, it } from 'vitest';
import { ENGINE_NAMES, type EngineName } from '../../../sim/engine/engine.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import type { SimEnvOptions } from '../../../sim/env-options.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import { computeGroundHeight } from '../../../sim/terrain/ground-height.ts';
import { writeMotion } from '../../../sim/terrain/motion.ts';
import { FLAT_SCENE, type Scene } from '../../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../../sim/world.ts';
import { buildScene } from '../../kit/scenes.ts';
import {
  GRAVITY,
  makeImuSpec,
  makeMotionCaptureSpec,
  makeSensedBody,
} from '../../kit/sensed-body.ts';

const RADIUS = 0.1;
/** [m] contacts of both engines give way a little, and Rapier leaves 1 mm of what it pushes apart */
const SINK = 2e-3;

const body = makeSensedBody([makeImuSpec(), makeMotionCaptureSpec()]);
const ball: RobotModel = {
  ...body,
  links: [
    {
      ...body.links[0]!,
      collisions: [
        {
          name: 'ball',
          linkFromShape: { translation: [0, 0, 0], rotation: [0, 0, 0, 1] },
          geometry: { kind: 'sphere', radius: RADIUS },
          material: { friction: 1, restitution: 0 },
          solid: 'hull',
        },
      ],
    },
  ],
  home: { ...body.home, position: [0, 0, RADIUS] },
};

const worlds: RobotWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.free();
});

async function makeWorld(engine: EngineName, scene: Scene, numRobots = 1): Promise<RobotWorld> {
  const world = await makeRobotWorld({
    ...{ model: ball, numRobots, engine, scene, tileSpacing: 0 },
    ...{ physicsRateHz: 500, controlRateHz: 100 },
    randomization: RandomizationConfig.parse({}),
  });
  worlds.push(world);
  return world;
}

function start(world: RobotWorld, robot: number, x: number, y: number): void {
  world.reset(robot, new Rng(1), (out) => {
    out.position[3 * robot] = x;
    out.position[3 * robot + 1] = y;
  });
}

function advance(world: RobotWorld, periods: number): void {
  for (let k = 0; k < periods; k++) world.advance();
}

describe.each(ENGINE_NAMES)('terrain in %s', (engine) => {
  it('carries balls on treads of stairs at the height that the scene tells', async () => {
    const stairs = { kind: 'stairs', stepHeight: 0.15, stepWidth: 0.6, direction: 'down' } as const;
    const scene = buildScene({ ground: { ...stairs, platform: 1, size: [8, 8] } });
    // Middles of treads (0.5, 1.1], (1.1, 1.7], … in four directions, and the platform.
    const places = [
      [0, 0],
      [0.85, 0],
      [0, 1.45],
      [-2.05, 0.3],
      [0.2, -2.65],
    ] as const;
    const world = await makeWorld(engine, scene, places.length);
    places.forEach(([x, y], robot) => {
      start(world, robot, x, y);
    });
    advance(world, 100);
    places.forEach(([x, y], robot) => {
      const ground = computeGroundHeight(scene, x, y);
      expect(ground).toBeCloseTo(-0.15 * robot, 6);
      const z = world.truth.position[3 * robot + 2]!;
      expect(Math.abs(z - RADIUS - ground), `ball ${robot}`).toBeLessThan(SINK);
      expect(world.contact[robot]).toBe(1);
      expect(world.computePenetration(robot)).toBeLessThan(SINK);
    });
  });

  it('lets what lands on edges and risers sink in by no more than it moves in two steps', async () => {
    const stairs = { kind: 'stairs', stepHeight: 0.15, stepWidth: 0.6, direction: 'down' } as const;
    const scene = buildScene({ ground: { ...stairs, platform: 1, size: [8, 8] } });
    const FALL = 0.5;
    // From the platform's middle across its edge at 0.5 m, down the riser and onto the first tread.
    const numRobots = 15;
    const world = await makeWorld(engine, scene, numRobots);
    for (let robot = 0; robot < numRobots; robot++) {
      world.reset(robot, new Rng(1), (out) => {
        out.position.set([0.3 + 0.03 * robot, 0.01 * robot, RADIUS + FALL], 3 * robot);
      });
    }
    let deepest = 0;
    for (let period = 0; period < 60; period++) {
      world.advance();
      for (let robot = 0; robot < numRobots; robot++) {
        deepest = Math.max(deepest, world.computePenetration(robot));
      }
    }
    // Onto the tread it falls 0.65 m: √(2 · 9.81 · 0.65) = 3.57 m/s, 14.3 mm in two steps of 2 ms.
    expect(deepest).toBeLessThan(2 * 0.002 * Math.sqrt(2 * 9.81 * (FALL + 0.15)));
    for (let robot = 0; robot < numRobots; robot++) {
      const [x, y, z] = world.truth.position.subarray(3 * robot, 3 * robot + 3);
      expect(z! - RADIUS, `ball ${robot}`).toBeGreaterThan(
        computeGroundHeight(scene, x!, y!) - SINK,
      );
    }
  });

  it('has the same diagonal in every cell as the scene', async () => {
    // One raised corner of one cell of 1 m: the triangle next to it is a slope, the other one is flat.
    const heights = new Float32Array(9);
    heights[2] = 0.3;
    const { material } = FLAT_SCENE.ground!;
    const field = {
      kind: 'height_field',
      numX: 3,
      numY: 3,
      cellSize: 1,
      origin: [-1, -1],
    } as const;
    const scene: Scene = { ground: { ...field, heights, material }, objects: [] };
    // Vertex (0, 2) is raised; its cell reaches from (−1, 0) to (0, 1), split from (−1, 0) to (0, 1). Right below
    // the diagonal the ground is flat: a ball lies there until it is rolled.
    expect(computeGroundHeight(scene, -0.3, 0.3)).toBe(0);
    expect(computeGroundHeight(scene, -0.9, 0.9)).toBeGreaterThan(0.2);
    const world = await makeWorld(engine, scene, 2);
    start(world, 0, -0.25, 0.25);
    start(world, 1, -0.85, 0.85);
    world.advance();
    const before = world.truth.position.slice();
    advance(world, 30);
    const { position } = world.truth;
    const rolled = (robot: number) =>
      Math.hypot(
        position[3 * robot]! - before[3 * robot]!,
        position[3 * robot + 1]! - before[3 * robot + 1]!,
      );
    expect(rolled(0)).toBeLessThan(1e-3);
    // Down a slope of √2 · 0.3 m per √2 · 1 m along −y and +x: 0.3 s of it are centimetres.
    expect(rolled(1)).toBeGreaterThan(0.02);
  });

  it('tells the force on a shape by its name, and pushes nobody into the ground', async () => {
    const world = await makeWorld(engine, FLAT_SCENE);
    world.watchContactForces();
    advance(world, 100);
    expect(world.shapeNames).toEqual(['ball']);
    // 1 kg at rest.
    expect(Math.abs(world.viewContactForces()[2]! / GRAVITY - 1)).toBeLessThan(0.02);
    expect(world.computePenetration(0)).toBeLessThan(SINK);
  });

  it('lets walls stop what rolls', async () => {
    const walls = [{ from: [1, -1], to: [1, 1], thickness: 0.2 }] as const;
    const world = await makeWorld(engine, buildScene({ walls, clearRadius: 0 }));
    start(world, 0, 0, 0);
    // 1 kg · 2 m/s.
    world.pushRobot(0, [20, 0, 0], 0.1);
    advance(world, 150);
    // The face is at 0.9 m.
    expect(world.truth.position[0]).toBeLessThan(0.9 - RADIUS + SINK);
    expect(world.truth.position[0]).toBeGreaterThan(0.3);
  });

  it('lets obstacles push what is in their way, and nothing push them', async () => {
    const moving = [{ count: 1, path: 'circle', reach: 2, speed: 1, area: [10, 10] }] as const;
    const scene = buildScene({ moving });
    const { motion } = scene.objects[0]!;
    const at = [0, 0, 0, 0];
    writeMotion(at, 0, motion!, 0.7);
    const world = await makeWorld(engine, scene);
    start(world, 0, at[0]!, at[1]!);
    advance(world, 120);
    const { position } = world.truth;
    // At 0.7 s the obstacle's middle would have been where the ball began; half a second later it is gone from there.
    expect(Math.hypot(position[0]! - at[0]!, position[1]! - at[1]!)).toBeGreaterThan(0.3);
    // The obstacle, seen from above, is where its way says: the ball lies beside it.
    writeMotion(at, 0, motion!, 1.2);
    expect(Math.hypot(position[0]! - at[0]!, position[1]! - at[1]!)).toBeGreaterThan(
      0.15 + RADIUS - SINK,
    );
  });

  it('carries a quadruped on stairs as on the plane, in the same bits again for the same seed', async () => {
    const run = async (terrain: NonNullable<SimEnvOptions['terrain']>) => {
      const env = await makeSimEnv({ task: 'go2-stand', numEnvs: 1, engine, terrain });
      env.reset(3);
      const start = env.world.truth.position[2]!;
      const action = new Float32Array(env.numActions);
      let ends = 0;
      for (let k = 0; k < 50; k++) ends += env.step(action).info.episodes.length;
      const position = [...env.world.truth.position];
      env.free();
      return { start, ends, position };
    };
    // Its feet stand on the platform; its footprint reaches the first step, which lies higher.
    const stairs: SimEnvOptions['terrain'] = {
      ground: { kind: 'stairs', stepHeight: 0.06, size: [6, 6], platform: 0.6 },
    };
    const [flat, first] = [await run({}), await run(stairs)];
    expect(first.start - flat.start).toBeCloseTo(0.06, 6);
    expect([flat.ends, first.ends]).toEqual([0, 0]);
    // It lands 6 cm lower than it started: at the same height, give or take its swaying after the fall.
    expect(Math.abs(first.position[2]! - flat.position[2]!)).toBeLessThan(0.01);
    expect(await run(stairs)).toEqual(first);
  });
});
