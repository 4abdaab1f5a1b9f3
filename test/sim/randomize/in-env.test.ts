import { afterEach, describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { makeSimEnv, type SimEnv } from '../../../sim/env.ts';
import { planEnv } from '../../../sim/env-plan.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { EMPTY_SCENE } from '../../../sim/terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from '../../../sim/world.ts';
import { makeImuSpec, makeMotionCaptureSpec, makeSensedBody } from '../../kit/sensed-body.ts';
import { makeTinySolid } from '../../kit/tiny-robot.ts';
import { makeStudy, run } from './effects/study.ts';

const made: { free(): void }[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.free();
});

async function makeEnv(randomization: object, numEnvs = 2): Promise<SimEnv> {
  const env = await makeSimEnv({
    ...{ task: 'cartpole-balance', numEnvs, autoreset: 'same_step' },
    randomization: RandomizationConfig.parse(randomization),
  });
  made.push(env);
  return env;
}

/** Lets every pole fall until each environment has ended `count` episodes; summaries by environment. */
function fail(env: SimEnv, count: number) {
  const ended = Array.from({ length: env.numEnvs }, () => [] as { context: object }[]);
  const action = new Float32Array(env.numEnvs).fill(1);
  for (let step = 0; step < 3000 && ended.some((list) => list.length < count); step++) {
    for (const episode of env.step(action).info.episodes) ended[episode.env]!.push(episode);
  }
  return ended.map((list) => list.slice(0, count).map(({ context }) => context));
}

describe('what is drawn once per robot', () => {
  const randomization = {
    massScale: { uniform: [0.5, 1.5], moment: 'startup' },
    effortScale: { uniform: [0.5, 1.5] },
  };

  it('stays over its episodes, in whatever slot they run', async () => {
    const env = await makeEnv(randomization);
    env.reset(5);
    const [first, second] = fail(env, 3) as { massScale: number; effortScale: number }[][];
    expect(new Set(first!.map(({ massScale }) => massScale)).size).toBe(1);
    expect(new Set(first!.map(({ effortScale }) => effortScale)).size).toBe(3);
    expect(second![0]!.massScale).not.toBe(first![0]!.massScale);
    env.startEpisode(1, { seed: 5, env: 0, episode: 7 });
    expect(env.world.contexts[1]!.massScale).toBe(first![0]!.massScale);
  });
});

describe('what is drawn of something that is not there', () => {
  const plan = (randomization: object, options: object = {}) =>
    planEnv({
      ...{ task: 'turtlebot-navigate', numEnvs: 1, ...options },
      randomization: RandomizationConfig.parse(randomization),
    });

  it('is refused, of the robot as of the terrain', async () => {
    await expect(plan({ tile: { column: { uniform: [0, 1] } } })).rejects.toThrow(
      /tile\.column: the terrain has no grid of tiles/,
    );
    await expect(plan({ obstacleVariant: { uniform: [0, 1] } })).rejects.toThrow(
      /obstacleVariant: the terrain has no group of variants/,
    );
    await expect(plan({ thrustScale: { uniform: [0.5, 1] } })).rejects.toThrow(
      /thrustScale: robot 'turtlebot' has no rotor/,
    );
    // A constant is no parameter of anything.
    await expect(plan({ thrustScale: 0.5 })).resolves.toBeDefined();
    await expect(plan({ obstacleOffset: { x: { uniform: [0, 1] } } })).resolves.toBeDefined();
  });

  it('is left to a task that draws it for its own terrain', async () => {
    const { randomization } = getTask('go2-velocity');
    const flat = { task: 'go2-velocity', terrain: { ground: { kind: 'plane' } } };
    await expect(plan(randomization, flat)).resolves.toBeDefined();
    await expect(plan(randomization, { ...flat, task: 'go2-stand' })).rejects.toThrow(
      /tile\.difficulty: the terrain has no grid of tiles/,
    );
  });
});

