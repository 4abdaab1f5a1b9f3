import path from 'node:path';
import { planShards } from '../episode/plan.ts';
import { UserError } from '../errors.ts';
import { type Dataset, openDataset } from './dataset.ts';
import { getShardWriterFactory } from './formats.ts';
import { readJournal } from './journal.ts';
import { type RunDescription, readRun } from './run-file.ts';
import { readUnderWay, type SpooledEpisode } from './spool.ts';

/**
 * Writes the episodes of shards that are not complete as a dataset of their own, and leaves where they were as it was.
 * They are numbered anew; seed, env and episode say which they were.
 * @param out a new or empty folder
 * @returns how many there are
 * @throws UserError if there are none, or the folder cannot be written or holds something
 */
export async function salvageEpisodes(folder: string, out: string): Promise<number> {
  const run = readRun(folder);
  const found = [...readUnderWay(folder, countComplete(folder))];
  if (found.length === 0) throw refuseNone(folder);
  found.sort((a, b) => a.record.index - b.record.index);
  const dataset = openDataset({
    folder: out,
    format: run.format,
    layout: run.layout,
    config: { ...run.config, episodes: found.length, salvagedFrom: path.resolve(folder) },
    ...(run.code.length > 0 && { code: run.code.at(-1)! }),
    resume: false,
  });
  try {
    await writeShards(dataset, run, found);
  } finally {
    dataset.close();
  }
  return found.length;
}

async function writeShards(
  dataset: Dataset,
  { format, layout }: RunDescription,
  found: readonly SpooledEpisode[],
): Promise<void> {
  const makeWriter = getShardWriterFactory(format);
  let firstFrame = 0;
  for (const shard of planShards(found.length)) {
    const writer = makeWriter(layout, dataset.folder, shard);
    for (let k = 0; k < shard.numEpisodes; k++) {
      const index = shard.firstEpisode + k;
      const { record, digest } = found[index]!;
      writer.add({ ...record, index }, digest);
    }
    const receipt = await writer.write(firstFrame);
    await writer.sync();
    dataset.commit(receipt);
    firstFrame += receipt.numFrames;
  }
}

function countComplete(folder: string): number {
  const last = readJournal(folder).at(-1);
  return last === undefined ? 0 : last.firstEpisode + last.numEpisodes;
}

function refuseNone(folder: string): UserError {
  return new UserError({
    where: `dataset ${folder}`,
    problem: 'there is no episode that could be salvaged',
    expected: 'episodes of shards that are not complete',
    got: 'none',
    remedy: 'What is complete is part of the dataset already',
  });
}
