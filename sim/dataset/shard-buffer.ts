import path from 'node:path';
import { tallyOutcomes } from '../episode/outcomes.ts';
import type { Shard } from '../episode/plan.ts';
import { computePoseWidth } from '../episode/pose-track.ts';
import type { EpisodeLayout, EpisodeRecord } from '../episode/record.ts';
import { type Column, makeBatch } from './arrow-batch.ts';
import {
  countNonFinite,
  listEpisodeColumns,
  makeStoredRow,
  type StoredRow,
} from './episode-table.ts';
import { StagedFile } from './files.ts';
import { FrameArena } from './frame-arena.ts';
import { type FrameFeature, listFrameFeatures } from './frame-features.ts';
import { getShardPaths } from './layout-paths.ts';
import { encodeParquet } from './parquet-file.ts';
import type { DatasetFormat, ShardReceipt, ShardWriter } from './shard-writer.ts';
import { storeEpisode } from './stored-episode.ts';

/** What is on its way to the disk. */
export type Staged = Pick<StagedFile, 'size' | 'end' | 'sync' | 'discard'>;

/** Takes note of a file that was begun, and gives it back. */
export type KeepStaged = <T extends Staged>(staged: T) => T;

/** What one format does of its own. */
export interface ShardFormat {
  readonly format: DatasetFormat;
  /** Looks at an episode while it is there. @returns [1] numbers of its frames that are not finite */
  observe?(record: EpisodeRecord): number;
  /**
   * Stages the files of the frames, which may lie in the shard's memory until they are ended.
   * @param keep to be told of every file that is begun; whatever fails, it is discarded
   */
  stageFrames(shard: ShardContents, firstFrame: number, keep: KeepStaged): Promise<void>;
  /** Columns of the table of episodes besides those that all formats have. */
  listEpisodeColumns?(shard: ShardContents, firstFrame: number): readonly Column[];
  /** Removes what was staged. */
  discard(): void;
}

/** A shard whose episodes are all there. */
export interface ShardContents {
  readonly shard: Shard;
  readonly layout: EpisodeLayout;
  readonly folder: string;
  readonly features: readonly FrameFeature[];
  /** In the order of the episodes. */
  readonly rows: readonly StoredRow[];
}

/** What all formats have in common: takes episodes in any order, and writes them in theirs. */
export class BufferedShardWriter implements ShardWriter {
  readonly #format: ShardFormat;
  readonly #arena = new FrameArena();
  readonly #contents: ShardContents & { readonly rows: StoredRow[] };
  readonly #staged: Staged[] = [];

  constructor(layout: EpisodeLayout, folder: string, shard: Shard, format: ShardFormat) {
    this.#format = format;
    const features = listFrameFeatures(layout);
    this.#contents = { layout, folder, shard, features, rows: [] };
  }

  add(record: EpisodeRecord, digest: string): void {
    const { rows, layout, features } = this.#contents;
    checkRecord(record, layout, features);
    // What is looked at is in the processor's cache already, as long as nothing is copied.
    const observed = this.#format.observe?.(record);
    const stored = storeEpisode(record, features, this.#arena);
    const nonFinite = observed ?? countNonFinite(stored.values);
    rows.push(makeStoredRow(record, { digest, stored, nonFinite }, layout));
  }

  async write(firstFrame: number): Promise<ShardReceipt> {
    const { rows, shard } = this.#contents;
    rows.sort((a, b) => a.index - b.index);
    checkComplete(rows, shard);
    return this.#orDiscard(async () => {
      await this.#format.stageFrames(this.#contents, firstFrame, (staged) => {
        this.#staged.push(staged);
        return staged;
      });
      this.#staged.push(this.#stageEpisodes(firstFrame));
      return {
        shard: shard.index,
        firstEpisode: shard.firstEpisode,
        numEpisodes: shard.numEpisodes,
        firstFrame,
        numFrames: rows.reduce((sum, row) => sum + row.stored.numFrames, 0),
        digests: rows.map((row) => row.digest),
        bytes: this.#staged.reduce((sum, { size }) => sum + size, 0),
        outcomes: tallyOutcomes(rows.map((row) => row.summary)),
      };
    });
  }

  async sync(): Promise<void> {
    await this.#orDiscard(async () => {
      await Promise.all(this.#staged.map((one) => one.end()));
      this.#arena.release();
      await Promise.all(this.#staged.map((one) => one.sync()));
    });
  }

  /** Throws away what the shard has so far. */
  discard(): void {
    this.#contents.rows.length = 0;
    this.#arena.release();
    this.#format.discard();
  }

  /** Where it fails nothing is left, on the disk or in memory. */
  async #orDiscard<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      // Their pieces are in the arena: it is given back when nobody reads it.
      await Promise.all(this.#staged.map((one) => one.discard()));
      this.discard();
      throw error;
    }
  }

  #stageEpisodes(firstFrame: number): Staged {
    const { layout, features, rows, shard, folder } = this.#contents;
    const columns = [
      ...listEpisodeColumns(layout, features, rows),
      ...(this.#format.listEpisodeColumns?.(this.#contents, firstFrame) ?? []),
    ];
    const bytes = encodeParquet(makeBatch(columns, rows.length));
    const { episodes } = getShardPaths(this.#format.format, shard.index);
    return stageBytes(path.join(folder, episodes), bytes);
  }
}

/** A file under its staged name. @param bytes all of it */
export function stageBytes(file: string, bytes: Uint8Array): Staged {
  const staged = new StagedFile(file);
  void staged.write([bytes]);
  return staged;
}

function checkRecord(
  record: EpisodeRecord,
  layout: EpisodeLayout,
  features: readonly FrameFeature[],
): void {
  const { numFrames, index, criticConstants, pose } = record;
  const poseLength = (numFrames + 1) * computePoseWidth(layout.jointNames.length);
  if (pose.length !== 0 && pose.length !== poseLength) {
    throw new RangeError(
      `dataset: episode ${index}, 'pose' must have ${poseLength} numbers or none, got ${pose.length}`,
    );
  }
  for (const { source, width, hasFinalRow, name } of features) {
    const length = (numFrames + (hasFinalRow ? 1 : 0)) * width;
    if (record[source].length === length) continue;
    throw new RangeError(
      `dataset: episode ${index}, '${name}' must have ${length} numbers, got ${record[source].length}`,
    );
  }
  if (criticConstants.length !== layout.constantCriticNames.length) {
    throw new RangeError(
      `dataset: episode ${index}, 'critic_constants' must have ${layout.constantCriticNames.length} numbers, got ${criticConstants.length}`,
    );
  }
  if (numFrames < 1 || numFrames > layout.maxFrames) {
    throw new RangeError(
      `dataset: episode ${index} has ${numFrames} of ${layout.maxFrames} frames`,
    );
  }
}

function checkComplete(rows: readonly StoredRow[], shard: Shard): void {
  const { firstEpisode, numEpisodes, index } = shard;
  const isComplete =
    rows.length === numEpisodes && rows.every((row, k) => row.index === firstEpisode + k);
  if (isComplete) return;
  throw new RangeError(
    `dataset: shard ${index} needs the episodes from ${firstEpisode} on, ${numEpisodes} of them, got ${rows.map((row) => row.index).join(', ')}`,
  );
}
