import path from 'node:path';
import type { EpisodeLayout } from '../episode/record.ts';
import { makeBatch } from './arrow-batch.ts';
import { replaceFile } from './files.ts';
import { FRAME_COUNTERS, FRAME_FLAGS, listFrameFeatures } from './frame-features.ts';
import { getShardPaths } from './layout-paths.ts';
import { encodeParquet } from './parquet-file.ts';
import { addShardStatistics, makeTotals } from './shard-statistics.ts';
import type { ShardReceipt } from './shard-writer.ts';
import { computeDeviation, type Statistics } from './statistics.ts';

/** The version of the layout that LeRobot checks. */
const CODEBASE_VERSION = 'v3.0';
const QUANTILES = { q01: 0.01, q10: 0.1, q50: 0.5, q90: 0.9, q99: 0.99 } as const;

/** The files that tell LeRobot what a dataset holds: info.json, stats.json, tasks.parquet. */
export class LerobotIndex {
  readonly #folder: string;
  readonly #layout: EpisodeLayout;
  readonly #features: ReturnType<typeof listFrameFeatures>;
  readonly #totals: readonly Statistics[];

  constructor(folder: string, layout: EpisodeLayout) {
    this.#folder = folder;
    this.#layout = layout;
    this.#features = listFrameFeatures(layout);
    this.#totals = makeTotals(this.#features);
  }

  /** Says what the robot was asked to do, which is the same for all shards. */
  writeTasks(): void {
    replaceFile(this.#at('meta/tasks.parquet'), encodeTasks(this.#layout.taskDescription));
  }

  /** Takes a published shard in. */
  addShard(shard: number): void {
    const { statistics } = getShardPaths('lerobot', shard);
    addShardStatistics(this.#totals, this.#features, this.#at(statistics!));
  }

  /** Says what there is. @param receipts of all shards that were added */
  write(receipts: readonly ShardReceipt[]): void {
    const stats = Object.fromEntries(
      this.#features.map(({ name }, k) => [name, describeStatistics(this.#totals[k]!)]),
    );
    replaceFile(this.#at('meta/stats.json'), `${JSON.stringify(stats, undefined, 2)}\n`);
    this.#writeInfo(receipts);
  }

  #writeInfo(receipts: readonly ShardReceipt[]): void {
    const last = receipts.at(-1);
    const episodes = last === undefined ? 0 : last.firstEpisode + last.numEpisodes;
    const frames = last === undefined ? 0 : last.firstFrame + last.numFrames;
    const info = {
      codebase_version: CODEBASE_VERSION,
      robot_type: this.#layout.robot,
      total_episodes: episodes,
      total_frames: frames,
      total_tasks: 1,
      chunks_size: 1000,
      data_files_size_in_mb: 100,
      video_files_size_in_mb: 200,
      fps: this.#layout.rateHz,
      splits: { train: `0:${episodes}` },
      data_path: 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
      video_path: null,
      features: describeFeatures(this.#layout),
    };
    replaceFile(this.#at('meta/info.json'), `${JSON.stringify(info, undefined, 2)}\n`);
  }

  #at(file: string): string {
    return path.join(this.#folder, file);
  }
}

/** Every column of the data, in LeRobot's terms. */
function describeFeatures(layout: EpisodeLayout): Record<string, object> {
  const single = (dtype: string) => ({ dtype, shape: [1], names: null });
  return Object.fromEntries([
    ...listFrameFeatures(layout).map(({ name, width, names }) => [
      name,
      { dtype: 'float32', shape: [width], names },
    ]),
    ...FRAME_FLAGS.map((name) => [name, single('bool')]),
    ['controller', single('uint8')],
    ['timestamp', single('float32')],
    ...FRAME_COUNTERS.map((name) => [name, single('int64')]),
  ]);
}

/** [width] each; what was never a finite number is left at 0, which normalises to nothing. */
function describeStatistics(statistics: Statistics): Record<string, readonly number[]> {
  const { moments } = statistics;
  const orZero = (value: number) => (Number.isFinite(value) ? value : 0);
  const quantiles = moments.map((_, k) =>
    statistics.estimateQuantiles(k, Object.values(QUANTILES)).map(orZero),
  );
  return {
    min: moments.map(({ min }) => orZero(min)),
    max: moments.map(({ max }) => orZero(max)),
    mean: moments.map(({ mean }) => mean),
    std: moments.map(computeDeviation),
    count: [moments[0]!.count],
    ...Object.fromEntries(
      Object.keys(QUANTILES).map((name, k) => [name, quantiles.map((values) => values[k]!)]),
    ),
  };
}

/** A table whose index, as pandas has it, is the text of the task. */
function encodeTasks(task: string): Uint8Array {
  const column = (name: string, type: string, numpy: string) => ({
    name,
    field_name: name,
    pandas_type: type,
    numpy_type: numpy,
    metadata: null,
  });
  const pandas = {
    index_columns: ['task'],
    column_indexes: [],
    columns: [column('task_index', 'int64', 'int64'), column('task', 'unicode', 'object')],
    creator: { library: 'zerogap', version: '1' },
    pandas_version: '2.0.0',
  };
  const batch = makeBatch(
    [
      { name: 'task_index', kind: 'int64', values: Float64Array.of(0) },
      { name: 'task', kind: 'text', values: [task] },
    ],
    1,
    new Map([['pandas', JSON.stringify(pandas)]]),
  );
  return encodeParquet(batch);
}
