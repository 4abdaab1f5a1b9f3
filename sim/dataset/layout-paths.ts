import path from 'node:path';
import type { DatasetFormat } from './shard-writer.ts';

/** LeRobot's limit of files in one folder; a shard is a file. */
const FILES_PER_CHUNK = 1000;

/** Where our own records of a dataset stand; LeRobot looks at none of them. */
export const RUN_FILE = 'meta/zerogap/run.json';
export const JOURNAL_FILE = 'meta/zerogap/shards.jsonl';
/** There while a process writes to the dataset. */
export const LOCK_FILE = 'meta/zerogap/lock';
export const REPORT_JSON = 'report.json';
export const REPORT_HTML = 'report.html';
/** Of format `mcap`: a line per episode. */
export const EPISODE_LINES = 'episodes.jsonl';

/** Of format `lerobot`: what its readers open first. */
export const INDEX_FILES = ['meta/info.json', 'meta/stats.json', 'meta/tasks.parquet'] as const;

/** Episodes of a shard that is under way. */
export function getSpoolFile(shard: number): string {
  return `meta/zerogap/under-way/shard-${shard}.episodes`;
}

export interface FileIndex {
  readonly chunk: number;
  readonly file: number;
}

export function getFileIndex(shard: number): FileIndex {
  return { chunk: Math.floor(shard / FILES_PER_CHUNK), file: shard % FILES_PER_CHUNK };
}

function chunkPath(shard: number): string {
  const { chunk, file } = getFileIndex(shard);
  const pad = (index: number) => String(index).padStart(3, '0');
  return `chunk-${pad(chunk)}/file-${pad(file)}`;
}

/** What a shard consists of, each from the folder of the dataset on. */
export interface ShardPaths {
  /** A Parquet file, a row per frame; `mcap`: a folder with a file per episode. */
  readonly frames: string;
  /** A Parquet file, a row per episode. */
  readonly episodes: string;
  /** Moments and histograms of all columns, lines of JSON; `lerobot` alone. */
  readonly statistics: string | undefined;
}

export function getShardPaths(format: DatasetFormat, shard: number): ShardPaths {
  const name = chunkPath(shard);
  switch (format) {
    case 'lerobot':
      return {
        frames: `data/${name}.parquet`,
        episodes: `meta/episodes/${name}.parquet`,
        statistics: `meta/zerogap/statistics/${name}.jsonl`,
      };
    case 'parquet':
      return {
        frames: `transitions/${name}.parquet`,
        episodes: `episodes/${name}.parquet`,
        statistics: undefined,
      };
    case 'mcap':
      return {
        frames: `mcap/${name.replace('file', 'shard')}`,
        episodes: `meta/episodes/${name}.parquet`,
        statistics: undefined,
      };
  }
}

/** In the order in which they get their names: a row that speaks of frames comes after the frames. */
export function listShardFiles(folder: string, format: DatasetFormat, shard: number): string[] {
  return listFiles(folder, getShardPaths(format, shard));
}

/** As `listShardFiles`, of datasets that older versions wrote. */
export function listOlderShardFiles(
  folder: string,
  format: DatasetFormat,
  shard: number,
): string[] {
  const { statistics, ...paths } = getShardPaths(format, shard);
  return listFiles(folder, { ...paths, statistics: statistics?.replace(/jsonl$/, 'parquet') });
}

function listFiles(folder: string, { frames, episodes, statistics }: ShardPaths): string[] {
  return [frames, ...(statistics === undefined ? [] : [statistics]), episodes].map((file) =>
    path.join(folder, file),
  );
}
