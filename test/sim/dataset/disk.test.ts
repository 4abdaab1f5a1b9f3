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

/** How many more writes, syncs and renames the disk takes; then it is full. */
const disk = vi.hoisted(() => ({ budget: Number.POSITIVE_INFINITY }));

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
    handle.writev = limited(handle.writev.bind(handle) as () => Promise<never>);
    handle.write = limited(handle.write.bind(handle) as () => Promise<never>);
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
