import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { onDisk } from './files.ts';
import { readJournal } from './journal.ts';
import { INDEX_FILES, listOlderShardFiles, listShardFiles } from './layout-paths.ts';
import { DATASET_SCHEMA, readRun } from './run-file.ts';
import { isShardStatistics } from './shard-statistics.ts';
import type { DatasetFormat, ShardReceipt } from './shard-writer.ts';

/**
 * What is wrong with the files of a dataset: missing, of another size than when they were written, or cut off.
 * Looks at names, sizes and the ends of files, not at what is between, but for statistics, which it reads.
 */
export function checkFiles(folder: string): string[] {
  const { format, schema } = readRun(folder);
  const list = schema === DATASET_SCHEMA ? listShardFiles : listOlderShardFiles;
  const journal = readJournal(folder);
  return [
    ...journal.flatMap((receipt) =>
      checkListed(folder, list(folder, format, receipt.shard), receipt),
    ),
    ...(format === 'lerobot' && journal.length > 0 ? checkIndex(folder) : []),
  ];
}

/** What LeRobot opens first. */
function checkIndex(folder: string): string[] {
  return INDEX_FILES.flatMap((name) => {
    const file = path.join(folder, name);
    if (statSync(file, { throwIfNoEntry: false }) === undefined) {
      return `${name} is missing: --resume makes it again`;
    }
    const isWhole = name.endsWith('.parquet') ? isParquet(file) : isJson(file);
    return isWhole ? [] : `${name} is damaged: --resume makes it again`;
  });
}

function isJson(file: string): boolean {
  const text = onDisk(file, 'cannot be read', () => readFileSync(file, 'utf8'));
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As `checkFiles`, of one shard. */
export function checkShardFiles(
  folder: string,
  format: DatasetFormat,
  receipt: ShardReceipt,
): string[] {
  return checkListed(folder, listShardFiles(folder, format, receipt.shard), receipt);
}

function checkListed(folder: string, files: readonly string[], { bytes }: ShardReceipt): string[] {
  const missing = files.filter((file) => statSync(file, { throwIfNoEntry: false }) === undefined);
  if (missing.length > 0) return missing.map((file) => `${show(folder, file)} is missing`);
  const damaged = files.flatMap((file) => {
    if (file.endsWith('.parquet') && !isParquet(file))
      return `${show(folder, file)} is no Parquet file`;
    if (file.endsWith('.jsonl') && !isShardStatistics(file))
      return `${show(folder, file)} is no statistics of a shard`;
    return [];
  });
  if (damaged.length > 0) return damaged;
  const size = files.reduce((sum, file) => sum + measure(file), 0);
  if (size === bytes) return [];
  const names = files.map((file) => show(folder, file)).join(', ');
  return [`${names}: ${size} bytes, ${bytes} when they were written`];
}

function show(folder: string, file: string): string {
  return path.relative(folder, file);
}

/** [bytes] of a file, or of all files in a folder */
function measure(file: string): number {
  const stats = statSync(file);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(file).reduce((sum, name) => sum + statSync(path.join(file, name)).size, 0);
}

/** A Parquet file begins and ends with these four letters. */
const MAGIC = 'PAR1';

function isParquet(file: string): boolean {
  return onDisk(file, 'cannot be read', () => {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(MAGIC.length);
      const isAt = (position: number) => {
        readSync(descriptor, bytes, 0, MAGIC.length, position);
        return bytes.toString('latin1') === MAGIC;
      };
      const { size } = statSync(file);
      return size >= 2 * MAGIC.length && isAt(0) && isAt(size - MAGIC.length);
    } finally {
      closeSync(descriptor);
    }
  });
}
