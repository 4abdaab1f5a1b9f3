import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DynamicWindow } from '../../../policies/classical/dynamic-window.ts';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { makeSimEnv, type SimEnv } from '../../../sim/env.ts';
import type { EpisodeSummary } from '../../../sim/env-result.ts';
import { UserError } from '../../../sim/errors.ts';
import { computeYaw } from '../../../sim/math/quat.ts';
import { computeWayLeft } from '../../../sim/task/ways.ts';
import { ROBOT_RADIUS } from '../../../sim/tasks/navigation-field.ts';
import { turtlebotNavigate } from '../../../sim/tasks/turtlebot-navigate.ts';
import { makeVecEnv } from '../../../sim/vec-env/vec-env.ts';

const task = 'turtlebot-navigate';

/** Drives until every environment has ended once. */
function drive(env: SimEnv, act: (raw: Float32Array) => void): EpisodeSummary[] {
  const raw = new Float32Array(env.numEnvs * env.numActions);
  const ended: EpisodeSummary[] = [];
  while (ended.length < env.numEnvs) {
    act(raw);
    ended.push(...env.step(raw).info.episodes);
  }
  return ended;
}

function makePlanner(env: SimEnv): (raw: Float32Array) => void {
  const { model, view, numEnvs } = env;
  const planner = new DynamicWindow(model, turtlebotNavigate.makeAction(model), 0.1);
  return (raw) => {
    for (let robot = 0; robot < numEnvs; robot++) planner.compute(raw, view, robot);
  };
}

describe.each(ENGINE_NAMES)('turtlebot-navigate in %s', (engine) => {
  it('ends well at the goal, without anything after it, and says how', async () => {
    const env = await makeSimEnv({ task, engine, numEnvs: 3, autoreset: 'disabled' });
    // Fields that the planner masters.
    env.reset([1001, 1002, 1003]);
    const ended = drive(env, makePlanner(env));
    for (const { field, metrics, ...episode } of ended) {
      expect(episode).toMatchObject({ success: true, end: 'terminated', reason: 'reached' });
      const { start, goal } = field!;
      const straight = Math.hypot(goal.x - start.x, goal.y - start.y);
      // From the start to 0.3 m before the goal, or a detour.
      expect(metrics.pathLength).toBeGreaterThan(straight - 0.3);
      expect(metrics.timeToGoal).toBeGreaterThan((straight - 0.3) / 0.31);
      expect(metrics).toMatchObject({ reached: 1, collided: 0 });
      // Of all terms only this is worth more than progress: it is paid once.
      expect(episode.returnPerTerm.reached).toBe(10);
    }
    env.free();
  });

  it('ends at the first touch, and geometry finds it where physics does', async () => {
    const env = await makeSimEnv({ task, engine, numEnvs: 8, autoreset: 'disabled' });
    env.reset(5);
    env.world.watchContactForces();
    const ended = drive(env, (raw) => raw.fill(0.8));
    const { shapeNames } = env.world;
    const body = shapeNames.indexOf('body');
    const forces = env.world.viewContactForces();
    for (const { env: k, reason, metrics } of ended) {
      expect(reason).toBe('collision');
      expect(metrics.collided).toBe(1);
      expect(metrics.minClearance).toBeLessThan(0.01);
      // Until then nothing but the floor, under wheels and caster, has touched it.
      const o = 3 * (k * shapeNames.length + body);
      const push = Math.hypot(forces[o]!, forces[o + 1]!);
      if (push > 0) expect(env.world.computeClearance(k)).toBeLessThan(ROBOT_RADIUS + 0.01);
    }
    env.free();
  });

  it('sees what the field says: no ray is shorter than the way to the nearest object', async () => {
    const env = await makeSimEnv({ task, engine, numEnvs: 6, autoreset: 'disabled' });
    const { observation } = env.reset(2);
    for (let k = 0; k < 6; k++) {
      const row = observation.subarray(k * env.observationWidth, (k + 1) * env.observationWidth);
      // The first 36 sectors, one by distance; the lidar is 0.04 m behind base_link.
      const nearest = ROBOT_RADIUS / Math.max(...row.subarray(0, 36));
      const clearance = env.world.computeClearance(k);
      // Noise of 1 cm on each of 360 rays, doubled by the draw: the smallest is about 3 σ too small.
      expect(nearest).toBeGreaterThan(clearance - 0.04 - 0.07);
      // 360 rays may pass by a corner of what is nearest, not by its side.
      expect(nearest).toBeLessThan(clearance + 0.04 + 0.1);
    }
    env.free();
  });
});

