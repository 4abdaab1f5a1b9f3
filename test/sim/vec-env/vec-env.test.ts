import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSimEnv } from '../../../sim/env.ts';
import { NonFiniteError } from '../../../sim/env-guard.ts';
import { UserError } from '../../../sim/errors.ts';
import { Rng } from '../../../sim/math/rng.ts';
import {
  makeVecEnv,
  type VecEnv,
  VecEnvError,
  type VecEnvOptions,
} from '../../../sim/vec-env/vec-env.ts';
import { findFaultyTask } from '../../kit/faulty-tasks.ts';

const open: VecEnv[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((vec) => vec.close()));
});

async function make(changes: Partial<VecEnvOptions> = {}): Promise<VecEnv> {
  const vec = await makeVecEnv({
    task: 'crazyflie-hover',
    numEnvs: 7,
    numWorkers: 0,
    shardRobots: 2,
    ...changes,
  });
  open.push(vec);
  return vec;
}

/** Raw actions of every environment by its index alone, wild enough that episodes end. */
function writeActions(action: Float32Array, step: number): void {
  const rng = new Rng(4, 'step', step);
  for (let k = 0; k < action.length; k++) action[k] = rng.uniform(-1, 1);
}

/** A digest of everything that a run of `numSteps` shows, and the episodes that ended in it. */
async function record(vec: VecEnv, numSteps: number) {
  const hash = createHash('sha256');
  const add = () => {
    for (const { buffer } of Object.values(vec.arrays) as Float32Array[]) {
      hash.update(new Uint8Array(buffer));
    }
  };
  const ended: unknown[] = [];
  await vec.reset({ seed: 11 });
  add();
  for (let step = 0; step < numSteps; step++) {
    writeActions(vec.action, step);
    const { info } = await vec.step();
    add();
    info.episodes.forEach((episode, k) => void ended.push([info.rows[k], episode]));
  }
  return { digest: hash.digest('hex'), ended };
}

