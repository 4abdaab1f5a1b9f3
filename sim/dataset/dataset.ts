import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { EpisodeLayout } from '../episode/record.ts';
import { UserError } from '../errors.ts';
import { type FolderLock, lockFolder } from '../folder-lock.ts';
import { checkShardFiles } from './check-files.ts';
import { EpisodeLines } from './episode-lines.ts';
import { onDisk, publish, replaceFile, STAGED_SUFFIX } from './files.ts';
import { assertUsable, isDataset } from './folder.ts';
import { appendReceipt, readJournal, rewriteJournal } from './journal.ts';
import { JOURNAL_FILE, LOCK_FILE, listShardFiles, RUN_FILE } from './layout-paths.ts';
import { LerobotIndex } from './lerobot-index.ts';
import {
  type CodeVersions,
  continueRun,
  DATASET_SCHEMA,
  type RunDescription,
  readRun,
  renderRun,
} from './run-file.ts';
import type { DatasetFormat, ShardReceipt } from './shard-writer.ts';
import { removeSpareSpools, retireSpool } from './spool.ts';

export interface DatasetOptions {
  /** Is made if it is not there. */
  readonly folder: string;
  readonly format: DatasetFormat;
  readonly layout: EpisodeLayout;
  /** Resolved options of the run, seed and number of episodes among them; JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Goes on with what is in the folder, if anything is; `config.episodes` may be more than it was. */
  readonly resume: boolean;
  /** What writes; absent: nothing is said of it, and nothing compared. */
  readonly code?: CodeVersions;
  /** Goes on although other code has written what is there. */
  readonly force?: boolean;
}

/**
 * Opens a dataset to write to; nobody else can until it is closed.
 * @throws UserError if the folder cannot be written, holds something else or is written to by another process, with
 *   `resume` if it was begun with other options or, without `force`, by other code: UserErrors naming both values of each
 */
