import { afterEach, describe, expect, it } from 'vitest';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import { Rng } from '../../sim/math/rng.ts';
import { Referee } from '../../sim/referee.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { makeRobotWorld, type RobotWorld } from '../../sim/world.ts';

const SEED = 3;
const freed: (SimEnv | RobotWorld)[] = [];
afterEach(() => {
  for (const one of freed.splice(0)) one.free();
});

/** The world of an environment, without it: the same task, robot and draws. */
async function makeTwin(env: SimEnv, task: TaskDefinition) {
  const world = await makeRobotWorld({
    model: env.model,
    numRobots: 1,
    controlRateHz: task.controlRateHz,
    physicsRateHz: task.controlRateHz * env.world.substeps,
    tileSpacing: 4,
    scene: env.world.scene,
    randomization: task.randomization,
  });
  freed.push(world);
  const referee = new Referee(task, world);
  const rng = new Rng(SEED, 'env', 0, 'episode', 0);
  world.reset(0, rng.fork('world'), task.writeStart, { field: task.field });
  referee.begin(0, rng.fork('reference'));
  return { world, referee };
}

/** Raw action 0 until the episode is over, in the environment and beside it. */
async function runBoth(name: string) {
  const task = getTask(name);
  const env = await makeSimEnv({ task, numEnvs: 1, autoreset: 'disabled' });
  freed.push(env);
  env.reset([SEED]);
  const { world, referee } = await makeTwin(env, task);
  const { offset } = task.makeAction(env.model);
  const joint = Float64Array.from(offset);
  const raw = new Float32Array(env.numActions);
  for (;;) {
    const [ended] = env.step(raw).info.episodes;
    world.setCommand(0, joint);
    referee.noteCommand(0, joint);
    world.advance();
    const [attempt] = referee.look();
    if (ended === undefined && attempt === undefined) continue;
    return { ended, attempt, env, referee };
  }
}

describe('the referee', () => {
  it.each(['cartpole-balance', 'turtlebot-navigate', 'go2-velocity'])(
    'ends an attempt at %s with the step, the reason and the numbers of the environment',
    async (name) => {
      const { ended, attempt } = await runBoth(name);
      const { reason, success, lengthS, metrics } = ended!;
      expect(attempt).toEqual({
        robot: 0,
        isByHand: false,
        ...{ reason, success, lengthS, metrics },
      });
    },
  );

  it('asks for what somebody wants instead, says so, and asks for its own again', async () => {
    const task = getTask('turtlebot-navigate');
    const env = await makeSimEnv({ task, numEnvs: 1 });
    freed.push(env);
    env.reset([SEED]);
    const { referee } = await makeTwin(env, task);
    const own = [...referee.reference.position];
    expect(own).toEqual([...env.view.reference.position]);
    referee.askFor(0, { place: [1, -1] });
    expect([...referee.reference.position]).toEqual([1, -1, 0]);
    referee.askFor(0, undefined);
    expect([...referee.reference.position]).toEqual(own);
    let attempt = referee.look()[0];
    while (attempt === undefined) attempt = referee.look()[0];
    expect(attempt).toMatchObject({ isByHand: true, reason: 'timeLimit', success: false });
  });
});
