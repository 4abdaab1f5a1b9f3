import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Shard } from '../episode/plan.ts';
import type { EpisodeLayout, EpisodeRecord } from '../episode/record.ts';
import type { Column } from './arrow-batch.ts';
import { integers } from './episode-table.ts';
import { STAGED_SUFFIX, StagedFile } from './files.ts';
import { type FrameFeature, listFrameFeatures } from './frame-features.ts';
import { type FrameColumn, FrameFile } from './frame-file.ts';
import { COUNTER_COLUMNS, cutGroups, listCounterChunks, viewBytes } from './frame-groups.ts';
import { getFileIndex, getShardPaths, listShardFiles } from './layout-paths.ts';
import {
  type KeepStaged,
  type ShardContents,
  type ShardFormat,
  type Staged,
  stageBytes,
} from './shard-buffer.ts';
import { renderShardStatistics } from './shard-statistics.ts';
import {
  type ColumnMoments,
  computeDeviation,
  mergeMoments,
  NO_MOMENTS,
  Statistics,
} from './statistics.ts';

/** Statistics that LeRobot keeps of every feature of an episode; quantiles are of the dataset alone. */
const EPISODE_STATISTICS = {
  min: ({ min }: ColumnMoments) => min,
  max: ({ max }: ColumnMoments) => max,
  mean: ({ mean }: ColumnMoments) => mean,
  std: computeDeviation,
} as const;

/** Shards in the layout of LeRobot v3.0: a file of frames and a file of episodes each. */
export class LerobotFormat implements ShardFormat {
  readonly format = 'lerobot';
  readonly #features: readonly FrameFeature[];
  readonly #files: readonly string[];
  readonly #statistics: readonly Statistics[];
  /** By episode, by feature, [width] */
  readonly #moments = new Map<number, readonly (readonly ColumnMoments[])[]>();

  constructor(layout: EpisodeLayout, folder: string, shard: Shard) {
    this.#features = listFrameFeatures(layout);
    this.#statistics = this.#features.map(({ width }) => new Statistics(width));
    this.#files = listShardFiles(folder, this.format, shard.index);
  }

  observe(record: EpisodeRecord): number {
    const moments = this.#features.map(({ source, width }, k) =>
      this.#statistics[k]!.add(
        record[source].subarray(0, record.numFrames * width),
        record.numFrames,
      ),
    );
    this.#moments.set(record.index, moments);
    return moments.flat().reduce((sum, { nonFinite }) => sum + nonFinite, 0);
  }

  async stageFrames(contents: ShardContents, firstFrame: number, keep: KeepStaged): Promise<void> {
    const { folder, shard, layout, rows } = contents;
    const paths = getShardPaths(this.format, shard.index);
    const staged = keep(new StagedFile(path.join(folder, paths.frames)));
    const file = new FrameFile(staged, this.#listColumns());
    for (const group of cutGroups(rows, firstFrame)) {
      // Nearly all of it lies in the shard's memory: there is no need to wait.
      void file.writeRowGroup(group.numFrames, [
        ...this.#features.map((_, k) => {
          return { pieces: group.rows.map(({ stored }) => viewBytes(stored.values[k]!)) };
        }),
        ...listCounterChunks(group, layout.rateHz),
      ]);
    }
    file.end();
    keep(this.#stageStatistics(contents));
  }

  listEpisodeColumns({ rows, shard }: ShardContents, firstFrame: number): Column[] {
    const { chunk, file } = getFileIndex(shard.index);
    let next = firstFrame;
    const first = rows.map(({ stored }) => {
      next += stored.numFrames;
      return next - stored.numFrames;
    });
    return [
      integers('data/chunk_index', rows, () => chunk),
      integers('data/file_index', rows, () => file),
      integers('dataset_from_index', first, (index) => index),
      integers(
        'dataset_to_index',
        first.map((index, k) => index + rows[k]!.stored.numFrames),
        (index) => index,
      ),
      integers('meta/episodes/chunk_index', rows, () => chunk),
      integers('meta/episodes/file_index', rows, () => file),
      ...this.#features.flatMap((feature, k) =>
        makeEpisodeStatistics(
          feature,
          rows.map((row) => this.#moments.get(row.index)![k]!),
        ),
      ),
    ];
  }

  discard(): void {
    for (const file of this.#files) rmSync(`${file}${STAGED_SUFFIX}`, { force: true });
  }

  #listColumns(): FrameColumn[] {
    return [
      ...this.#features.map(({ name, width }): FrameColumn => {
        // LeRobot has single numbers as such, not as lists of one.
        return { name, kind: 'float32', ...(width > 1 && { width }) };
      }),
      ...COUNTER_COLUMNS,
    ];
  }

  #stageStatistics({ folder, shard, rows }: ShardContents): Staged {
    const { statistics } = getShardPaths(this.format, shard.index);
    // Added up in the order of the episodes, whichever ended first: sums of floats depend on it.
    const moments = this.#features.map(({ names }, k) =>
      names.map((_, at) =>
        rows.map((row) => this.#moments.get(row.index)![k]![at]!).reduce(mergeMoments, NO_MOMENTS),
      ),
    );
    const text = renderShardStatistics(this.#features, moments, this.#statistics);
    return stageBytes(path.join(folder, statistics!), Buffer.from(text));
  }
}

/** @param episodes by episode, [width] */
function makeEpisodeStatistics(
  { name, width }: FrameFeature,
  episodes: readonly (readonly ColumnMoments[])[],
): Column[] {
  return [
    ...Object.entries(EPISODE_STATISTICS).map(([statistic, compute]): Column => {
      const values = Float64Array.from(episodes.flatMap((moments) => moments.map(compute)));
      return { name: `stats/${name}/${statistic}`, kind: 'float64', width, values };
    }),
    {
      name: `stats/${name}/count`,
      kind: 'int64',
      width: 1,
      values: Float64Array.from(episodes, (moments) => moments[0]!.count),
    },
  ];
}