export function openDataset(options: DatasetOptions): Dataset {
  const { folder, format, layout, config, resume, force = false } = options;
  const code = options.code === undefined ? [] : [options.code];
  const asked: RunDescription = { schema: DATASET_SCHEMA, format, layout, config, code };
  // Once before the lock, which would be a file in somebody else's folder, and once with it, when nobody interferes.
  assertUsable(folder, { resume });
  const lock = lockFolder({ folder, lockFile: LOCK_FILE, what: 'dataset' });
  try {
    assertUsable(folder, { resume });
    const run = isDataset(folder) ? continueRun(folder, readRun(folder), asked, { force }) : asked;
    writeRun(folder, run);
    return new Dataset(folder, run, readJournal(folder), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Says what it is made from, where that does not stand there yet. */
function writeRun(folder: string, run: RunDescription): void {
  const file = path.join(folder, RUN_FILE);
  const text = renderRun(run);
  const isThere =
    existsSync(file) && onDisk(file, 'cannot be read', () => readFileSync(file, 'utf8')) === text;
  if (!isThere) replaceFile(file, text);
}

/** A shard whose files are not what they were when they were written. */
export interface DamagedShard {
  readonly receipt: ShardReceipt;
  /** What is wrong with them, by file. */
  readonly problems: readonly string[];
}

/**
 * A dataset that grows shard by shard. Shards become part of it in their order, so that at every moment it is whole
 * up to some episode: journal first, then the names of the files, then what the format says of itself.
 */
export class Dataset {
  readonly folder: string;
  readonly #run: RunDescription;
  readonly #lock: FolderLock;
  readonly #receipts: ShardReceipt[];
  readonly #damaged: Map<number, DamagedShard>;
  #lerobot: LerobotIndex | undefined;
  #lines: EpisodeLines | undefined;

  /** Use {@link openDataset}. */
  constructor(
    folder: string,
    run: RunDescription,
    receipts: readonly ShardReceipt[],
    lock: FolderLock,
  ) {
    this.folder = folder;
    this.#run = run;
    this.#lock = lock;
    this.#receipts = [...receipts];
    this.#recover();
    const damaged = this.#receipts.flatMap((receipt): DamagedShard[] => {
      const problems = checkShardFiles(folder, run.format, receipt);
      return problems.length === 0 ? [] : [{ receipt, problems }];
    });
    this.#damaged = new Map(damaged.map((one) => [one.receipt.shard, one]));
    this.#describeIfWhole();
  }

  /** Of the shards that are part of it: 0 … n − 1. */
  get receipts(): readonly ShardReceipt[] {
    return this.#receipts;
  }

  /** Shards that must be made again and repaired before any is committed. */
  get damaged(): readonly DamagedShard[] {
    return [...this.#damaged.values()];
  }

  /**
   * Makes the next shard part of the dataset; returns once the disk has it.
   * @throws UserError if the disk refuses; what was there before stays whole
   */
  commit(receipt: ShardReceipt): void {
    const { shard, firstEpisode, firstFrame } = receipt;
    const last = this.#receipts.at(-1);
    const episodes = last === undefined ? 0 : last.firstEpisode + last.numEpisodes;
    const frames = last === undefined ? 0 : last.firstFrame + last.numFrames;
    if (shard !== this.#receipts.length || firstEpisode !== episodes || firstFrame !== frames) {
      throw new RangeError(
        `dataset: shard ${shard} begins at episode ${firstEpisode} and frame ${firstFrame}, but shard ${this.#receipts.length} is next, at ${episodes} and ${frames}`,
      );
    }
    if (this.#damaged.size > 0) throw new RangeError('dataset: repair what is damaged first');
    appendReceipt(this.folder, receipt);
    this.#receipts.push(receipt);
    for (const file of this.#listFiles(shard)) publish(file);
    this.#lerobot?.addShard(shard);
    this.#lerobot?.write(this.#receipts);
    this.#lines?.append(receipt);
    retireSpool(this.folder, shard);
  }

  /**
   * Puts a shard that was made again in the place of the damaged one.
   * @throws UserError if it has come out otherwise, or the disk refuses
   */
  repair(receipt: ShardReceipt): void {
    const damaged = this.#damaged.get(receipt.shard);
    if (damaged === undefined) throw new RangeError(`dataset: shard ${receipt.shard} is whole`);
    // As the journal has it.
    const asWritten: unknown = JSON.parse(JSON.stringify(receipt));
    if (!isDeepStrictEqual(asWritten, damaged.receipt)) throw refuseOther(this.folder, damaged);
    for (const file of this.#listFiles(receipt.shard)) {
      rmSync(file, { recursive: true, force: true });
      publish(file);
    }
    retireSpool(this.folder, receipt.shard);
    this.#damaged.delete(receipt.shard);
    this.#describeIfWhole();
  }

  /** Removes what runs leave behind that were given up, and lets others write. After the last commit. */
  close(): void {
    this.#removeStaged(this.#receipts.length);
    removeSpareSpools(this.folder);
    this.#lock.release();
  }

  /** Finishes what a killed run had begun: a shard in the journal is complete, whatever its name. */
  #recover(): void {
    this.#removeStaged(this.#receipts.length);
    rewriteJournal(this.folder, this.#receipts);
    for (const { shard } of this.#receipts) {
      retireSpool(this.folder, shard);
      for (const file of this.#listFiles(shard)) {
        // What has its name is complete; a shard that was being made again perhaps is not.
        if (existsSync(file)) rmSync(`${file}${STAGED_SUFFIX}`, { recursive: true, force: true });
        else publish(file);
      }
    }
    removeSpareSpools(this.folder);
  }

  /** What the format says of itself adds up the shards, so that it takes all of them. */
  #describeIfWhole(): void {
    if (this.#damaged.size > 0) return;
    const { format, layout } = this.#run;
    if (format === 'lerobot') {
      this.#lerobot = new LerobotIndex(this.folder, layout);
      this.#lerobot.writeTasks();
      for (const { shard } of this.#receipts) this.#lerobot.addShard(shard);
      this.#lerobot.write(this.#receipts);
    } else if (format === 'mcap') {
      this.#lines = new EpisodeLines(this.folder);
      this.#lines.write(this.#receipts);
    }
  }

  #listFiles(shard: number): readonly string[] {
    return listShardFiles(this.folder, this.#run.format, shard);
  }

  /** Files of shards from one on, which were not complete or would not be in the journal. */
  #removeStaged(firstShard: number): void {
    const keep = new Set(
      Array.from({ length: firstShard }, (_, shard) =>
        this.#listFiles(shard).map((file) => `${file}${STAGED_SUFFIX}`),
      ).flat(),
    );
    const entries = readdirSync(this.folder, { recursive: true, encoding: 'utf8' });
    for (const entry of entries) {
      const file = path.join(this.folder, entry);
      if (file.endsWith(STAGED_SUFFIX) && !keep.has(file)) {
        rmSync(file, { recursive: true, force: true });
      }
    }
  }
}

function refuseOther(folder: string, { receipt, problems }: DamagedShard): UserError {
  return new UserError({
    where: `dataset ${folder}: shard ${receipt.shard}`,
    problem: `it is damaged (${problems.join('; ')}), and made again it is another`,
    expected: `the digests in ${JOURNAL_FILE}`,
    got: 'others',
    remedy: 'Bring the files back, or begin the dataset anew in another folder.',
  });
}
