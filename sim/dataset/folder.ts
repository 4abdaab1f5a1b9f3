import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { onDisk, STAGED_SUFFIX } from './files.ts';
import { LOCK_FILE, RUN_FILE } from './layout-paths.ts';

/**
 * Looks whether a dataset may be begun or gone on with in a folder, and changes nothing.
 * @throws UserError if it cannot be written, or holds something else
 */
export function assertUsable(folder: string, { resume }: { readonly resume: boolean }): void {
  if (!isDataset(folder) || !resume) assertEmpty(folder);
  onDisk(folder, 'cannot be written', () => {
    let existing = path.resolve(folder);
    while (!existsSync(existing)) existing = path.dirname(existing);
    // With the slash a file is refused, too.
    accessSync(`${existing}/`, constants.W_OK);
  });
}

/** Whether a run has begun a dataset there. */
export function isDataset(folder: string): boolean {
  return existsSync(path.join(folder, RUN_FILE));
}

function assertEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  const isFolder = statSync(folder).isDirectory();
  const entries = isFolder ? onDisk(folder, 'cannot be read', () => listFiles(folder)) : ['a file'];
  if (entries.length === 0) return;
  const isOne = isDataset(folder);
  throw new UserError({
    where: `dataset ${folder}`,
    problem: isOne ? 'there is a dataset in it already' : 'there is something else in it',
    expected: 'a new or an empty folder',
    got: entries.slice(0, 5).join(', '),
    remedy: isOne ? 'Go on with it by --resume, or choose another.' : 'Choose another.',
  });
}

/** What is in a folder, but for folders, locks, and what a killed run had staged. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.endsWith(STAGED_SUFFIX))
    .filter((entry) => !isLock(folder, path.join(entry.parentPath, entry.name)))
    .map((entry) => entry.name);
}

function isLock(folder: string, file: string): boolean {
  return path.relative(folder, file).startsWith(LOCK_FILE);
}