describe('a curriculum', () => {
  const randomization = {
    massScale: { schedule: { from: 1, to: { uniform: [3, 3] } } },
    curriculum: { start: 0.4, success: 0.1, failure: 0.15 },
  };

  it('falls with what fails, environment by environment, and begins anew with a run', async () => {
    const env = await makeEnv(randomization);
    env.reset(5);
    const [first] = fail(env, 4) as { massScale: number; difficulty: number }[][];
    // 0.4, less 0.15 each, never below 0; mass 1 + 2 · difficulty.
    expect(first!.map(({ difficulty }) => Number(difficulty.toFixed(9)))).toEqual([
      0.4, 0.25, 0.1, 0,
    ]);
    expect(first![1]!.massScale).toBeCloseTo(1.5, 9);
    env.reset(5);
    expect(env.world.contexts[0]!.difficulty).toBe(0.4);
  });

  it('is overruled by an episode that says how difficult it is, and by a fixed difficulty', async () => {
    const env = await makeEnv(randomization);
    env.startEpisode(0, { seed: 5, env: 0, episode: 3, difficulty: 1 });
    expect(env.world.contexts[0]!.massScale).toBe(3);
    const fixed = await makeEnv({ ...randomization, fixed: { difficulty: 0.5 } });
    fixed.reset(5);
    const [first] = fail(fixed, 2) as { difficulty: number }[][];
    expect(first!.map(({ difficulty }) => difficulty)).toEqual([0.5, 0.5]);
    // What does not move is nothing for a critic to see.
    expect(env.layout.criticNames).toContain('context.difficulty');
    expect(fixed.layout.criticNames).not.toContain('context.difficulty');
  });
});

describe('what changes during an episode', () => {
  it('is drawn anew at its times, the same in every run of the episode, and told in the summary', async () => {
    const randomization = {
      effortScale: { uniform: [0.5, 1.5], moment: 'interval', everyS: 0.06 },
      massScale: { uniform: [0.5, 1.5] },
    };
    const watch = async (numEnvs: number, row: number) => {
      const env = await makeEnv(randomization, numEnvs);
      env.reset(99);
      env.step(new Float32Array(numEnvs));
      env.startEpisode(row, { seed: 5, env: 3, episode: 1 });
      const drawn = env.world.contexts[row]!;
      const action = new Float32Array(numEnvs).fill(0.05);
      const column = env.layout.contextNames.indexOf('effortScale');
      const width = env.layout.contextNames.length;
      for (let step = 0; step < 200; step++) {
        const { info, context } = env.step(action);
        const episode = info.episodes.find(({ seed }) => seed === 5);
        if (episode !== undefined) return { drawn, episode };
        const current = env.world.currentContexts[row]!;
        expect(context[row * width + column]).toBe(current.effortScale);
        expect(current.massScale).toBe(drawn.massScale);
      }
      return expect.unreachable();
    };
    const alone = await watch(1, 0);
    const { redraws, context, lengthS } = alone.episode;
    // 50 Hz: due when the control period begins that begins at 0.06 s, 0.12 s, …
    expect(redraws.map(({ timeS, name }) => [Number(timeS.toFixed(9)), name])).toEqual(
      Array.from({ length: Math.ceil(lengthS / 0.06 - 1e-9) - 1 }, (_, k) => [
        Number(((k + 1) * 0.06).toFixed(9)),
        'effortScale',
      ]),
    );
    expect(new Set(redraws.map(({ value }) => value)).size).toBe(redraws.length);
    expect(redraws.length).toBeGreaterThan(2);
    expect(context).toEqual(alone.drawn);
    const beside = await watch(3, 2);
    expect(beside.episode.redraws).toEqual(redraws);
    expect(beside.episode.return).toBe(alone.episode.return);
  });

  it.each(ENGINE_NAMES)('acts at once: a load that comes and goes, in %s', async (engine) => {
    const body = makeTinySolid([]);
    const world = await makeStudy(engine, {
      ...{ model: body, gravity: 0 },
      randomization: {
        payload: { mass: { choice: [0, 3], moment: 'interval', everyS: 0.2 }, x: 0.5 },
      },
      start: (out) => out.linearVelocityW.set([0, 1, 0]),
    });
    made.push(world);
    const masses = new Set<number>();
    for (let k = 0; k < 8; k++) {
      // Half a turn of the interval before and after: by then what was drawn anew holds.
      run(world, 0.2);
      masses.add(world.currentContexts[0]!['payload.mass']);
      const before = world.truth.linearVelocityW[1]!;
      // Taking a load on and letting it go leaves the origin at the velocity that it has.
      run(world, 0.002);
      expect(Math.abs(world.truth.linearVelocityW[1]! - before)).toBeLessThan(1e-6);
    }
    expect(masses).toEqual(new Set([0, 3]));
  });

  it('may be the weather', async () => {
    const world = await makeStudy('rapier', {
      model: makeTinySolid([]),
      randomization: {
        wind: {
          forceScale: { choice: [0, 0.5], moment: 'interval', everyS: 1 },
          timeConstantS: 0.05,
        },
      },
    });
    made.push(world);
    const seen = Array.from({ length: 12 }, () => {
      run(world, 0.5);
      let blown = 0;
      run(world, 0.5, () => {
        blown = Math.max(blown, Math.hypot(...world.disturbanceForceW));
      });
      return [world.currentContexts[0]!['wind.forceScale'], blown] as const;
    });
    expect(new Set(seen.map(([scale]) => scale)).size).toBe(2);
    for (const [k, [scale, blown]] of seen.entries()) {
      if (scale > 0) expect(blown).toBeGreaterThan(1);
      // Half a second is ten time constants: e^(−10) is left of what blew before.
      else if (k > 0) expect(blown).toBeLessThan(0.005);
    }
  });
});

