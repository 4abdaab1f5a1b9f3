import type { Outcomes } from '../episode/outcomes.ts';
import type { Shard } from '../episode/plan.ts';
import type { EpisodeLayout, EpisodeRecord } from '../episode/record.ts';

export const DATASET_FORMATS = ['lerobot', 'parquet', 'mcap'] as const;
export type DatasetFormat = (typeof DATASET_FORMATS)[number];

/** What is known of a shard once its files are in place; a line of the dataset's journal. */
export interface ShardReceipt {
  readonly shard: number;
  readonly firstEpisode: number;
  readonly numEpisodes: number;
  /** [1] frames of all episodes before this shard, and in it */
  readonly firstFrame: number;
  readonly numFrames: number;
  /** [numEpisodes] sha256 of each episode, in hex, in order, see digest.ts */
  readonly digests: readonly string[];
  /** [bytes] on disk */
  readonly bytes: number;
  /** By `tallyOutcomes`, in the order of the episodes: what a resumed run reports of what was there. */
  readonly outcomes: Outcomes;
}

/**
 * Writes the episodes of one shard. Lives in the worker that simulates them. It leaves its files staged: complete,
 * synced, under names that no reader looks for. `Dataset.commit` gives them their names, shard after shard, so that
 * whatever kills the process leaves neither half a file nor a gap.
 */
export interface ShardWriter {
  /** Takes a copy; in any order of episodes. */
  add(record: EpisodeRecord, digest: string): void;
  /**
   * Sorts by episode, encodes, and has it written.
   * @param firstFrame [1] frames of all shards before this one
   * @throws UserError where the disk is full or cannot be written; what is complete stays
   */
  write(firstFrame: number): Promise<ShardReceipt>;
  /**
   * After `write`. Returns once the disk has it; the thread can simulate meanwhile. It holds nothing in memory from
   * the moment that all is written.
   * @throws as `write`
   */
  sync(): Promise<void>;
  /** Throws away what it holds; for a shard that is given up before it is written. */
  discard(): void;
}

export type ShardWriterFactory = (
  layout: EpisodeLayout,
  folder: string,
  shard: Shard,
) => ShardWriter;
