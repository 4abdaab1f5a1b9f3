import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Shard } from '../episode/plan.ts';
import { STAGED_SUFFIX, StagedFile } from './files.ts';
import { type ColumnChunk, type FrameColumn, FrameFile } from './frame-file.ts';
import {
  COUNTER_COLUMNS,
  cutGroups,
  type FrameGroup,
  listCounterChunks,
  viewBytes,
} from './frame-groups.ts';
import { getShardPaths, listShardFiles } from './layout-paths.ts';
import type { KeepStaged, ShardContents, ShardFormat } from './shard-buffer.ts';

/** Plain Parquet: a column per number, for whoever asks in SQL. */
export class FlatFormat implements ShardFormat {
  readonly format = 'parquet';
  readonly #files: readonly string[];

  constructor(folder: string, shard: Shard) {
    this.#files = listShardFiles(folder, this.format, shard.index);
  }

  async stageFrames(contents: ShardContents, firstFrame: number, keep: KeepStaged): Promise<void> {
    const { layout, features, rows, folder, shard } = contents;
    const { frames } = getShardPaths(this.format, shard.index);
    const staged = keep(new StagedFile(path.join(folder, frames)));
    const file = new FrameFile(staged, [
      ...features.flatMap(({ name, names }) => names.map((one) => nameColumn(name, one))),
      ...COUNTER_COLUMNS,
    ]);
    for (const group of cutGroups(rows, firstFrame)) {
      // What is transposed takes memory besides.
      await file.writeRowGroup(group.numFrames, [
        ...features.flatMap(({ width }, k) => transpose(group, k, width)),
        ...listCounterChunks(group, layout.rateHz),
      ]);
    }
    file.end();
  }

  discard(): void {
    for (const file of this.#files) rmSync(`${file}${STAGED_SUFFIX}`, { force: true });
  }
}

/** `observation.speed`, `action.left`, `next.reward` */
function nameColumn(feature: string, number: string): FrameColumn {
  const isAlone = feature === 'next.reward';
  return {
    name: isAlone ? feature : `${feature.replace(/\.state$/, '')}.${number}`,
    kind: 'float32',
  };
}

/** Columns of one feature over all episodes of a group. */
function transpose({ rows, numFrames }: FrameGroup, feature: number, width: number): ColumnChunk[] {
  return Array.from({ length: width }, (_, k) => {
    const column = new Float32Array(numFrames);
    let at = 0;
    for (const { stored } of rows) {
      const values = stored.values[feature]!;
      for (let from = k; from < values.length; from += width) column[at++] = values[from]!;
    }
    return { pieces: [viewBytes(column)] };
  });
}
