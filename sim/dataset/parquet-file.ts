import { readFileSync } from 'node:fs';
import { type RecordBatch, Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import * as parquet from 'parquet-wasm';
import { describeDamage, onDisk } from './files.ts';

/** A small table as a Parquet file of one row group. */
export function encodeParquet(batch: RecordBatch): Uint8Array {
  const table = parquet.Table.fromIPCStream(tableToIPC(new Table([batch]), 'stream'));
  const properties = new parquet.WriterPropertiesBuilder()
    .setCreatedBy('zerogap')
    .setCompression(parquet.Compression.SNAPPY)
    // A table of episodes is numbers that hardly repeat: dictionaries of them take eight times as long.
    .setDictionaryEnabled(false)
    .setStatisticsEnabled(parquet.EnabledStatistics.Chunk)
    .build();
  return parquet.writeParquet(table, properties);
}

/**
 * Reads some columns of a Parquet file.
 * @throws UserError if it cannot be read, is no Parquet file or is damaged
 */
export function readParquet(file: string, columns?: readonly string[]): Table {
  const bytes = onDisk(file, 'cannot be read', () => readFileSync(file));
  try {
    const options = columns === undefined ? undefined : { columns: [...columns] };
    return tableFromIPC(parquet.readParquet(bytes, options).intoIPCStream());
  } catch (cause) {
    throw describeDamage(file, {
      expected: 'a Parquet file as this program writes it',
      remedy: 'The file is damaged: record the dataset again.',
      cause,
    });
  }
}
