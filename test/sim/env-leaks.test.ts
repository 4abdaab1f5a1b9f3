import { afterEach, describe, expect, it } from 'vitest';
import { ENGINE_NAMES } from '../../sim/engine/engine.ts';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { SimEnvOptions } from '../../sim/env-options.ts';
import type { EpisodeId } from '../../sim/episode/plan.ts';
import { Rng } from '../../sim/math/rng.ts';
import { TASK_NAMES } from '../../sim/tasks/registry.ts';

const envs: SimEnv[] = [];
afterEach(() => {
  for (const env of envs.splice(0)) env.free();
});

async function makeEnv(changes: Partial<SimEnvOptions>): Promise<SimEnv> {
  const env = await makeSimEnv({
    task: 'crazyflie-hover',
    numEnvs: 3,
    autoreset: 'disabled',
    ...changes,
  });
  envs.push(env);
  return env;
}

const NAMES = [
  'observation',
  'critic',
  'achievedGoal',
  'reward',
  'rewardTerms',
  'costTerms',
] as const;
const ID: EpisodeId = { seed: 6, env: 40, episode: 2 };

/** Every number that one row shows in `numSteps` steps of an episode, under actions of its own. */
function record(env: SimEnv, row: number, numSteps: number): number[][] {
  const rng = new Rng(8);
  const action = new Float32Array(env.numEnvs * env.numActions);
  const log: number[][] = [];
  const look = () => {
    const shown = NAMES.map((name) => env.result[name]);
    log.push(
      shown.flatMap((array) => {
        const width = array.length / env.numEnvs;
        return [...array.subarray(row * width, (row + 1) * width)];
      }),
    );
  };
  env.startEpisode(row, ID);
  look();
  for (let step = 0; step < numSteps; step++) {
    for (let k = 0; k < env.numActions; k++) {
      action[row * env.numActions + k] = rng.uniform(-0.3, 0.3);
    }
    env.step(action);
    look();
  }
  return log;
}

/** Drives every robot as hard as it can be, through several episodes, for a number of steps that divides nothing. */
function goWild(env: SimEnv, numSteps: number): void {
  const rng = new Rng(9);
  const action = new Float32Array(env.numEnvs * env.numActions);
  env.reset(77);
  for (let step = 0; step < numSteps; step++) {
    for (let k = 0; k < action.length; k++) action[k] = rng.bernoulli(0.5) ? 50 : -50;
    const { terminated } = env.step(action);
    terminated.forEach((isOver, row) => void (isOver === 1 && row < 2 && env.resetEnv(row)));
  }
}

const CASES = ENGINE_NAMES.flatMap((engine) => TASK_NAMES.map((task) => ({ engine, task })));

describe('an episode', () => {
  it.each(CASES)(
    'of $task in $engine is the same in a slot that has seen wild ones',
    async (which) => {
      const fresh = record(await makeEnv(which), 1, 60);
      const used = await makeEnv(which);
      goWild(used, 83);
      expect(record(used, 1, 60)).toEqual(fresh);
      // And the next one in the same slot, which starts where this one has left it.
      expect(record(used, 1, 60)).toEqual(fresh);
    },
  );

  it.each(CASES)('of $task in $engine is the same in any slot of any world', async (which) => {
    const alone = record(await makeEnv({ ...which, numEnvs: 1 }), 0, 40);
    const crowd = await makeEnv({ ...which, numEnvs: 5 });
    goWild(crowd, 30);
    expect(record(crowd, 4, 40)).toEqual(alone);
  });
});
