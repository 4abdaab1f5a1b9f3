import {
  appendFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFiles } from '../../../sim/dataset/check-files.ts';
import { type Dataset, type DatasetOptions, openDataset } from '../../../sim/dataset/dataset.ts';
import { getShardWriterFactory } from '../../../sim/dataset/formats.ts';
import type { ShardReceipt } from '../../../sim/dataset/shard-writer.ts';
import { computeEpisodeDigest } from '../../../sim/episode/digest.ts';
import { makeQuickFolder, readFolder } from '../../kit/folders.ts';
import { LAYOUT, makeRecord, recordShard } from '../../kit/made-up-episodes.ts';

const SHARDS = [0, 1, 2].map((index) => ({ index, firstEpisode: 2 * index, numEpisodes: 2 }));
let folder: string;
let writing: Dataset | undefined;

beforeEach(() => {
  folder = makeQuickFolder();
});

afterEach(() => {
  writing?.close();
  writing = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Opens it for whoever writes next, when the one before is done. */
function open(options: Partial<DatasetOptions> = {}): Dataset {
  writing?.close();
  writing = undefined;
  const config = { seed: 1, episodes: 6 };
  const asked = { folder, format: 'lerobot', layout: LAYOUT, config, resume: false } as const;
  writing = openDataset({ ...asked, ...options });
  return writing;
}

const commit = (dataset: Dataset, shard: number) =>
  recordShard({ dataset, format: 'lerobot', shard: SHARDS[shard]!, seed: 1 });

/** Stages a shard. */
async function write(shard: number, seed: number, firstFrame: number): Promise<ShardReceipt> {
  const writer = getShardWriterFactory('lerobot')(LAYOUT, folder, SHARDS[shard]!);
  for (let k = 0; k < 2; k++) {
    const record = makeRecord(seed, 2 * shard + k);
    writer.add(record, computeEpisodeDigest(record));
  }
  const receipt = await writer.write(firstFrame);
  await writer.sync();
  return receipt;
}

describe('a dataset that is opened', () => {
  it('can be looked at where an older version wrote it, and not gone on with', async () => {
    await commit(open(), 0);
    writing?.close();
    const file = path.join(folder, 'meta/zerogap/run.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('zerogap.dataset/3', 'zerogap.dataset/2'));
    // It had statistics as Parquet, of which only size and ends are looked at.
    const statistics = path.join(folder, 'meta/zerogap/statistics/chunk-000/file-000');
    const size = statSync(`${statistics}.jsonl`).size;
    rmSync(`${statistics}.jsonl`);
    writeFileSync(`${statistics}.parquet`, `PAR1${'?'.repeat(size - 8)}PAR1`);
    expect(checkFiles(folder)).toEqual([]);
    expect(() => open({ resume: true })).toThrow(/schema: .*dataset\/2.*dataset\/3/s);
    writeFileSync(file, text.replace('zerogap.dataset/3', 'zerogap.dataset/4'));
    expect(() => checkFiles(folder)).toThrow(/no description of a dataset that this version/);
  });

  it('again without resume is refused, and so is a folder with other things in it', async () => {
    await commit(open(), 0);
    expect(() => open()).toThrow(/there is a dataset in it already .*--resume/);
    const crowded = makeQuickFolder();
    writeFileSync(path.join(crowded, 'thesis.tex'), '');
    for (const resume of [true, false]) {
      expect(() => open({ folder: crowded, resume })).toThrow(
        /there is something else in it .*thesis\.tex/,
      );
    }
    rmSync(crowded, { recursive: true });
  });

  it('in a place that cannot be written says which folder and why', () => {
    expect(() => open({ folder: '/proc/nothing/here' })).toThrow(
      /^\/proc\/nothing: the folder cannot be made/,
    );
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    expect(() => open({ folder: file })).toThrow(/expected a new or an empty folder, got a file/);
    expect(() => open({ folder: path.join(file, 'below') })).toThrow(/ENOTDIR/);
  });

  it('again with other options is refused with both values of each', async () => {
    await commit(open(), 0);
    const other = { config: { seed: 2, episodes: 6 }, layout: { ...LAYOUT, policy: 'hover' } };
    expect(() => open({ ...other, resume: true })).toThrow(
      /config\.seed: .*expected 1, got 2.*|layout\.policy: .*expected "random", got "hover"/s,
    );
    try {
      open({ ...other, resume: true });
    } catch (error) {
      expect((error as Error).message.split('\n')).toHaveLength(2);
    }
  });

  it('again for more episodes goes on, and for fewer is refused', async () => {
    await commit(open(), 0);
    const grown = { config: { seed: 1, episodes: 8 }, resume: true };
    expect(open(grown).receipts).toHaveLength(1);
    const run = JSON.parse(readFileSync(path.join(folder, 'meta/zerogap/run.json'), 'utf8'));
    expect(run.config).toEqual(grown.config);
    expect(() => open({ resume: true })).toThrow(/config\.episodes: .*expected 8 or more, got 6/);
  });

  it('again with other code is refused unless somebody insists, which it takes note of', async () => {
    const readCode = () =>
      JSON.parse(readFileSync(path.join(folder, 'meta/zerogap/run.json'), 'utf8')).code;
    const [old, other] = [
      { commit: 'aa', zerogap: '0.1.0' },
      { commit: 'bb', zerogap: '0.1.0' },
    ];
    await commit(open({ code: old }), 0);
    expect(() => open({ code: other, resume: true })).toThrow(
      /: commit: other code has written .*expected "aa", got "bb".*--force/,
    );
    expect(readCode()).toEqual([old]);
    expect(open({ code: old, resume: true }).receipts).toHaveLength(1);
    expect(open({ code: other, resume: true, force: true }).receipts).toHaveLength(1);
    expect(readCode()).toEqual([old, other]);
    // On with what wrote last, which is no longer other code.
    open({ code: other, resume: true });
    expect(readCode()).toEqual([old, other]);
    expect(() => open({ config: { seed: 2 }, code: other, resume: true, force: true })).toThrow(
      /config\.seed: the dataset was begun with another value/,
    );
  });

  it('again with the same options knows what is there, whatever the last line of its journal looks like', async () => {
    const first = open();
    const receipts = [await commit(first, 0), await commit(first, 1)];
    const journal = path.join(folder, 'meta/zerogap/shards.jsonl');
    appendFileSync(journal, '{"shard":2,"firstEp');
    const again = open({ resume: true });
    expect(again.receipts).toEqual(receipts);
    await commit(again, 2);
    expect(open({ resume: true }).receipts).toHaveLength(3);
    expect(readFileSync(journal, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it('with a damaged journal is refused, naming the line', async () => {
    await commit(open(), 0);
    writeFileSync(path.join(folder, 'meta/zerogap/shards.jsonl'), 'nonsense\n{"shard":1}\n');
    expect(() => open({ resume: true })).toThrow(/shards\.jsonl, line 1: the journal is damaged/);
  });

  const damage: readonly (readonly [string, (file: string) => void])[] = [
    ['cut short', (file) => truncateSync(file, statSync(file).size - 500)],
    ['too long', (file) => appendFileSync(file, 'PAR1')],
    ['missing', (file) => rmSync(file)],
    [
      'overwritten at both ends',
      (file) => {
        const bytes = readFileSync(file);
        writeFileSync(file, bytes.fill('x', 0, 4).fill('x', bytes.length - 4));
      },
    ],
  ];
  const files = [
    'data/chunk-000/file-001.parquet',
    'meta/episodes/chunk-000/file-001.parquet',
    'meta/zerogap/statistics/chunk-000/file-001.jsonl',
  ];
  it.each(files.flatMap((of) => damage.map(([what, harm]) => ({ of, what, harm }))))(
    'with $of $what wants that shard again, and is then as it was',
    async ({ of, harm }) => {
      const dataset = open();
      for (const shard of [0, 1, 2]) await commit(dataset, shard);
      dataset.close();
      const whole = readFolder(folder);
      harm(path.join(folder, of));
      const again = open({ resume: true });
      expect(again.damaged.map(({ receipt }) => receipt.shard)).toEqual([1]);
      expect(again.damaged[0]!.problems.join()).toContain(of);
      const { firstFrame } = again.receipts[1]!;
      again.repair(await write(1, 1, firstFrame));
      expect(again.damaged).toEqual([]);
      again.close();
      expect(readFolder(folder)).toEqual(whole);
    },
  );

  it('with a damaged shard takes no other, and not that one with other episodes', async () => {
    const dataset = open();
    for (const shard of [0, 1]) await commit(dataset, shard);
    const file = path.join(folder, 'data/chunk-000/file-001.parquet');
    rmSync(file);
    const again = open({ resume: true });
    await expect(commit(again, 2)).rejects.toThrow(/repair what is damaged first/);
    const other = await write(1, 2, again.receipts[1]!.firstFrame);
    expect(() => again.repair(other)).toThrow(
      /shard 1: it is damaged \(.*file-001\.parquet is missing\), and made again it is another/,
    );
  });
});

describe('a shard', () => {
  it('is only taken in its turn', async () => {
    const dataset = open();
    const writer = getShardWriterFactory('lerobot')(LAYOUT, folder, SHARDS[1]!);
    writer.add(makeRecord(1, 2), 'a');
    writer.add(makeRecord(1, 3), 'b');
    const receipt = await writer.write(0);
    await writer.sync();
    expect(() => dataset.commit(receipt)).toThrow(/shard 0 is next/);
  });

  it('with an episode too few, too many, or of another shape is a programmer’s mistake', async () => {
    open();
    const make = () => getShardWriterFactory('lerobot')(LAYOUT, folder, SHARDS[0]!);
    const short = make();
    short.add(makeRecord(1, 0), 'a');
    await expect(short.write(0)).rejects.toThrow(/needs the episodes from 0 on, 2 of them, got 0/);
    const record = makeRecord(1, 0);
    expect(() => make().add({ ...record, action: record.action.slice(1) }, 'a')).toThrow(
      /episode 0, 'action' must have \d+ numbers/,
    );
  });

  it('that is given up leaves nothing behind', async () => {
    const dataset = open();
    const writer = getShardWriterFactory('lerobot')(LAYOUT, folder, SHARDS[0]!);
    writer.add(makeRecord(1, 0), 'a');
    writer.discard();
    await commit(dataset, 0);
    expect(dataset.receipts).toHaveLength(1);
  });
});