describe.each(ENGINE_NAMES)('in %s', (engine) => {
  it('a box whose centre of mass is beyond its edge tips over it', async () => {
    const box = makeTinySolid([{ geometry: { kind: 'box', size: [0.2, 0.2, 0.2] } }]);
    const ground = { kind: 'plane', material: { friction: 1, restitution: 0 } } as const;
    const tilt = async (x: number) => {
      const world = await makeStudy(engine, {
        ...{ model: box, scene: { ground, objects: [] } },
        randomization: { centreOfMassOffset: { x } },
        start: (out) => {
          out.position[2] = 0.1;
        },
      });
      made.push(world);
      run(world, 0.6);
      return 2 * Math.asin(world.truth.orientation[1]!);
    };
    expect(Math.abs(await tilt(0.08))).toBeLessThan(0.02);
    expect(await tilt(0.12)).toBeGreaterThan(0.3);
  });

  it('an accelerometer feels the gravity that there is, and the estimator takes it for another', async () => {
    const sensors = [makeImuSpec(), makeMotionCaptureSpec()];
    const world: RobotWorld = await makeRobotWorld({
      ...{ engine, model: makeSensedBody(sensors), numRobots: 2, tileSpacing: 0 },
      ...{ physicsRateHz: 500, controlRateHz: 100, scene: EMPTY_SCENE, gravity: 10 },
      randomization: RandomizationConfig.parse({
        gravityScale: { choice: [0.5, 1.5] },
        sensorNoiseScale: 0,
      }),
    });
    made.push(world);
    const seeds = [0, 1].map((robot) => {
      const wanted = robot === 0 ? 0.5 : 1.5;
      for (let seed = 0; ; seed++) {
        world.reset(robot, new Rng(seed), () => {});
        if (world.contexts[robot]!.gravityScale === wanted) return seed;
      }
    });
    expect(seeds).toHaveLength(2);
    // Held up against its own gravity, which leaves it where it is: what holds it up is all that is felt.
    for (const [robot, force] of [5, 15].entries()) world.pushRobot(robot, [0, 0, force], 1);
    for (let k = 0; k < 20; k++) world.advance();
    expect(world.imu.specificForceB[2]).toBeCloseTo(5, 4);
    expect(world.imu.specificForceB[5]).toBeCloseTo(15, 4);
    expect(Math.abs(world.truth.linearVelocityW[2]!)).toBeLessThan(1e-4);
  });

  it('snapshots keep what a copy is: its load, its gravity, its joints', async () => {
    const world = await makeStudy(engine, {
      model: makeTinySolid([]),
      numRobots: 3,
      randomization: {
        payload: { mass: { uniform: [0, 3] }, x: { uniform: [-1, 1] } },
        gravityTilt: { x: { uniform: [-0.5, 0.5] } },
      },
      start: (out, robot) => out.angularVelocityB.set([0.5, 1, 0], 3 * robot),
    });
    made.push(world);
    run(world, 0.1);
    const kept = world.engine.snapshot();
    run(world, 0.2);
    const then = [...world.truth.position, ...world.truth.orientation];
    for (let robot = 0; robot < 3; robot++) world.engine.setScales(robot, {});
    world.engine.restore(kept);
    for (let step = 0; step < 100; step++) world.engine.step();
    world.engine.readState(world.truth);
    expect([...world.truth.position, ...world.truth.orientation]).toEqual(then);
  });

  it('a world that was not built for it refuses to move a centre of mass', async () => {
    const world = await makeStudy(engine, { model: makeTinySolid([]) });
    made.push(world);
    expect(() => world.engine.setScales(0, { restitutionOffset: 0.5 })).toThrow(
      /varies: \['restitution'\]/,
    );
    expect(() => world.engine.setScales(0, { payload: { mass: 1, position: [0, 0, 0] } })).toThrow(
      /varies: \['centreOfMass'\]/,
    );
    expect(() => world.setAdversary(0, new Float32Array(6))).toThrow(/leaves it no force/);
  });
});

