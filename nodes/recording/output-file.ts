import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../sim/errors.ts';
import { makeFolder } from '../../sim/make-folder.ts';

/** A file that only grows, by whole records: after a failed write it ends with the last complete one. */
export class OutputFile {
  readonly path: string;
  readonly #descriptor: number;
  #size = 0;

  /** Makes the folder and the file. @throws UserError if they cannot be made, or the file exists */
  constructor(filePath: string) {
    this.path = filePath;
    try {
      makeFolder(path.dirname(filePath));
      this.#descriptor = openSync(filePath, 'wx');
    } catch (cause) {
      throw describeFileError(filePath, 'cannot be made', cause);
    }
  }

  /** [byte] written so far */
  get size(): number {
    return this.#size;
  }

  /** Hands all bytes to the operating system before it returns. @throws UserError if it cannot */
  write(bytes: Uint8Array): void {
    let written = 0;
    try {
      while (written < bytes.length) {
        const length = bytes.length - written;
        written += writeSync(this.#descriptor, bytes, written, length, this.#size + written);
      }
    } catch (cause) {
      this.#cut();
      throw describeFileError(this.path, 'cannot be written', cause);
    }
    this.#size += bytes.length;
  }

  /** @throws UserError if the file system has lost what it took before, as network ones may */
  close(): void {
    try {
      closeSync(this.#descriptor);
    } catch (cause) {
      throw describeFileError(this.path, 'cannot be closed', cause);
    }
  }

  #cut(): void {
    try {
      ftruncateSync(this.#descriptor, this.#size);
    } catch {
      // The device is gone; the error that led here is the one to report.
    }
  }
}

const REMEDIES: Readonly<Record<string, readonly [expected: string, remedy: string]>> = {
  EEXIST: ['a new name', 'Choose another name, or remove what is there.'],
  EACCES: ['a folder that may be written', 'Change its permissions or choose another folder.'],
  EPERM: ['a folder that may be written', 'Change its permissions or choose another folder.'],
  EROFS: ['a file system that may be written', 'Choose a folder on another file system.'],
  ENOTDIR: ['folders along the path', 'Choose a path whose parents are folders.'],
  ENOSPC: ['free space on the disk', 'Free some space or choose another disk.'],
  EDQUOT: ['room in the disk quota', 'Free some space or choose another disk.'],
};

function describeFileError(filePath: string, problem: string, cause: unknown): UserError {
  const { code = 'unknown', message = String(cause) } = cause as NodeJS.ErrnoException;
  const [expected, remedy] = REMEDIES[code] ?? ['a writable file', 'Choose another path.'];
  return new UserError({
    where: `recording ${filePath}`,
    problem,
    expected,
    // Node's messages begin with the code; those of others may not.
    got: message.startsWith(code) ? message : `${code}: ${message}`,
    remedy,
    cause,
  });
}
