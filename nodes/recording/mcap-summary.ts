import { crc32 } from 'node:zlib';
import {
  type AttachmentIndex,
  type Channel,
  type ChunkIndex,
  McapRecordBuilder,
  type MetadataIndex,
  Opcode,
  type Schema,
  type Statistics,
  type SummaryOffset,
} from '@mcap/core';

/** [byte] of a footer record before its checksum: opcode, length, two offsets */
const FOOTER_HEAD_BYTES = 1 + 8 + 8 + 8;

/** Collects what the end of an MCAP file says about the rest of it. */
export class McapSummary {
  readonly schemas: Schema[] = [];
  readonly channels: Channel[] = [];
  readonly statistics: Statistics = {
    messageCount: 0n,
    schemaCount: 0,
    channelCount: 0,
    attachmentCount: 0,
    metadataCount: 0,
    chunkCount: 0,
    messageStartTime: 0n,
    messageEndTime: 0n,
    channelMessageCounts: new Map(),
  };
  /** Indexes are serialised as they come: a chunk costs about 80 bytes and 10 per topic in it. */
  readonly #chunkIndexes = new McapRecordBuilder();
  readonly #attachmentIndexes = new McapRecordBuilder();
  readonly #metadataIndexes = new McapRecordBuilder();

  /** The schema of a type, made with the next id at the first asking. */
  getSchema(type: string, makeData: () => Uint8Array): Schema {
    let schema = this.schemas.find(({ name }) => name === type);
    if (schema === undefined) {
      // Id 0 means "no schema" in MCAP.
      schema = {
        id: ++this.statistics.schemaCount,
        name: type,
        encoding: 'ros2msg',
        data: makeData(),
      };
      this.schemas.push(schema);
    }
    return schema;
  }

  addChannel(channel: Omit<Channel, 'id'>): Channel {
    const complete = { ...channel, id: this.statistics.channelCount++ };
    this.channels.push(complete);
    return complete;
  }

  /** Counts a message and returns its number on its channel, from 0. */
  countMessage(channelId: number, logTimeNs: bigint): bigint {
    const { statistics } = this;
    const isFirst = statistics.messageCount++ === 0n;
    if (isFirst || logTimeNs < statistics.messageStartTime) statistics.messageStartTime = logTimeNs;
    if (isFirst || logTimeNs > statistics.messageEndTime) statistics.messageEndTime = logTimeNs;
    const count = statistics.channelMessageCounts.get(channelId) ?? 0n;
    statistics.channelMessageCounts.set(channelId, count + 1n);
    return count;
  }

  addChunk(index: ChunkIndex): void {
    this.statistics.chunkCount++;
    this.#chunkIndexes.writeChunkIndex(index);
  }

  addAttachment(index: AttachmentIndex): void {
    this.statistics.attachmentCount++;
    this.#attachmentIndexes.writeAttachmentIndex(index);
  }

  addMetadata(index: MetadataIndex): void {
    this.statistics.metadataCount++;
    this.#metadataIndexes.writeMetadataIndex(index);
  }

  /**
   * The file from its data's end on: summary, summary offsets, footer, magic.
   * @param startByte where in the file it will stand
   */
  render(startByte: bigint): Uint8Array {
    const parts: Uint8Array[] = [];
    const groups: SummaryOffset[] = [];
    let end = startByte;
    const add = (groupOpcode: Opcode, bytes: Uint8Array) => {
      if (bytes.length === 0) return;
      const groupLength = BigInt(bytes.length);
      groups.push({ groupOpcode, groupStart: end, groupLength });
      parts.push(bytes);
      end += groupLength;
    };
    add(
      Opcode.SCHEMA,
      render((out) => {
        for (const schema of this.schemas) out.writeSchema(schema);
      }),
    );
    add(
      Opcode.CHANNEL,
      render((out) => {
        for (const channel of this.channels) out.writeChannel(channel);
      }),
    );
    add(
      Opcode.STATISTICS,
      render((out) => out.writeStatistics(this.statistics)),
    );
    add(Opcode.METADATA_INDEX, this.#metadataIndexes.buffer);
    add(Opcode.ATTACHMENT_INDEX, this.#attachmentIndexes.buffer);
    add(Opcode.CHUNK_INDEX, this.#chunkIndexes.buffer);
    const offsets = render((out) => {
      for (const group of groups) out.writeSummaryOffset(group);
    });
    parts.push(offsets);
    return Buffer.concat([...parts, renderFooter(parts, startByte, end)]);
  }
}

/** Footer and magic. The checksum covers the summary and the footer's own head. */
function renderFooter(
  parts: readonly Uint8Array[],
  start: bigint,
  offsetStart: bigint,
): Uint8Array {
  const fields = { summaryStart: start, summaryOffsetStart: offsetStart };
  const head = render((out) => out.writeFooter({ ...fields, summaryCrc: 0 }));
  const covered = [...parts, head.subarray(0, FOOTER_HEAD_BYTES)];
  const summaryCrc = covered.reduce((crc, bytes) => crc32(bytes, crc), 0);
  return render((out) => {
    out.writeFooter({ ...fields, summaryCrc });
    out.writeMagic();
  });
}

function render(write: (out: McapRecordBuilder) => void): Uint8Array {
  const out = new McapRecordBuilder();
  write(out);
  return out.buffer;
}
