import type * as fs from 'node:fs';
import { rmSync } from 'node:fs';
import type * as promises from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDataset } from '../../../sim/dataset/dataset.ts';
import { DATASET_FORMATS, type DatasetFormat } from '../../../sim/dataset/shard-writer.ts';
import { UserError } from '../../../sim/errors.ts';
import { makeQuickFolder, readFolder } from '../../kit/folders.ts';
import { LAYOUT, recordShard } from '../../kit/made-up-episodes.ts';

/** How many more writes, syncs and renames the disk takes until it is full, and how many bytes of a file at once. */
const disk = vi.hoisted(() => ({
  budget: Number.POSITIVE_INFINITY,
  atOnce: Number.POSITIVE_INFINITY,
}));

/** Stands for a call of the file system while there is room. */
const limited = vi.hoisted(() => <A extends unknown[], R>(act: (...given: A) => R) => {
  return (...given: A): R => {
    if (disk.budget-- <= 0) {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    }
    return act(...given);
  };
});

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  return {
    ...real,
    writevSync: limited(real.writevSync as (...given: unknown[]) => number),
    writeFileSync: limited(real.writeFileSync as (...given: unknown[]) => void),
    renameSync: limited(real.renameSync as (...given: unknown[]) => void),
    mkdirSync: limited(real.mkdirSync as (...given: unknown[]) => undefined),
  };
});

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof promises>();
  const open = async (...given: Parameters<typeof promises.open>) => {
    const handle = await real.open(...given);
    const write = handle.write.bind(handle) as unknown as (bytes: Uint8Array) => Promise<unknown>;
    const writeSome = limited((bytes: Uint8Array) => write(bytes.subarray(0, disk.atOnce)));
    handle.writev = ((pieces: Uint8Array[]) => writeSome(Buffer.concat(pieces))) as never;
    handle.write = ((bytes: Uint8Array, from = 0) => writeSome(bytes.subarray(from))) as never;
    return handle;
  };
  return { ...real, open };
});

let folder: string;

beforeEach(() => {
  folder = makeQuickFolder();
});

afterEach(() => {
  disk.budget = Number.POSITIVE_INFINITY;
  disk.atOnce = Number.POSITIVE_INFINITY;
  rmSync(folder, { recursive: true, force: true });
});

const SHARDS = [
  { index: 0, firstEpisode: 0, numEpisodes: 3 },
  { index: 1, firstEpisode: 3, numEpisodes: 2 },
];

/** Records what is missing. */
async function record(format: DatasetFormat, name: string): Promise<void> {
  const options = { folder: path.join(folder, name), format, layout: LAYOUT, config: {} };
  const dataset = openDataset({ ...options, resume: true });
  try {
    for (const shard of SHARDS.slice(dataset.receipts.length)) {
      await recordShard({ dataset, format, shard, seed: 1 });
    }
  } finally {
    dataset.close();
  }
}

describe.each(DATASET_FORMATS)('a disk that is full in the middle of a dataset (%s)', (format) => {
  it('at whichever write is the user’s problem, and loses nothing', async () => {
    await record(format, 'whole');
    const whole = readFolder(path.join(folder, 'whole'));
    let numFailures = 0;
    for (let budget = 0; ; budget++) {
      const name = `full-at-${budget}`;
      disk.budget = budget;
      const error = await record(format, name).catch((reason: unknown) => reason);
      disk.budget = Number.POSITIVE_INFINITY;
      if (error === undefined) break;
      numFailures++;
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).toMatch(
        /ENOSPC.*Free some space, then go on with --res/,
      );
      await record(format, name);
      expect(readFolder(path.join(folder, name))).toEqual(whole);
    }
    // Each shard is at least a scratch file, data, episodes, journal and three renames.
    expect(numFailures).toBeGreaterThan(20);
  });
});

it('a disk that takes a part of what it is given gets the rest', async () => {
  await record('lerobot', 'whole');
  disk.atOnce = 1000;
  await record('lerobot', 'bit-by-bit');
  expect(readFolder(path.join(folder, 'bit-by-bit'))).toEqual(
    readFolder(path.join(folder, 'whole')),
  );
});
