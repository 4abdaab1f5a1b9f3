import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { makeFolders, onDisk } from './dataset/files.ts';
import { UserError } from './errors.ts';

/** Who writes to a folder; JSON in the lock file. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as its machine counts: a number that is used again is another process. Linux alone. */
  readonly started: string | undefined;
}

export interface LockedFolder {
  readonly folder: string;
  /** Inside, there while a process writes. */
  readonly lockFile: string;
  /** What the folder is, for messages: `dataset` */
  readonly what: string;
}

/** The right to write to a folder, until it is released or the process is gone. */
export interface FolderLock {
  release(): void;
}

/**
 * Makes this process the only one that writes to a folder. The lock of a process that is gone does not count.
 * @throws UserError that names the process that has it, or the file system's refusal
 */
export function lockFolder(locked: LockedFolder): FolderLock {
  const file = path.join(locked.folder, locked.lockFile);
  makeFolders(path.dirname(file));
  if (!create(file, describeSelf())) {
    assertGone(locked, file);
    takeOver(locked, file);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  return {
    release() {
      process.off('exit', release);
      release();
    },
  };
}

/** Two that find the same dead lock: one at a time may remove it, and only while it is dead still. */
function takeOver(locked: LockedFolder, file: string): void {
  const turn = `${file}.taking-over`;
  if (!create(turn, describeSelf())) {
    assertGone(locked, turn);
    throw refuse(locked, turn, `one that ended while it took the ${locked.what} over`);
  }
  try {
    assertGone(locked, file);
    rmSync(file, { force: true });
    // One that found no lock at all came first.
    if (!create(file, describeSelf())) throw refuse(locked, file, 'another process');
  } finally {
    rmSync(turn, { force: true });
  }
}

/**
 * A lock is there with all that it says, or not at all: it is written under a name of its own, and linked.
 * @returns false if there is one already
 */
function create(file: string, content: string): boolean {
  const own = `${file}.${process.pid}`;
  return onDisk(file, 'cannot be made', () => {
    try {
      writeFileSync(own, content);
      linkOrWrite(own, file, content);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(own, { force: true });
    }
  });
}

/** Some file systems have no links; there, who looks at the wrong moment sees a lock that says nothing yet. */
function linkOrWrite(own: string, file: string, content: string): void {
  try {
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    writeFileSync(file, content, { flag: 'wx' });
  }
}

function assertGone(locked: LockedFolder, file: string): void {
  const holder = readHolder(file);
  if (holder === undefined) return;
  const { pid, host } = holder;
  if (host !== hostname()) throw refuse(locked, file, `process ${pid} of machine '${host}'`);
  if (!isRunning(holder)) return;
  throw refuse(locked, file, `process ${pid}`);
}

function isRunning({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user is one, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return started === undefined || readStart(pid) === started;
}

/** Undefined where nobody has it, or what is there says nothing. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function describeSelf(): string {
  const holder: Holder = { pid: process.pid, host: hostname(), started: readStart(process.pid) };
  return `${JSON.stringify(holder)}\n`;
}

/**
 * Clock ticks since the machine started, field 22 of proc(5); counted behind the name, which may hold anything. Of one that has
 * ended, and that nobody has asked about yet, undefined.
 */
function readStart(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function refuse({ folder, what }: LockedFolder, file: string, got: string): UserError {
  const since = statSync(file, { throwIfNoEntry: false })?.mtime.toISOString();
  return new UserError({
    where: `${what} ${folder}`,
    problem: 'somebody else is writing to it',
    expected: `a ${what} that nobody writes to`,
    got: since === undefined ? got : `${got}, since ${since}`,
    remedy: `Wait until it has ended, or choose another folder; if there is no such process, remove ${file}.`,
  });
}
