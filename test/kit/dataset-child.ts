import { writeSync } from 'node:fs';
import { openDataset } from '../../sim/dataset/dataset.ts';
import type { DatasetFormat } from '../../sim/dataset/shard-writer.ts';
import { UserError } from '../../sim/errors.ts';
import { LAYOUT, recordShard } from './made-up-episodes.ts';

/**
 * A process of its own that records shards of made-up episodes until all are there, or until it is killed or the
 * disk refuses; goes on with what is in the folder. Prints how many are committed, each time.
 * Arguments: folder, format, number of shards, episodes of a shard.
 */
const [, , folder = '', format = 'lerobot', shards = '1', episodes = '1'] = process.argv;
const numEpisodes = Number(episodes);
try {
  const dataset = openDataset({
    folder,
    format: format as DatasetFormat,
    layout: LAYOUT,
    config: { seed: 1 },
    resume: true,
  });
  for (;;) {
    const index = dataset.receipts.length;
    writeSync(1, `committed ${index}\n`);
    if (index === Number(shards)) break;
    const shard = { index, firstEpisode: index * numEpisodes, numEpisodes };
    await recordShard({ dataset, format: format as DatasetFormat, shard, seed: 1 });
  }
  dataset.close();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  writeSync(1, `error ${error.message}\n`);
}