describe('turtlebot-navigate', () => {
  it('is the same, to the last bit, whatever the number of workers', async () => {
    const digests = [];
    for (const numWorkers of [0, 2]) {
      const vec = await makeVecEnv({ task, numEnvs: 4, numWorkers, shardRobots: 2 });
      await vec.reset({ seed: 3 });
      const hash = createHash('sha256');
      for (let step = 0; step < 60; step++) {
        vec.action.fill(0.7);
        await vec.step();
        for (const array of [vec.arrays.observation, vec.arrays.reward, vec.arrays.critic]) {
          hash.update(new Uint8Array(array.slice().buffer));
        }
      }
      digests.push(hash.digest('hex'));
      await vec.close();
    }
    expect(digests[0]).toBe(digests[1]);
  });

  it('gives the same field to the same episode, and says in its summary which', async () => {
    const fields = [];
    for (const numEnvs of [1, 3]) {
      const env = await makeSimEnv({ task, numEnvs, autoreset: 'disabled' });
      env.reset(9);
      fields.push(env.world.getField(0));
      env.free();
    }
    expect(fields[0]).toBeDefined();
    expect(fields[0]).toEqual(fields[1]);
  });

  it('pays for the way that was made, around what stands, and tells the critic what is left', async () => {
    const numEnvs = 4;
    const env = await makeSimEnv({ task, numEnvs, autoreset: 'disabled' });
    env.reset([1001, 1002, 1003, 1004]);
    const { truth } = env.world;
    const { criticNames } = env.layout;
    const column = criticNames.indexOf('wayLeft');
    const ended: EpisodeSummary[] = [];
    const act = makePlanner(env);
    const raw = new Float32Array(numEnvs * env.numActions);
    while (ended.length < numEnvs) {
      act(raw);
      const { critic, info } = env.step(raw);
      ended.push(...info.episodes);
      for (let k = 0; k < numEnvs; k++) {
        // What is told of one that has ended stays as it was; it rolls on.
        if (ended.some(({ env: one }) => one === k)) continue;
        const { ways } = env.world.getField(k)!;
        const left = computeWayLeft(ways, truth.position[3 * k]!, truth.position[3 * k + 1]!);
        expect(critic[k * criticNames.length + column]).toBeCloseTo(left, 5);
      }
    }
    for (const { field, metrics, returnPerTerm } of ended) {
      const { ways, start } = field!;
      const made = computeWayLeft(ways, start.x, start.y) - metrics.distanceLeft!;
      // 5 a metre; by speeds at the ends of steps, not by their mean.
      expect(returnPerTerm.progress! / 5).toBeGreaterThan(made - 0.15);
      expect(returnPerTerm.progress! / 5).toBeLessThan(made + 0.15);
    }
    env.free();
  });

  it('tells the critic who walks where, and how fast', async () => {
    const numEnvs = 4;
    const env = await makeSimEnv({ task, numEnvs, autoreset: 'disabled' });
    env.reset(4);
    const { truth, obstacleNames } = env.world;
    const places = () => env.world.obstaclePlaces.slice();
    const raw = new Float32Array(numEnvs * env.numActions);
    for (let step = 0; step < 12; step++) env.step(raw.fill(step < 6 ? 0.4 : -0.2));
    const before = places();
    const basesBefore = truth.position.slice();
    const { critic } = env.step(raw);
    const now = places();
    const { criticNames } = env.layout;
    let walking = 0;
    for (let k = 0; k < numEnvs; k++) {
      const get = (name: string) => critic[k * criticNames.length + criticNames.indexOf(name)]!;
      const yaw = computeYaw(truth.orientation, 4 * k);
      for (let w = 0; w < 3; w++) {
        const name = `walker_${w}`;
        const row = 4 * (k * obstacleNames.length + obstacleNames.indexOf(name));
        const isThere = env.world.getField(k)!.objects[name] !== undefined;
        expect(get(`walkerIsThere.${name}`)).toBe(isThere ? 1 : 0);
        if (!isThere) {
          expect(get(`walkerX.${name}`)).toBe(0);
          continue;
        }
        walking++;
        // From the robot's heading back into odom.
        const turn = (x: number, y: number) => [
          Math.cos(yaw) * x - Math.sin(yaw) * y,
          Math.sin(yaw) * x + Math.cos(yaw) * y,
        ];
        const place = turn(get(`walkerX.${name}`), get(`walkerY.${name}`));
        const speed = turn(get(`walkerVelocityX.${name}`), get(`walkerVelocityY.${name}`));
        for (let axis = 0; axis < 2; axis++) {
          const base = truth.position[3 * k + axis]!;
          expect(place[axis]).toBeCloseTo(now[row + axis]! - base, 5);
          const seen = now[row + axis]! - before[row + axis]! - (base - basesBefore[3 * k + axis]!);
          // Over a tenth of a second, in which wheels that have just turned round may change their speed by a few cm/s.
          expect(Math.abs(speed[axis]! - seen / 0.1)).toBeLessThan(0.06);
        }
      }
    }
    expect(walking).toBeGreaterThan(2);
    env.free();
  });

  it('follows the difficulty that an episode is started with', async () => {
    const env = await makeSimEnv({ task, numEnvs: 1, autoreset: 'disabled' });
    env.startEpisode(0, { seed: 1, env: 0, episode: 0, difficulty: 0 });
    const easy = Object.keys(env.world.getField(0)!.objects).length;
    env.startEpisode(0, { seed: 1, env: 0, episode: 0, difficulty: 1 });
    // At most three at 0, at least six at 1 but for those without room.
    expect(easy).toBeLessThanOrEqual(3);
    expect(Object.keys(env.world.getField(0)!.objects).length).toBeGreaterThan(easy);
    env.free();
  });

  it('refuses a terrain without the objects that it places', async () => {
    const made = makeSimEnv({ task, numEnvs: 1, terrain: { ground: { kind: 'plane' } } });
    await expect(made).rejects.toThrow(UserError);
    await expect(made).rejects.toThrow(/none called crate_0.*Leave the terrain to the task/);
  });

  it('refuses a robot without a lidar', async () => {
    const { openRobot } = await import('../../../sim/robot/open.ts');
    const turtlebot = await openRobot('turtlebot');
    const blind = {
      ...turtlebot,
      sensors: turtlebot.sensors.filter(({ kind }) => kind !== 'lidar'),
    };
    await expect(makeSimEnv({ task, robot: blind, numEnvs: 1 })).rejects.toThrow(/one of: none/);
  });
});
