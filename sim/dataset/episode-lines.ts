import path from 'node:path';
import { appendLines, replaceFile } from './files.ts';
import { EPISODE_LINES, getShardPaths } from './layout-paths.ts';
import { getEpisodeFile } from './mcap-format.ts';
import { readParquet } from './parquet-file.ts';
import type { ShardReceipt } from './shard-writer.ts';

/** A line of JSON per episode, for those who have no reader of Parquet: format `mcap`. */
export class EpisodeLines {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = path.join(folder, EPISODE_LINES);
  }

  /** Writes the lines of all published shards. */
  write(receipts: readonly ShardReceipt[]): void {
    replaceFile(this.#file, receipts.map(({ shard }) => this.#render(shard)).join(''));
  }

  /** Adds those of one more. */
  append({ shard }: ShardReceipt): void {
    appendLines(this.#file, this.#render(shard));
  }

  #render(shard: number): string {
    const { frames, episodes } = getShardPaths('mcap', shard);
    const rows = readParquet(path.join(this.#folder, episodes)).toArray();
    return rows
      .map((row) => {
        const values = JSON.parse(JSON.stringify(row, plainly)) as Record<string, unknown>;
        const file = `${frames}/${getEpisodeFile(Number(values.episode_index))}`;
        return `${JSON.stringify({ file, ...values })}\n`;
      })
      .join('');
  }
}

/** Numbers of 64 bits as numbers. */
function plainly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