describe('environments over worker threads', () => {
  it.each([
    ['crazyflie-hover', [1, 2, 4]],
    ['cartpole-balance', [2]],
  ])('give the same bits of %s with 0 and %j workers', async (task, counts) => {
    const alone = await record(await make({ task }), 50);
    expect(alone.ended.length).toBeGreaterThan(0);
    for (const numWorkers of counts) {
      const vec = await make({ task, numWorkers });
      expect(vec.numWorkers).toBe(numWorkers);
      expect(await record(vec, 50)).toEqual(alone);
      await vec.close();
    }
  });

  it.each([0, 2])(
    'go on from difficulties that are given, and take no notice of cuts and visits, with %i workers',
    async (numWorkers) => {
      const curriculum = { start: 0.5, success: 0.1, failure: 0.25 };
      const vec = await make({ numWorkers, randomization: { curriculum } });
      const levels = () => [...vec.arrays.difficulty];
      await vec.reset({ seed: 11 });
      expect(levels()).toEqual(new Array(7).fill(0.5));
      const given = Float64Array.from([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
      await vec.reset({ seed: 11, difficulty: given });
      const column = vec.layout.contextNames.indexOf('difficulty');
      const width = vec.layout.contextNames.length;
      const drawn = (row: number) => vec.arrays.context[row * width + column];
      expect(Array.from(given, (_, row) => drawn(row))).toEqual([...given]);
      const visit = { seed: 99, env: 4, episode: 8, difficulty: 0.2 };
      await vec.cutEpisodes(Uint8Array.of(1, 1, 0, 0, 0, 0, 0), [visit]);
      expect(levels()).toEqual([...given]);
      expect([drawn(0), drawn(1)]).toEqual([0.2, 0.4]);
      const name = (row: number) =>
        [vec.arrays.episodeSeed, vec.arrays.episodeEnv, vec.arrays.episodeIndex].map((a) => a[row]);
      expect([name(0), name(1), name(2)]).toEqual([
        ...[
          [99, 4, 8],
          [11, 1, 1],
          [11, 2, 0],
        ],
      ]);
      // Rotors at full speed on one side: everybody falls.
      for (let k = 0; k < vec.action.length; k++) vec.action[k] = k % 4 < 2 ? 1 : -1;
      const ended = [];
      while (name(0)[0] === 99) {
        const { info } = await vec.step();
        ended.push(...info.episodes);
      }
      const [visited] = ended.filter(({ seed }) => seed === 99);
      expect(visited).toMatchObject({ env: 4, episode: 8, success: false });
      // On with its own: number 0 had been cut, so that 1 is next, as difficult as before the visit.
      expect(name(0)).toEqual([11, 0, 1]);
      expect(drawn(0)).toBe(0.3);
      expect(levels()[0]).toBe(0.3);
      const falls = ended.filter(({ env, seed }) => env === 2 && seed === 11).length;
      expect(levels()[2]).toBe(Math.max(0, 0.5 - 0.25 * falls));
    },
  );

  it('go on only where they have begun', async () => {
    const vec = await make();
    const first = Uint8Array.of(1, 1, 0, 0, 0, 0, 0);
    await vec.reset({ seed: 11, mask: first });
    await expect(vec.reset()).rejects.toThrow('environment 2 has had no episode');
    await vec.reset({ mask: first });
    expect([...vec.arrays.episodeIndex.slice(0, 2)]).toEqual([1, 1]);
  });

  it('are stepped only where all of a group have begun', async () => {
    const vec = await make({ numGroups: 2 });
    const { count } = vec.getGroupRows(0);
    const ids = Array.from({ length: 7 }, (_, env) => ({ seed: 11, env, episode: 0 }));
    await vec.startEpisodes(ids.map((id, row) => (row < count ? id : undefined)));
    vec.beginStep(0);
    await vec.endStep(0);
    await expect(vec.step()).rejects.toThrow(`environment ${count} has had no episode`);
    expect(() => vec.beginStep(1)).toThrow(`environment ${count} has had no episode`);
    // Refused before anything was simulated: what is missing can still be started.
    await vec.startEpisodes(ids.map((id, row) => (row < count ? undefined : id)));
    await vec.step();
    expect([...vec.arrays.episodeSeed]).toEqual(new Array(7).fill(11));
  });

  it('give the same bits as one SimEnv, whatever the size of a shard', async () => {
    const one = await makeSimEnv({ task: 'crazyflie-hover', numEnvs: 7 });
    const vec = await make({ shardRobots: 3 });
    one.reset(11);
    await vec.reset({ seed: 11 });
    for (let step = 0; step < 50; step++) {
      writeActions(vec.action, step);
      const expected = one.step(vec.action);
      const got = await vec.step();
      for (const name of ['observation', 'critic', 'reward', 'costTerms', 'context'] as const) {
        expect([...got[name]], name).toEqual([...expected[name]]);
      }
      expect(got.info.episodes).toEqual(expected.info.episodes);
      expect(got.info.rows).toEqual(expected.info.rows);
    }
    one.free();
  });

  it('have a thread each by default, up to one a core, and none where there is a single shard', async () => {
    const single = await makeVecEnv({ task: 'cartpole-balance', numEnvs: 4 });
    expect(single.numWorkers).toBe(0);
    await single.close();
    const cut = await makeVecEnv({ task: 'cartpole-balance', numEnvs: 4, minShards: 2 });
    expect(cut.numWorkers).toBe(Math.min(2, availableParallelism()));
    await cut.close();
  });

  it('can be stepped group by group, one while the other is acted on', async () => {
    const whole = await make();
    const halves = await make({ numWorkers: 2, numGroups: 2 });
    await whole.reset({ seed: 3 });
    await halves.reset({ seed: 3 });
    expect([halves.getGroupRows(0), halves.getGroupRows(1)]).toEqual([
      { first: 0, count: 4 },
      { first: 4, count: 3 },
    ]);
    const ended: number[] = [];
    const expected: number[] = [];
    for (let step = 0; step < 50; step++) {
      writeActions(whole.action, step);
      expected.push(...(await whole.step()).info.episodes.map(({ env }) => env));
      writeActions(halves.action, step);
      halves.beginStep(0);
      halves.beginStep(1);
      for (const group of [0, 1]) {
        const { first, count } = halves.getGroupRows(group);
        const { observation, info } = await halves.endStep(group);
        const width = halves.layout.observationNames.length;
        const rows = whole.arrays.observation.subarray(first * width, (first + count) * width);
        expect([...observation]).toEqual([...rows]);
        info.episodes.forEach(({ env }, k) => void expect(first + info.rows[k]!).toBe(env));
        ended.push(...info.episodes.map(({ env }) => env));
      }
    }
    expect(ended).toEqual(expected);
    expect(ended.length).toBeGreaterThan(0);
  });

  it.each([
    [Uint8Array.of(0, 255, 0, 0, 0, 0, 0), '255 for environment 1'],
    [Uint8Array.of(0, 1), '2 flags'],
  ])('refuse a mask %s', async (mask, got) => {
    const vec = await make();
    await vec.reset({ seed: 11 });
    await expect(vec.reset({ mask })).rejects.toThrow(
      `0 or 1 for each of 7 environments, got ${got}`,
    );
  });

  it('start episodes by seed, by seeds, where a mask says so, and by name', async () => {
    const vec = await make({ numEnvs: 3 });
    const ids = () =>
      [0, 1, 2].map((row) => [
        vec.arrays.episodeSeed[row],
        vec.arrays.episodeEnv[row],
        vec.arrays.episodeIndex[row],
      ]);
    await vec.reset({ seed: 5 });
    expect(ids()).toEqual([
      [5, 0, 0],
      [5, 1, 0],
      [5, 2, 0],
    ]);
    const third = [...vec.arrays.observation.subarray(2 * vec.layout.observationNames.length)];
    await vec.reset({ mask: Uint8Array.of(0, 1, 0) });
    expect(ids()).toEqual([
      [5, 0, 0],
      [5, 1, 1],
      [5, 2, 0],
    ]);
    await vec.reset({ seed: [7, 8, 9] });
    expect(ids()).toEqual([
      [7, 0, 0],
      [8, 0, 0],
      [9, 0, 0],
    ]);
    const id = { seed: 5, env: 2, episode: 0 };
    await vec.startEpisodes([id, undefined, { ...id, difficulty: 0.25 }]);
    const { contextNames } = vec.layout;
    const level = 2 * contextNames.length + contextNames.indexOf('difficulty');
    expect(vec.arrays.context[level]).toBe(0.25);
    await vec.startEpisodes([undefined, undefined, { seed: 9, env: 0, episode: 0 }]);
    expect(ids()).toEqual([
      [5, 2, 0],
      [8, 0, 0],
      [9, 0, 0],
    ]);
    expect([...vec.arrays.observation.subarray(0, third.length)]).toEqual(third);
  });

  it('lie in memory that threads share', async () => {
    const { arrays, action } = await make();
    for (const array of [...Object.values(arrays), action]) {
      expect((array as Float32Array).buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });
});

describe('what goes wrong in a worker', () => {
  it.each([0, 2])(
    'stops at a number that is not finite, as in one thread (%d workers)',
    async (numWorkers) => {
      const vec = await make({ numWorkers });
      await vec.reset({ seed: 21 });
      await vec.step();
      vec.action[5 * vec.numActions + 1] = Number.NaN;
      const error = await vec.step().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(NonFiniteError);
      const { message, dump } = error as NonFiniteError;
      expect(message).toMatch(/^env 5: action is not finite in step 1 of episode 0 \(seed 21\)/);
      expect(dump.action[1]).toBeNaN();
      // It does not go on as if nothing had been.
      await expect(vec.step()).rejects.toBe(error);
    },
  );

  it('names the shard and passes the error of a task on', async () => {
    for (const numWorkers of [0, 2]) {
      const task = findFaultyTask('reward-throws');
      const workerEntry = new URL('../../kit/faulty-worker-entry.js', import.meta.url);
      const vec = await make({ task, numWorkers, workerEntry });
      await vec.reset({ seed: 1 });
      await vec.step();
      await vec.step();
      await expect(vec.step()).rejects.toThrow(
        /^shard 0 \(environments 0 to 1\): Error: the reward has no idea/,
      );
    }
  });

  it('names shard, environments and episodes of a thread that died, and closes all the same', async () => {
    const task = findFaultyTask('thread-exits');
    const workerEntry = new URL('../../kit/faulty-worker-entry.js', import.meta.url);
    const vec = await make({ task, numWorkers: 2, workerEntry });
    await vec.reset({ seed: 9 });
    await vec.step();
    await vec.step();
    const error = (await vec.step().catch((thrown: unknown) => thrown)) as VecEnvError;
    expect(error).toBeInstanceOf(VecEnvError);
    expect(error.message).toMatch(
      /^worker 0 died in shard 0 \(environments 0 to 1\).*code 7.*9\/0\/0 9\/1\/0/s,
    );
    expect(error.episodes[1]).toEqual({ seed: 9, env: 1, episode: 0 });
    await expect(vec.step()).rejects.toBe(error);
    await vec.close();
  });

  it('refuses at the start what cannot be, with the message of one thread', async () => {
    const terrain = { ground: { kind: 'stairs', stepWidth: 0.01 } } as const;
    for (const numWorkers of [0, 2]) {
      const refused = make({ numWorkers, terrain });
      await expect(refused).rejects.toBeInstanceOf(UserError);
      await expect(refused).rejects.toThrow(
        /environment: terrain: ground\.stepWidth: it is narrower/,
      );
    }
  });

  it('refuses counts that make no sense, tasks that cannot be sent, and steps out of turn', async () => {
    await expect(make({ numWorkers: -1 })).rejects.toThrow(/numWorkers must be at least 0, got -1/);
    await expect(make({ numGroups: 9 })).rejects.toThrow(/4 shards of 2, too few for 9 groups/);
    const task = findFaultyTask('reward-throws');
    await expect(make({ numWorkers: 1, task })).rejects.toThrow(/'reward-throws' is code/);
    const vec = await make();
    await expect(vec.step()).rejects.toThrow(/call reset/);
    await expect(vec.reset()).rejects.toThrow(/the first one needs a seed/);
    await expect(vec.reset({ seed: [1] })).rejects.toThrow(/needs 7 seeds, got 1/);
    await vec.reset({ seed: 1 });
    await expect(vec.endStep(0)).rejects.toThrow(/call beginStep/);
    vec.beginStep(0);
    expect(() => vec.beginStep(0)).toThrow(/group 0 is being stepped/);
    expect(() => vec.beginStep(1)).toThrow(/1 groups, got group 1/);
    await vec.endStep(0);
    await vec.close();
    await expect(vec.step()).rejects.toThrow(/closed/);
  });
});
