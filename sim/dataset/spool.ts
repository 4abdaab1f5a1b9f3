import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  writevSync,
} from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { computeEpisodeDigest, RECORD_ARRAYS } from '../episode/digest.ts';
import type { Shard } from '../episode/plan.ts';
import type { EpisodeRecord } from '../episode/record.ts';
import { makeFolders, onDisk } from './files.ts';
import { getSpoolFile } from './layout-paths.ts';

/** What stands before the arrays of an episode: structured clone, which keeps every bit of the numbers. */
interface Header extends Pick<EpisodeRecord, 'index' | 'summary' | 'numFrames'> {
  readonly digest: string;
  /** Of the arrays. */
  readonly lengths: readonly number[];
}

/** What the digest does not cover comes first: where the rest is whole, so is it. */
const SPOOL_ARRAYS = ['pose', ...RECORD_ARRAYS] as const;

/** [bytes] how long the header is, before it */
const PREFIX_BYTES = 4;

/**
 * Keeps the episodes of a shard as they end, until the shard is complete and all of them are part of the dataset. What
 * a process has written is there when it is killed, so that no episode that had ended is simulated again; nothing is
 * synced, so that what the machine loses with its power is.
 */
export class EpisodeSpool {
  readonly #file: string;
  readonly #shard: Shard;
  readonly #descriptor: number;
  /** [bytes] whole episodes */
  #size = 0;

