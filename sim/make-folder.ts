import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and what is missing above it, one level at a time: where a file system allows none
 * (/proc), Node's own recursive mkdir never returns.
 * @throws the file system's error
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  let existing = path.resolve(folder);
  while (statSync(existing, { throwIfNoEntry: false }) === undefined) {
    missing.push(existing);
    existing = path.dirname(existing);
  }
  for (const one of missing.reverse()) {
    try {
      mkdirSync(one);
    } catch (error) {
      // Another process may have made it in between.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
