import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

export type Row = Readonly<Record<string, unknown>>;

/** All rows of the Parquet files under a folder, in the order of their names, by hyparquet. */
export async function readRows(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(folder, entry);
    if (!entry.endsWith('.parquet') || statSync(file).isDirectory()) continue;
    rows.push(
      ...(await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors })),
    );
  }
  return rows;
}

/** Asks DuckDB; numbers of 64 bits as numbers. */
export async function query(sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    return rows;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