  constructor(folder: string, shard: Shard) {
    this.#file = path.join(folder, getSpoolFile(shard.index));
    this.#shard = shard;
    makeFolders(path.dirname(this.#file));
    if (!existsSync(this.#file)) takeSpare(this.#file);
    const flags = constants.O_RDWR | constants.O_CREAT;
    this.#descriptor = onDisk(this.#file, 'cannot be made', () => openSync(this.#file, flags));
  }

  /**
   * The episodes that an earlier process left, each once. What is cut off, damaged or of another shard, and all behind
   * it, counts for nothing; the next episodes are written over it. Before the first `append`.
   */
  *recover(): Generator<{ readonly record: EpisodeRecord; readonly digest: string }> {
    const { firstEpisode, numEpisodes } = this.#shard;
    const seen = new Set<number>();
    for (const found of readEpisodes({ file: this.#file, descriptor: this.#descriptor })) {
      const { index } = found.record;
      if (index < firstEpisode || index >= firstEpisode + numEpisodes) return;
      this.#size += found.size;
      if (!seen.has(index)) yield found;
      seen.add(index);
    }
  }

  /** Writes an episode behind those that are there. */
  append(record: EpisodeRecord, digest: string): void {
    const { index, summary, numFrames } = record;
    const lengths = SPOOL_ARRAYS.map((name) => record[name].length);
    const header = serialize({ index, summary, numFrames, digest, lengths } satisfies Header);
    const prefix = new Uint8Array(Uint32Array.of(header.length).buffer);
    const arrays = SPOOL_ARRAYS.map((name) => viewBytes(record[name]));
    const pieces = [prefix, header, ...arrays];
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    onDisk(this.#file, 'cannot be written', () => {
      let written = writevSync(this.#descriptor, pieces, this.#size);
      while (written < length) {
        // The rare short write: the rest, until it is all there or the disk says why not.
        const rest = Buffer.concat(pieces).subarray(written);
        written += writevSync(this.#descriptor, [rest], this.#size + written);
      }
    });
    this.#size += length;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Episodes of shards that are not complete, each once, which wait for whoever resumes. Only reads; where a process
 * writes there may be more in the next moment.
 * @param firstEpisode the first that is not part of the dataset; what is below is left of a shard that is
 */
export function* readUnderWay(folder: string, firstEpisode: number): Generator<SpooledEpisode> {
  const parent = path.join(folder, path.dirname(getSpoolFile(0)));
  if (!existsSync(parent)) return;
  const names = onDisk(parent, 'cannot be read', () => readdirSync(parent));
  const seen = new Set<number>();
  for (const name of names.filter((one) => !one.endsWith(SPARE))) {
    const file = path.join(parent, name);
    const descriptor = onDisk(file, 'cannot be read', () => openSync(file, constants.O_RDONLY));
    try {
      for (const found of readEpisodes({ file, descriptor })) {
        const { index } = found.record;
        if (index < firstEpisode) break;
        if (!seen.has(index)) yield found;
        seen.add(index);
      }
    } finally {
      closeSync(descriptor);
    }
  }
}

interface SpoolFile {
  readonly file: string;
  readonly descriptor: number;
}

export interface SpooledEpisode {
  readonly record: EpisodeRecord;
  readonly digest: string;
  /** [bytes] that it takes */
  readonly size: number;
}

/** From the beginning up to the first that is not whole. */
function* readEpisodes(spool: SpoolFile): Generator<SpooledEpisode> {
  let at = 0;
  for (let found = readEpisode(spool, at); found !== undefined; found = readEpisode(spool, at)) {
    at += found.size;
    yield found;
  }
}

/** @param start [bytes] */
function readEpisode(spool: SpoolFile, start: number): SpooledEpisode | undefined {
  const left = fstatSync(spool.descriptor).size - start;
  if (left < PREFIX_BYTES) return undefined;
  const prefix = readBytes(spool, start, PREFIX_BYTES);
  const [headerBytes = 0] = new Uint32Array(prefix.buffer);
  if (left < PREFIX_BYTES + headerBytes) return undefined;
  const header = parseHeader(readBytes(spool, start + PREFIX_BYTES, headerBytes));
  if (header === undefined) return undefined;
  const { digest, lengths, ...rest } = header;
  let at = start + PREFIX_BYTES + headerBytes;
  const size = SPOOL_ARRAYS.reduce((sum, name, k) => sum + getWidth(name) * lengths[k]!, 0);
  if (left < at - start + size) return undefined;
  const arrays = SPOOL_ARRAYS.map((name, k) => {
    const bytes = readBytes(spool, at, getWidth(name) * lengths[k]!);
    at += bytes.length;
    return [name, getWidth(name) === 1 ? bytes : new Float32Array(bytes.buffer)] as const;
  });
  const record = { ...rest, ...Object.fromEntries(arrays) } as EpisodeRecord;
  if (computeEpisodeDigest(record) !== digest) return undefined;
  return { record, digest, size: at - start };
}

function readBytes(spool: SpoolFile, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  onDisk(spool.file, 'cannot be read', () => {
    for (let done = 0; done < length; ) {
      done += readSync(spool.descriptor, bytes, done, length - done, position + done);
    }
  });
  return bytes;
}

/**
 * Once the shard is part of the dataset: the next shard's spool is written over this one. Where the system has the
 * pages of a file in memory already, writing costs a fifth or less.
 */
export function retireSpool(folder: string, shard: number): void {
  const file = path.join(folder, getSpoolFile(shard));
  if (existsSync(file))
    onDisk(file, 'cannot be renamed', () => renameSync(file, `${file}${SPARE}`));
}

/** When nobody writes to the dataset. Spools of shards that are not complete stay, others go. */
export function removeSpareSpools(folder: string): void {
  const parent = path.join(folder, path.dirname(getSpoolFile(0)));
  if (!existsSync(parent)) return;
  const names = readdirSync(parent);
  const spare = names.filter((name) => name.endsWith(SPARE));
  for (const name of spare) rmSync(path.join(parent, name), { force: true });
  if (spare.length === names.length) rmdirSync(parent);
}

const SPARE = '.spare';

/** Another thread may be faster. */
function takeSpare(file: string): void {
  const parent = path.dirname(file);
  for (const name of readdirSync(parent)) {
    if (!name.endsWith(SPARE)) continue;
    try {
      renameSync(path.join(parent, name), file);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function parseHeader(bytes: Uint8Array): Header | undefined {
  try {
    return deserialize(bytes) as Header;
  } catch {
    return undefined;
  }
}

/** [bytes] of a number */
function getWidth(name: (typeof SPOOL_ARRAYS)[number]): number {
  return name === 'controller' ? 1 : 4;
}

function viewBytes(array: Float32Array | Uint8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
