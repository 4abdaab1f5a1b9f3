import {
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';

/** Ends the name of a file that is not, or not yet, there to be read. */
export const STAGED_SUFFIX = '.part';

const REMEDIES: Readonly<Record<string, readonly [expected: string, remedy: string]>> = {
  EEXIST: ['a new name', 'Choose another folder.'],
  EACCES: ['a folder that may be written', 'Change its permissions or choose another folder.'],
  EPERM: ['a folder that may be written', 'Change its permissions or choose another folder.'],
  EROFS: ['a file system that may be written', 'Choose a folder on another file system.'],
  ENOTDIR: ['folders along the path', 'Choose a path whose parents are folders.'],
  ENOSPC: ['free space on the disk', 'Free some space, then go on with --resume.'],
  EDQUOT: ['room in the disk quota', 'Free some space, then go on with --resume.'],
  EFBIG: ['files that may grow', 'Raise the limit on file sizes, then go on with --resume.'],
};

/** Codes of what is not the input's fault. */
const MACHINE = ['ENOSPC', 'EDQUOT', 'EIO'];

/** What the file system refused, for the user; passes on what is none of its errors. */
export function describeDiskError(file: string, problem: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (typeof code !== 'string') return cause;
  const [expected, remedy] = REMEDIES[code] ?? ['a file system that works', 'Check the disk.'];
  return new UserError({
    where: file,
    problem,
    expected,
    // Node's messages begin with the code; those of others may not.
    got: message.startsWith(code) ? message : `${code}: ${message}`,
    remedy: `${remedy} What was complete before is kept`,
    ...(MACHINE.includes(code) && { fault: 'machine' }),
    cause,
  });
}

/** A file that can be read and is not what it should be. @param cause what whoever read it threw */
export function describeDamage(
  file: string,
  { expected, remedy, cause }: { expected: string; remedy: string; cause: unknown },
): UserError {
  return new UserError({
    where: `dataset ${file}`,
    problem: 'the file cannot be read',
    expected,
    got: cause instanceof Error ? cause.message : String(cause),
    remedy,
    cause,
  });
}

/** Calls the file system; its errors become the user's. */
export function onDisk<T>(file: string, problem: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw describeDiskError(file, problem, cause);
  }
}

/** As `onDisk`, for what takes its time. */
async function onDiskLater<T>(file: string, problem: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw describeDiskError(file, problem, cause);
  }
}

/** @throws UserError where the folder, or one above it, cannot be made */
export function makeFolders(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    const { path: refused = folder } = cause as NodeJS.ErrnoException;
    throw describeDiskError(refused, 'the folder cannot be made', cause);
  }
}

/** What Linux takes in one call. */
const MAX_PIECES = 1024;

/** A file under a name that no reader looks for, until it is complete and published. */
export class StagedFile {
  readonly #staged: string;
  readonly #handle: Promise<FileHandle>;
  #size = 0;
  /** What is to be written next. */
  #pieces: Uint8Array[] = [];
  /** What is on its way, one call after the other. */
  #writing: Promise<void>;

  /** @param file its name once it is published */
  constructor(file: string) {
    this.#staged = `${file}${STAGED_SUFFIX}`;
    makeFolders(path.dirname(file));
    this.#handle = onDiskLater(this.#staged, 'cannot be made', () => open(this.#staged, 'w'));
    this.#writing = this.#handle.then(() => {});
    this.#writing.catch(() => {});
  }

  /** [bytes] given to it so far */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes pieces one after the other, in as few calls as they allow. Returns once they are written, until when they must
   * stay as they are; whoever does not wait for it is told by `end`.
   */
  write(pieces: readonly Uint8Array[]): Promise<void> {
    this.#size += computeLength(pieces);
    for (const piece of pieces) this.#pieces.push(piece);
    this.#writing = this.#writing.then(() => this.#flush());
    this.#writing.catch(() => {});
    return this.#writing;
  }

  /** After the last `write`. Returns once all is written; the thread is free meanwhile. */
  async end(): Promise<void> {
    await this.#writing;
  }

  /** After `end`. Returns once the disk has it; the thread is free meanwhile. */
  async sync(): Promise<void> {
    await onDiskLater(this.#staged, 'cannot be synced', async () => {
      const handle = await this.#handle;
      await handle.sync();
      await handle.close();
    });
  }

  /** Removes it, which makes room where the disk is full. Harmless after `sync`. */
  async discard(): Promise<void> {
    try {
      await this.#writing.catch(() => {});
      await (await this.#handle).close();
    } catch {
      // It was closed already, or the device is gone: the error that led here is the one to report.
    }
    rmSync(this.#staged, { force: true });
  }

  async #flush(): Promise<void> {
    while (this.#pieces.length > 0) await this.#writeSome(this.#pieces.splice(0, MAX_PIECES));
  }

  async #writeSome(pieces: readonly Uint8Array[]): Promise<void> {
    const handle = await this.#handle;
    await onDiskLater(this.#staged, 'cannot be written', async () => {
      let { bytesWritten: written } = await handle.writev(pieces);
      if (written === computeLength(pieces)) return;
      // The rare short write: the rest from one piece, until it is all there or the disk says why not.
      const bytes = Buffer.concat(pieces);
      while (written < bytes.length) {
        written += (await handle.write(bytes, written)).bytesWritten;
      }
    });
  }
}

/** [bytes] of all of them */
function computeLength(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** Gives a staged file or folder its name. Does nothing where that was done before. */
export function publish(file: string): void {
  const staged = `${file}${STAGED_SUFFIX}`;
  if (statSync(staged, { throwIfNoEntry: false }) === undefined) return;
  onDisk(file, 'cannot be renamed', () => renameSync(staged, file));
  syncFolder(path.dirname(file));
}

/** Puts a small file in the place of another: readers see the old one or the new one, whole. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  makeFolders(path.dirname(file));
  const staged = `${file}${STAGED_SUFFIX}`;
  onDisk(file, 'cannot be written', () => {
    try {
      const descriptor = openSync(staged, 'w');
      try {
        writeFileSync(descriptor, content);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(staged, file);
    } catch (error) {
      rmSync(staged, { force: true });
      throw error;
    }
  });
  syncFolder(path.dirname(file));
}

/** Adds lines at the end of a file; returns once the disk has them. */
export function appendLines(file: string, text: string): void {
  makeFolders(path.dirname(file));
  onDisk(file, 'cannot be written', () => {
    const descriptor = openSync(file, 'a');
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** A new name is only on the disk once its folder is. */
function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch {
    // Some file systems sync no folders; their renames are as safe as they get.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
