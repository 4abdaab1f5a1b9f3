import { afterEach, describe, expect, it } from 'vitest';
import { makeSimEnv, type SimEnv } from '../../../sim/env.ts';
import { type Actor, makeActorStream } from '../../../sim/episode/actor.ts';
import { computeEpisodeDigest } from '../../../sim/episode/digest.ts';
import { identifyEpisode } from '../../../sim/episode/plan.ts';
import { makeRandomActor } from '../../../sim/episode/random-actor.ts';
import { listFrameCriticNames } from '../../../sim/episode/record.ts';
import { runShard } from '../../../sim/episode/run-shard.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { collectShard, makeShortCartpoles, rebuildCritic } from '../../kit/episodes.ts';

const envs: SimEnv[] = [];
async function makeCartpoles(numEnvs: number, episodeLengthS?: number): Promise<SimEnv> {
  const env = await makeShortCartpoles(numEnvs, episodeLengthS);
  envs.push(env);
  return env;
}
afterEach(() => {
  for (const env of envs.splice(0)) env.free();
});

const SHARD = { index: 2, firstEpisode: 100, numEpisodes: 20 };

describe('runShard', () => {
  it('hands over each episode of the shard once, under its name', async () => {
    const records = await collectShard(await makeCartpoles(6), { shard: SHARD, seed: 5 });
    expect(records.map(({ index }) => index)).toEqual(
      Array.from({ length: 20 }, (_, k) => 100 + k),
    );
    for (const { index, summary } of records) {
      expect(summary).toMatchObject(identifyEpisode(5, index));
    }
  });

  it('records what was seen, done and earned as someone who steps the same episode alone sees it', async () => {
    const shard = { index: 0, firstEpisode: 3, numEpisodes: 1 };
    const [record] = await collectShard(await makeCartpoles(4), { shard });
    const alone = await makeCartpoles(4);
    const id = identifyEpisode(1, 3);
    alone.startEpisode(2, id);
    for (const robot of [0, 1, 3]) alone.park(robot);
    const actor = makeRandomActor({ numRobots: 4, numActions: 1, range: [-1, 1] });
    actor.reset(2, makeActorStream(id));
    const raw = new Float32Array(4);
    const row = (array: Float32Array) => [
      ...array.subarray((2 * array.length) / 4, (3 * array.length) / 4),
    ];
    const { result } = alone;
    const expected = {
      observation: row(result.observation),
      critic: row(result.critic),
      achievedGoal: row(result.achievedGoal),
      desiredGoal: row(result.desiredGoal),
      action: [] as number[],
      reward: [] as number[],
      rewardTerms: [] as number[],
      costTerms: [] as number[],
    };
    while (result.info.episodes.length === 0) {
      actor.act(raw, result, alone.view);
      alone.step(raw);
      expected.action.push(...row(raw));
      for (const name of [
        'reward',
        'rewardTerms',
        'costTerms',
        'observation',
        'critic',
        'achievedGoal',
        'desiredGoal',
      ] as const) {
        expected[name].push(...row(result[name]));
      }
    }
    expect(record!.numFrames).toBe(expected.reward.length);
    expect(record!.summary).toEqual(result.info.episodes[0]);
    const { critic, ...others } = expected;
    for (const [name, values] of Object.entries(others)) {
      expect([...record![name as keyof typeof others]], name).toEqual(values);
    }
    expect(rebuildCritic(alone.layout, record!)).toEqual(critic);
    expect([...record!.controller]).toEqual(expected.reward.map(() => 0));
  });

  it('keeps once what a critic sees all episode long, and in every frame what is drawn anew meanwhile', async () => {
    const randomization = RandomizationConfig.parse({
      massScale: { uniform: [0.5, 1.5] },
      effortScale: { uniform: [0.5, 1.5], moment: 'interval', everyS: 0.06 },
      gravityScale: { uniform: [0.5, 1.5], moment: 'startup' },
    });
    const task = { ...getTask('cartpole-balance'), episodeLengthS: 0.3 };
    const env = await makeSimEnv({ task, numEnvs: 1, autoreset: 'disabled', randomization });
    envs.push(env);
    const { layout, result } = env;
    const [mass, effort, gravity] = ['massScale', 'effortScale', 'gravityScale'].map(
      (name) => `context.${name}`,
    ) as [string, string, string];
    expect(layout.constantCriticNames).toEqual([mass, gravity]);
    expect(listFrameCriticNames(layout).at(-1)).toBe(effort);
    const seen: number[] = [];
    const inner = makeRandomActor({ numRobots: 1, numActions: 1, range: [-1, 1] });
    const actor: Actor = {
      ...inner,
      act(...args) {
        seen.push(...result.critic);
        return inner.act(...args);
      },
    };
    const shard = { index: 0, firstEpisode: 0, numEpisodes: 1 };
    const [record] = await collectShard(env, { shard, actor });
    const width = layout.criticNames.length;
    expect(rebuildCritic(layout, record!).slice(0, -width)).toEqual(seen);
    const at = layout.criticNames.indexOf(effort);
    expect(new Set(seen.filter((_, k) => k % width === at)).size).toBeGreaterThan(1);
  });

  it('gives an episode the same bits whatever robot runs it, beside whom, and after what', async () => {
    const digest = async (env: SimEnv, firstEpisode: number, numEpisodes: number) => {
      const records = await collectShard(env, { shard: { index: 0, firstEpisode, numEpisodes } });
      return new Map(records.map((record) => [record.index, computeEpisodeDigest(record)]));
    };
    const six = await makeCartpoles(6);
    const first = await digest(six, 0, 20);
    const again = await digest(six, 10, 10);
    const elsewhere = await digest(await makeCartpoles(5), 13, 7);
    for (const [index, value] of [...again, ...elsewhere]) expect(first.get(index)).toBe(value);
    expect(new Set(first.values()).size).toBe(20);
  });

  it('keeps robots busy: one whose episode ends early takes the next of the shard', async () => {
    const started: number[] = [];
    const inner = makeRandomActor({ numRobots: 4, numActions: 1, range: [-1, 1] });
    const actor: Actor = {
      ...inner,
      reset(robot, stream) {
        started.push(robot);
        inner.reset(robot, stream);
      },
    };
    const shard = { index: 0, firstEpisode: 0, numEpisodes: 40 };
    const records = await collectShard(await makeCartpoles(4, 10), { shard, actor });
    // Taking turns would be 0, 1, 2, 3, 0, …: it is not, for nobody waits for the robot before it.
    expect(started.slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(started.slice(4)).not.toEqual(started.slice(4).map((_, k) => k % 4));
    const lengths = records.map(({ numFrames }) => numFrames);
    expect(Math.max(...lengths)).toBeGreaterThan(Math.min(...lengths));
  });

  it('lets what is drawn once per robot go with the name of the episode, not with who runs it', async () => {
    const task = { ...getTask('cartpole-balance'), episodeLengthS: 0.04 };
    const env = await makeSimEnv({
      task,
      numEnvs: 3,
      autoreset: 'disabled',
      randomization: { massScale: { uniform: [0.5, 2], moment: 'startup' } },
    });
    envs.push(env);
    // Episodes 0 and 1 of 64 robots, of whom three stand in for all.
    const shard = { index: 0, firstEpisode: 0, numEpisodes: 128 };
    const mass = (await collectShard(env, { shard })).map(
      ({ summary }) => summary.context.massScale,
    );
    expect(mass.slice(64)).toEqual(mass.slice(0, 64));
    expect(new Set(mass).size).toBe(64);
  });

  it('keeps episodes that are longer than its first buffers', async () => {
    const task = {
      ...getTask('cartpole-balance'),
      controlRateHz: 500,
      substeps: 1,
      episodeLengthS: 5,
      makeTerminations: () => ({}),
    };
    const env = await makeSimEnv({ task, numEnvs: 2, autoreset: 'disabled' });
    envs.push(env);
    const shard = { index: 0, firstEpisode: 0, numEpisodes: 2 };
    const actor: Actor = { name: 'still', reset() {}, act() {}, release() {} };
    const [record] = await collectShard(env, { shard, actor });
    // 5 s at 500 Hz
    expect(record!.numFrames).toBe(2500);
    expect(record!.observation).toHaveLength(2501 * 4);
    expect(record!.observation.subarray(2047 * 4, 2050 * 4).every((value) => value !== 0)).toBe(
      true,
    );
  });

  it('gives up when it is told to, and says so', async () => {
    const env = await makeCartpoles(4);
    let steps = 0;
    const times = await runShard({
      env,
      actor: makeRandomActor({ numRobots: 4, numActions: 1, range: [-1, 1] }),
      seed: 1,
      shard: SHARD,
      sink: () => {},
      onStep: () => void steps++,
      shouldStop: () => steps === 3,
    });
    expect(times).toBeUndefined();
    expect(steps).toBe(3);
  });

  it('says which of the three took how long', async () => {
    let nowS = 0;
    const wait = (seconds: number) => {
      nowS += seconds;
    };
    const env = await makeCartpoles(1);
    const times = await runShard({
      env,
      actor: { name: 'slow', reset() {}, act: () => wait(2), release() {} },
      seed: 1,
      shard: { index: 0, firstEpisode: 0, numEpisodes: 1 },
      sink: () => wait(5),
      readClockS: () => nowS,
    });
    // At most 50 steps in 1 s, each 2 s of thought; 5 s for the one record; the world takes none of this time.
    expect(times!.actS).toBe(2 * (await countFrames(1)));
    expect(times!.recordS).toBe(5);
    expect(times!.simulateS).toBe(0);
  });
});

async function countFrames(numEpisodes: number): Promise<number> {
  const actor: Actor = { name: 'still', reset() {}, act() {}, release() {} };
  const shard = { index: 0, firstEpisode: 0, numEpisodes };
  const records = await collectShard(await makeCartpoles(1), { shard, actor });
  return records.reduce((sum, { numFrames }) => sum + numFrames, 0);
}
