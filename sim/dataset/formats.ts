import { FlatFormat } from './flat-format.ts';
import { LerobotFormat } from './lerobot-format.ts';
import { McapFormat } from './mcap-format.ts';
import { BufferedShardWriter, type ShardFormat } from './shard-buffer.ts';
import type { DatasetFormat, ShardWriterFactory } from './shard-writer.ts';

type MakeFormat = (...given: Parameters<ShardWriterFactory>) => ShardFormat;

const FORMATS: Readonly<Record<DatasetFormat, MakeFormat>> = {
  lerobot: (layout, folder, shard) => new LerobotFormat(layout, folder, shard),
  parquet: (_layout, folder, shard) => new FlatFormat(folder, shard),
  mcap: (_layout, folder, shard) => new McapFormat(folder, shard),
};

/** What writes the shards of a format. */
export function getShardWriterFactory(format: DatasetFormat): ShardWriterFactory {
  return (layout, folder, shard) =>
    new BufferedShardWriter(layout, folder, shard, FORMATS[format](layout, folder, shard));
}
