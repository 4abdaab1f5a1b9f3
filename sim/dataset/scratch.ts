import { closeSync, openSync, readSync, rmSync, writevSync } from 'node:fs';
import path from 'node:path';
import type { EpisodeRecord } from '../episode/record.ts';
import { makeFolders, onDisk } from './files.ts';
import type { FrameFeature } from './frame-features.ts';

/** Where an episode lies in the scratch file. */
export interface StoredEpisode {
  /** [bytes] from the beginning of the file to each feature, then to `controller` */
  readonly offsets: readonly number[];
  readonly numFrames: number;
}

/**
 * The frames of a shard's episodes while the shard is simulated, in a file that is thrown away: they end in any
 * order and are written in theirs, and in memory they would take hundreds of megabytes per worker.
 */
export class Scratch {
  readonly #path: string;
  readonly #features: readonly FrameFeature[];
  readonly #descriptor: number;
  #size = 0;
  #isOpen = true;

  constructor(file: string, features: readonly FrameFeature[]) {
    this.#path = file;
    this.#features = features;
    makeFolders(path.dirname(file));
    this.#descriptor = onDisk(file, 'cannot be made', () => openSync(file, 'w+'));
  }

  /** Copies the frames of an episode, without the final rows. */
  store(record: EpisodeRecord): StoredEpisode {
    const { numFrames, controller } = record;
    const parts = this.#features.map(({ source, width }) =>
      viewBytes(record[source].subarray(0, numFrames * width)),
    );
    parts.push(controller.subarray(0, numFrames));
    const offsets: number[] = [];
    let end = this.#size;
    for (const part of parts) {
      offsets.push(end);
      end += part.byteLength;
    }
    onDisk(this.#path, 'cannot be written', () => this.#write(parts, end - this.#size));
    this.#size = end;
    return { offsets, numFrames };
  }

  /**
   * Reads rows of one feature.
   * @param out [at + numRows, width] or longer; filled from row `at` on
   */
  read(
    out: Float32Array,
    at: number,
    episode: StoredEpisode,
    { feature, firstRow, numRows }: { feature: number; firstRow: number; numRows: number },
  ): void {
    const { width } = this.#features[feature]!;
    const bytes = viewBytes(out.subarray(at * width, (at + numRows) * width));
    this.#read(bytes, episode.offsets[feature]! + firstRow * width * 4);
  }

  /** As `read`, of who was in control. */
  readController(
    out: Uint8Array,
    at: number,
    episode: StoredEpisode,
    { firstRow, numRows }: { firstRow: number; numRows: number },
  ): void {
    this.#read(out.subarray(at, at + numRows), episode.offsets.at(-1)! + firstRow);
  }

  /** Closes and removes the file. Harmless when called again. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#descriptor);
    rmSync(this.#path, { force: true });
  }

  #write(parts: readonly Uint8Array[], length: number): void {
    const written = writevSync(this.#descriptor, [...parts], this.#size);
    if (written === length) return;
    // The rare short write: once more, from one piece, until it is all there or the disk says why not.
    const rest = Buffer.concat(parts).subarray(written);
    for (let at = 0; at < rest.length; ) {
      at += writevSync(this.#descriptor, [rest.subarray(at)], this.#size + written + at);
    }
  }

  #read(bytes: Uint8Array, position: number): void {
    onDisk(this.#path, 'cannot be read', () => {
      for (let at = 0; at < bytes.length; ) {
        const numRead = readSync(this.#descriptor, bytes, at, bytes.length - at, position + at);
        if (numRead === 0) {
          throw Object.assign(new Error('the file has been cut short'), { code: 'EIO' });
        }
        at += numRead;
      }
    });
  }
}

function viewBytes(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
