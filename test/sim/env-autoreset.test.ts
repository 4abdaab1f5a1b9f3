import { afterEach, describe, expect, it } from 'vitest';
import { makeSimEnv, type SimEnv } from '../../sim/env.ts';
import type { SimEnvOptions } from '../../sim/env-options.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';

/** Three steps long; environment 1 is terminated after two. */
const task: TaskDefinition = {
  ...getTask('crazyflie-hover'),
  episodeLengthS: 0.03,
  makeTerminations: () => ({
    gone: { kind: 'terminated', term: ({ timeS }, robot) => robot === 1 && timeS[robot]! > 0.015 },
  }),
};

const envs: SimEnv[] = [];
afterEach(() => {
  for (const env of envs.splice(0)) env.free();
});

async function makeEnv(changes: Partial<SimEnvOptions>): Promise<SimEnv> {
  const env = await makeSimEnv({ task, numEnvs: 2, ...changes });
  envs.push(env);
  return env;
}

/** What `numSteps` steps under the same actions tell of one row, copied. */
function run(env: SimEnv, row: number, numSteps: number) {
  const action = new Float32Array(2 * env.numActions).fill(0.1);
  const width = env.observationWidth;
  const cut = (array: Float32Array) => [...array.subarray(row * width, (row + 1) * width)];
  const first = cut(env.reset(4).observation);
  const steps = Array.from({ length: numSteps }, () => {
    const { observation, reward, terminated, truncated, info } = env.step(action);
    const at = info.rows.indexOf(row);
    return {
      observation: cut(observation),
      reward: reward[row]!,
      flags: [terminated[row], truncated[row]],
      final: at < 0 ? undefined : cut(info.finalObservation),
      episode: at < 0 ? undefined : info.episodes[at]!.episode,
    };
  });
  return { first, steps };
}

/** Gymnasium 1.x, gymnasium.vector.AutoresetMode. */
describe('autoreset', () => {
  it("'same_step' shows the next episode's first observation in the step that ends one", async () => {
    const { steps } = run(await makeEnv({ autoreset: 'same_step' }), 1, 4);
    expect(steps.map(({ flags }) => flags)).toEqual([
      [0, 0],
      [1, 0],
      [0, 0],
      [1, 0],
    ]);
    expect(steps.map(({ episode }) => episode)).toEqual([undefined, 0, undefined, 1]);
    expect(steps[1]!.final).not.toEqual(steps[1]!.observation);
    expect(steps[1]!.reward).not.toBe(0);
  });

  it("'next_step' shows the last observation, then ignores an action to start anew", async () => {
    const same = run(await makeEnv({ autoreset: 'same_step' }), 1, 4);
    const next = run(await makeEnv({ autoreset: 'next_step' }), 1, 6);
    expect(next.steps.map(({ flags }) => flags)).toEqual([
      [0, 0],
      [1, 0],
      [0, 0],
      [0, 0],
      [1, 0],
      [0, 0],
    ]);
    // The step that ends: the last observation, as info has it too.
    expect(next.steps[1]!.observation).toEqual(same.steps[1]!.final);
    expect(next.steps[1]!.final).toEqual(same.steps[1]!.final);
    expect(next.steps[1]!.reward).toBe(same.steps[1]!.reward);
    // The one after: a reset, with nothing earned.
    expect(next.steps[2]).toMatchObject({ observation: same.steps[1]!.observation, reward: 0 });
    // Then the episode goes on as it does in the other mode, a step later.
    expect(next.steps[3]!.observation).toEqual(same.steps[2]!.observation);
    expect(next.steps[3]!.reward).toBe(same.steps[2]!.reward);
    expect(next.steps.map(({ episode }) => episode)).toEqual([
      undefined,
      0,
      undefined,
      undefined,
      1,
      undefined,
    ]);
  });

  it("'disabled' idles until it is started again", async () => {
    const same = run(await makeEnv({ autoreset: 'same_step' }), 1, 2);
    const { steps } = run(await makeEnv({ autoreset: 'disabled' }), 1, 4);
    expect(steps.map(({ flags }) => flags)).toEqual([
      [0, 0],
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expect(steps[2]!.observation).toEqual(same.steps[1]!.final);
    expect(steps.slice(2).map(({ reward, episode }) => [reward, episode])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
  });

  it('marks running out of time as truncated in all modes', async () => {
    for (const autoreset of ['same_step', 'next_step', 'disabled'] as const) {
      const { steps } = run(await makeEnv({ autoreset }), 0, 3);
      expect(steps.map(({ flags }) => flags)).toEqual([
        [0, 0],
        [0, 0],
        [0, 1],
      ]);
    }
  });

  it('tells in which row an episode ran that was started by name', async () => {
    const env = await makeEnv({ autoreset: 'disabled' });
    env.startEpisode(0, { seed: 9, env: 70, episode: 3 });
    env.startEpisode(1, { seed: 9, env: 71, episode: 5 });
    const action = new Float32Array(2 * env.numActions);
    env.step(action);
    const { info } = env.step(action);
    expect(info.rows).toEqual([1]);
    expect(info.episodes[0]).toMatchObject({ seed: 9, env: 71, episode: 5 });
  });
});
