import { afterEach, describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { makeSimEnv, type SimEnv } from '../../../sim/env.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { readsPlace } from '../../../sim/task/reads-place.ts';
import { go2Velocity } from '../../../sim/tasks/go2-velocity.ts';
import { makeVecEnv } from '../../../sim/vec-env/vec-env.ts';

const envs: SimEnv[] = [];
afterEach(() => {
  for (const env of envs.splice(0)) env.free();
});

async function make(options: Partial<Parameters<typeof makeSimEnv>[0]> = {}): Promise<SimEnv> {
  const env = await makeSimEnv({ task: 'go2-velocity', numEnvs: 2, ...options });
  envs.push(env);
  env.reset(3);
  return env;
}

const fixed = (numbers: Record<string, number>) => ({
  randomization: { ...go2Velocity.randomization, fixed: numbers },
});

describe.each(ENGINE_NAMES)('go2-velocity in %s', (engine) => {
  it('stands at raw 0 on four feet, which carry its weight', async () => {
    const quiet = { 'payload.mass': 0, massScale: 1, 'push.intervalS': 0 };
    const env = await make({ engine, terrain: {}, ...fixed(quiet) });
    const { footing, truth } = env.situation;
    for (let k = 0; k < 75; k++) env.step(new Float32Array(24));
    const { forceW, shapeNames } = footing.ground;
    for (let robot = 0; robot < 2; robot++) {
      let force = 0;
      for (let shape = 0; shape < shapeNames.length; shape++) {
        force += forceW![3 * (robot * shapeNames.length + shape) + 2]!;
      }
      // 15.017 kg: the masses of robot.urdf. Within 5 %, because it may still sway.
      expect(Math.abs(force / (15.017 * 9.80665) - 1)).toBeLessThan(0.05);
      expect([...footing.isTouching.subarray(4 * robot, 4 * robot + 4)]).toEqual([1, 1, 1, 1]);
      for (let foot = 4 * robot; foot < 4 * robot + 4; foot++) {
        // On the floor, within what contacts give way.
        expect(Math.abs(footing.height[foot]!)).toBeLessThan(0.002);
      }
      expect(truth.position[3 * robot + 2]!).toBeGreaterThan(0.2);
    }
  });

  it('starts on the tile that is drawn, feet over the ground, whatever the tile', async () => {
    for (const column of [0, 1]) {
      const env = await make({
        engine,
        numEnvs: 1,
        ...fixed({ 'tile.difficulty': 1, 'tile.column': column, difficulty: 1 }),
      });
      const { footing, truth } = env.situation;
      // The fifth row of tiles of 8 m, from 0: 32 m, and the start up to half a metre off.
      expect(Math.abs(truth.position[0]! - 32)).toBeLessThanOrEqual(0.5);
      expect(Math.min(...footing.height)).toBeGreaterThan(0);
      for (let k = 0; k < 20; k++) env.step(new Float32Array(12));
      expect(footing.isTouching.reduce((sum, touches) => sum + touches, 0)).toBeGreaterThan(2);
    }
  });

  it('ends without failing where the ground ends', async () => {
    // The first tile's middle is the origin, the ground ends 4 m + 6 m before it.
    const env = await make({
      engine,
      numEnvs: 1,
      ...fixed({ 'start.x': -9.5, 'tile.difficulty': 0 }),
    });
    const { info, terminated } = env.step(new Float32Array(12));
    expect(terminated[0]).toBe(0);
    expect(info.episodes[0]).toMatchObject({ end: 'truncated', reason: 'leftGround' });
  });

  it('ends when it lies on its trunk or tips over', async () => {
    const env = await make({ engine, numEnvs: 1, terrain: {}, autoreset: 'disabled' });
    // Legs folded away to the side as far as they go.
    const action = Float32Array.from({ length: 12 }, (_, k) => [4, 4, -4][k % 3]!);
    for (let k = 0; k < 200 && env.result.terminated[0] === 0; k++) env.step(action);
    const [episode] = env.result.info.episodes;
    expect(episode).toMatchObject({ end: 'terminated', success: false, metrics: { fallen: 1 } });
    expect(['trunkContact', 'tilt']).toContain(episode?.reason);
  });
});

describe('go2-velocity', () => {
  it('observes what a robot with an IMU and encoders knows, and needs no place', async () => {
    const env = await make({ terrain: {} });
    expect(env.observationWidth).toBe(47);
    expect(readsPlace(go2Velocity.observations, env.model, 'test')).toBe(false);
    const feet = env.layout.criticNames.filter((name) => /^foot[A-Z]/.test(name));
    expect(feet).toHaveLength(16);
    expect(feet.slice(0, 5)).toEqual([
      'footContact.FL_foot',
      'footContact.FR_foot',
      'footContact.RL_foot',
      'footContact.RR_foot',
      'footForce.FL_foot',
    ]);
  });

  it('shows the critic the feet as they are', async () => {
    const env = await make({ terrain: {} });
    for (let k = 0; k < 30; k++) env.step(new Float32Array(24));
    const { criticNames } = env.layout;
    const get = (name: string) =>
      env.result.critic[criticNames.length + criticNames.indexOf(name)]!;
    const { footing } = env.situation;
    const weight = 15.017 * 9.80665;
    const column =
      3 * (footing.ground.shapeNames.length + footing.ground.shapeNames.indexOf('RR_foot'));
    const force = Math.hypot(...footing.ground.forceW!.subarray(column, column + 3));
    expect(get('footContact.RR_foot')).toBe(1);
    expect(get('footForce.RR_foot')).toBeCloseTo(force / weight, 4);
    expect(get('footHeight.FL_foot')).toBeCloseTo(footing.height[4]!, 6);
    expect(get('footAirTime.FL_foot')).toBe(footing.airTimeS[4]!);
  });

  it('asks for three quarters of the speeds at difficulty 0, and pushes nobody', async () => {
    const commands = async (difficulty: number) => {
      const env = await make({ terrain: {}, ...fixed({ difficulty }) });
      expect(env.world.contexts[0]!['push.forceScale'] > 0).toBe(difficulty > 0);
      return [...env.view.reference.velocityCommand];
    };
    const hard = await commands(1);
    expect(await commands(0)).toEqual(hard.map((value) => 0.75 * value));
  });

  it('runs to the same bits over worker threads', async () => {
    const tiles = [{ tile: { kind: 'rough' as const, amplitude: 0.03, correlationLength: 0.2 } }];
    const run = async (numWorkers: number) => {
      const vec = await makeVecEnv({
        task: 'go2-velocity',
        numEnvs: 4,
        shardRobots: 2,
        numWorkers,
        // As its own, but small.
        terrain: { ground: { kind: 'grid', tiles, tileSize: 4, numLevels: 2, numColumns: 2 } },
      });
      const rng = new Rng(4);
      await vec.reset({ seed: 11 });
      for (let step = 0; step < 25; step++) {
        for (let k = 0; k < vec.action.length; k++) vec.action[k] = rng.uniform(-1, 1);
        await vec.step();
      }
      const { observation, critic, rewardTerms } = vec.arrays;
      const rows = [[...observation], [...critic], [...rewardTerms]];
      await vec.close();
      return rows;
    };
    expect(await run(2)).toEqual(await run(0));
  });
});
