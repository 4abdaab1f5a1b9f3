import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EpisodesOptions, planEpisodes } from '../../../launch/episodes/plan.ts';
import { EpisodesRun, type EpisodesStore, type RunResult } from '../../../launch/episodes/run.ts';
import type { ShardReceipt } from '../../../sim/dataset/shard-writer.ts';
import { planShards } from '../../../sim/episode/plan.ts';
import { makeNanPolicy } from '../../kit/flight-policy.ts';

const folders: string[] = [];
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zerogap-episodes-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** [ms] for threads that start one after the other, on a machine that is busy with other tests */
const SEVERAL_RUNS_MS = 180_000;

const CARTPOLES = {
  task: 'cartpole-balance',
  // Three shards of 64, and one of 8.
  episodes: 200,
  seed: 3,
  engine: 'rapier',
  policy: 'random',
  workers: 1,
} satisfies EpisodesOptions;

/** What a store was given, in the order in which it came. */
function makeStore(receipts: readonly ShardReceipt[] = []) {
  const committed: ShardReceipt[] = [];
  return {
    receipts,
    damaged: [],
    repair() {},
    committed,
    commit: (receipt: ShardReceipt) => void committed.push(receipt),
  };
}

async function run(overrides: Partial<EpisodesOptions> = {}, store?: EpisodesStore) {
  const plan = await planEpisodes({ ...CARTPOLES, ...overrides });
  const result = await new EpisodesRun({ ...plan, store }).finish();
  if (result.error !== undefined) throw result.error;
  return result;
}

describe('EpisodesRun', () => {
  const written = makeStore();
  let four: RunResult;
  beforeAll(async () => {
    four = await run({ workers: 4, out: makeFolder() }, written);
  }, SEVERAL_RUNS_MS);

  it(
    'has one digest for one seed at 1, 2 and 4 workers, written or not, and another for another',
    async () => {
      expect(four).toMatchObject({ isComplete: true, numWorkers: 4, outcomes: { episodes: 200 } });
      for (const workers of [1, 2]) {
        const { digest, outcomes, numWorkers } = await run({ workers });
        expect(numWorkers).toBe(workers);
        expect({ digest, outcomes }).toEqual({ digest: four.digest, outcomes: four.outcomes });
      }
      expect((await run({ seed: 4 })).digest).not.toBe(four.digest);
    },
    SEVERAL_RUNS_MS,
  );

  it('commits shards in order, each beginning where the one before it ends', () => {
    expect(written.committed.map(({ shard }) => shard)).toEqual([0, 1, 2, 3]);
    let next = 0;
    for (const { firstFrame, numFrames } of written.committed) {
      expect(firstFrame).toBe(next);
      next += numFrames;
    }
    expect(four.outcomes.steps).toBe(next);
  });

  it('does not simulate again what is there, and counts it', async () => {
    const store = makeStore(written.committed.slice(0, 2));
    const rest = await run({ out: makeFolder() }, store);
    expect(store.committed.map(({ shard }) => shard)).toEqual([2, 3]);
    expect(rest.digest).toBe(four.digest);
    expect(rest.outcomes).toEqual(four.outcomes);
    expect(rest.steps).toBeLessThan(four.steps);
  });

  it('makes a damaged shard again, beginning where it began, and nothing else', async () => {
    const repaired: ShardReceipt[] = [];
    const [, second] = written.committed;
    const store = {
      ...makeStore(written.committed),
      damaged: [{ receipt: second! }],
      repair(receipt: ShardReceipt) {
        store.damaged = [];
        repaired.push(receipt);
      },
    };
    const again = await run({ out: makeFolder() }, store);
    expect(repaired).toEqual([second]);
    expect(store.committed).toEqual([]);
    expect(again).toMatchObject({
      isComplete: true,
      digest: four.digest,
      steps: second!.numFrames,
    });
  });

  it('goes on to more episodes, with those and the digest of one run over all of them', async () => {
    const begun = makeStore();
    await run({ episodes: 100, out: makeFolder() }, begun);
    const plan = await planEpisodes({ ...CARTPOLES, out: makeFolder() });
    const kept = begun.committed.map(({ shard: index, firstEpisode, numEpisodes }) => {
      return { index, firstEpisode, numEpisodes };
    });
    const shards = planShards(200, kept);
    const store = makeStore(begun.committed);
    const grown = await new EpisodesRun({ ...plan, shards, store }).finish();
    expect(grown.digest).toBe(four.digest);
    // Returns are added up shard by shard, which changes the last bits of their sum.
    const { returnSum, simulatedS, ...outcomes } = grown.outcomes;
    expect(four.outcomes).toMatchObject(outcomes);
    expect(returnSum).toBeCloseTo(four.outcomes.returnSum, 6);
    expect(simulatedS).toBeCloseTo(four.outcomes.simulatedS, 6);
  });

  it('keeps what is complete when it is stopped', async () => {
    const plan = await planEpisodes({ ...CARTPOLES, out: makeFolder() });
    const receipts: ShardReceipt[] = [];
    const begun = new EpisodesRun({
      ...plan,
      store: {
        receipts: [],
        damaged: [],
        repair() {},
        commit(receipt) {
          receipts.push(receipt);
          if (receipts.length === 2) begun.stop();
        },
      },
    });
    const { isComplete, outcomes, error } = await begun.finish();
    expect({ isComplete, error }).toEqual({ isComplete: false, error: undefined });
    expect(receipts.map(({ shard }) => shard)).toEqual([0, 1]);
    expect(outcomes.episodes).toBe(128);
  });

  it('ends with the error of a disk that refuses, and keeps what came before', async () => {
    const plan = await planEpisodes({ ...CARTPOLES, workers: 2, out: makeFolder() });
    const kept: number[] = [];
    const { error, isComplete, outcomes } = await new EpisodesRun({
      ...plan,
      store: {
        receipts: [],
        damaged: [],
        repair() {},
        commit({ shard }) {
          if (shard === 1) throw new Error('the disk is full');
          kept.push(shard);
        },
      },
    }).finish();
    expect(error).toMatchObject({ message: 'the disk is full' });
    expect(isComplete).toBe(false);
    expect(kept).toEqual([0]);
    expect(outcomes.episodes).toBe(64);
  });

  it('lets a classical controller act', async () => {
    const balanced = await run({ policy: 'classical', episodes: 4 });
    expect(balanced.outcomes).toMatchObject({ successes: 4, ends: { 'truncated: timeLimit': 4 } });
  });

  it('lets a network act, and says of a number that is none which episode it was in', async () => {
    const policy = join(makeFolder(), 'nan.onnx');
    writeFileSync(policy, await makeNanPolicy());
    const failed = run({ task: 'crazyflie-track', policy, episodes: 4, workers: 2 });
    await expect(failed).rejects.toThrow(
      /worker 0: .*env 0: action is not finite in step \d+ of episode 0 \(seed 3\).*"context"/s,
    );
  });
});