describe('an adversary', () => {
  it('is seen by the critic as it acts, and by no policy', async () => {
    const env = await makeSimEnv({
      ...{ task: 'crazyflie-hover', numEnvs: 2 },
      randomization: RandomizationConfig.parse({
        adversary: { maxForceScale: 0.2, maxTorqueScale: 0.1 },
      }),
    });
    made.push(env);
    const plain = await makeSimEnv({
      ...{ task: 'crazyflie-hover', numEnvs: 2 },
      randomization: RandomizationConfig.parse({}),
    });
    made.push(plain);
    expect(env.layout.observationNames).toEqual(plain.layout.observationNames);
    expect(plain.layout.criticNames.some((name) => name.startsWith('adversary'))).toBe(false);
    env.reset(1);
    env.world.setAdversary(1, [0, 0, 0, 0, 0, 0, 0, 0, -5, 0, 0.5, 0], 6);
    const { critic } = env.step(new Float32Array(2 * env.numActions));
    const names = env.layout.criticNames;
    const read = (name: string, row: number) => critic[row * names.length + names.indexOf(name)]!;
    expect(read('adversaryForceB.z', 0)).toBe(0);
    expect(read('adversaryForceB.z', 1)).toBeCloseTo(-0.2, 6);
    // 0.1 · 0.5 of the weight at the radius of gyration √(mean of 1.66, 1.66, 2.93 e-5 kg·m² / 0.027 kg), 28 mm.
    expect(read('adversaryTorqueB.y', 1)).toBeGreaterThan(0.05 * 0.025);
    expect(read('adversaryTorqueB.y', 1)).toBeLessThan(0.05 * 0.031);
    env.resetEnv(1);
    expect(env.world.adversaryWrenchB!.every((value) => value === 0)).toBe(true);
  });
});
