import { readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { appendLines, onDisk, replaceFile } from './files.ts';
import { JOURNAL_FILE } from './layout-paths.ts';
import type { ShardReceipt } from './shard-writer.ts';

/**
 * Receipts of all shards of a dataset, in order. A last line without its end, which a killed process leaves, is as
 * if it were not there.
 * @throws UserError where another line is damaged, or shards are missing
 */
export function readJournal(folder: string): ShardReceipt[] {
  const file = path.join(folder, JOURNAL_FILE);
  const text = onDisk(file, 'cannot be read', () => readIfThere(file));
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, shard) => {
    const receipt = parseReceipt(line);
    if (receipt?.shard === shard) return receipt;
    throw new UserError({
      where: `dataset ${file}, line ${shard + 1}`,
      problem: 'the journal is damaged',
      expected: `the receipt of shard ${shard}`,
      got: line.slice(0, 80),
      remedy: 'Cut the file before this line and resume: the shards from there on are made again.',
    });
  });
}

/** Returns once the disk has it. */
export function appendReceipt(folder: string, receipt: ShardReceipt): void {
  appendLines(path.join(folder, JOURNAL_FILE), `${JSON.stringify(receipt)}\n`);
}

/** Writes the journal anew, without the line that was cut short. */
export function rewriteJournal(folder: string, receipts: readonly ShardReceipt[]): void {
  const lines = receipts.map((receipt) => `${JSON.stringify(receipt)}\n`);
  replaceFile(path.join(folder, JOURNAL_FILE), lines.join(''));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function parseReceipt(line: string): ShardReceipt | undefined {
  try {
    return JSON.parse(line) as ShardReceipt;
  } catch {
    return undefined;
  }
}
