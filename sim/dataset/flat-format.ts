import { rmSync } from 'node:fs';
import path from 'node:path';
import type { RecordBatch } from 'apache-arrow';
import type { Shard } from '../episode/plan.ts';
import { type Column, makeBatch } from './arrow-batch.ts';
import { STAGED_SUFFIX, StagedFile } from './files.ts';
import { BLOCK_FRAMES, readBlocks } from './frame-blocks.ts';
import { getShardPaths, listShardFiles } from './layout-paths.ts';
import { streamParquet } from './parquet-file.ts';
import type { ShardContents, ShardFormat } from './shard-buffer.ts';

/** Plain Parquet: a column per number, for whoever asks in SQL. */
export class FlatFormat implements ShardFormat {
  readonly format = 'parquet';
  readonly #files: readonly string[];

  constructor(folder: string, shard: Shard) {
    this.#files = listShardFiles(folder, this.format, shard.index);
  }

  async stageFrames(contents: ShardContents, firstFrame: number): Promise<number> {
    const { frames } = getShardPaths(this.format, contents.shard.index);
    const staged = new StagedFile(path.join(contents.folder, frames));
    const options = {
      values: 'distinct',
      rowGroupRows: BLOCK_FRAMES,
      indexed: ['episode_index', 'frame_index', 'index', 'timestamp'],
    } as const;
    try {
      const batches = makeBatches(contents, firstFrame);
      await streamParquet(batches, options, (bytes) => staged.write(bytes));
      await staged.close();
    } catch (error) {
      staged.discard();
      throw error;
    }
    return staged.size;
  }

  discard(): void {
    for (const file of this.#files) rmSync(`${file}${STAGED_SUFFIX}`, { force: true });
  }
}

function* makeBatches(contents: ShardContents, firstFrame: number): Generator<RecordBatch> {
  const { layout, features, rows } = contents;
  const columns = features.map(({ width }) =>
    Array.from({ length: width }, () => new Float32Array(BLOCK_FRAMES)),
  );
  const source = { features, rows, firstFrame, rateHz: layout.rateHz };
  for (const block of readBlocks(source)) {
    const floats = features.flatMap(({ name, names }, k) => {
      transpose(columns[k]!, block.floats[k]!, block.numRows);
      return names.map((number, at): Column => {
        return { name: nameColumn(name, number), kind: 'float32', values: columns[k]![at]! };
      });
    });
    yield makeBatch([...floats, ...block.listCounters()], block.numRows);
  }
}

/** `observation.speed`, `action.left`, `next.reward` */
function nameColumn(feature: string, number: string): string {
  return feature === 'next.reward' ? feature : `${feature.replace(/\.state$/, '')}.${number}`;
}

/** @param columns [width] of [numRows] @param rows [numRows, width] */
function transpose(columns: readonly Float32Array[], rows: Float32Array, numRows: number): void {
  const width = columns.length;
  for (let k = 0; k < width; k++) {
    const column = columns[k]!;
    for (let row = 0; row < numRows; row++) column[row] = rows[row * width + k]!;
  }
}
