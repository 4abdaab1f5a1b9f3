import { crc32 } from 'node:zlib';
import { type Channel, McapChunkBuilder, McapRecordBuilder, type Schema } from '@mcap/core';
import { UserError } from '../../sim/errors.ts';
import { type Compressor, loadCompressor } from '../../sim/zstd.ts';
import { getSchemaText } from '../ros/definitions.ts';
import type { Qos } from '../ros/port.ts';
import { McapSummary } from './mcap-summary.ts';
import { OutputFile } from './output-file.ts';
import { type BagSummary, renderEmbeddedMetadata, renderQosProfiles } from './rosbag2.ts';

export interface McapWriterOptions {
  /** The file; must not exist. Its folder is made. */
  readonly path: string;
  /** Told once, when the disk takes no more; what is on disk stays readable. */
  readonly onError: (error: UserError) => void;
  /** [s] a chunk is closed when it is this old, by the machine's clock */
  readonly maxChunkAgeS?: number;
  /** [byte] or this large, before compression */
  readonly maxChunkBytes?: number;
}

export interface AttachmentFile {
  readonly name: string;
  readonly mediaType: string;
  readonly data: Uint8Array;
}

/**
 * Opens a recording in MCAP format, profile ros2.
 * @throws UserError if the file exists or cannot be made
 */
export async function openMcapWriter(options: McapWriterOptions): Promise<McapWriter> {
  return new McapWriter(options, await loadCompressor());
}

/**
 * Writes MCAP by the record and chunk builders of @mcap/core. Its ready-made McapWriter closes a
 * chunk by size alone and offers no way to close one, so a slow recording could lose minutes;
 * here a chunk is also closed by age, and handed to the operating system before the call returns:
 * a killed process loses no more than the open chunk.
 */
export class McapWriter {
  readonly path: string;
  readonly #file: OutputFile;
  readonly #compressor: Compressor;
  readonly #onError: (error: UserError) => void;
  readonly #maxChunkAgeMs: number;
  readonly #maxChunkBytes: number;
  readonly #summary = new McapSummary();
  readonly #records = new McapRecordBuilder();
  readonly #chunk = new McapChunkBuilder({ useMessageIndex: true });
  /** What the file has said already about its channels and schemas. */
  readonly #introduced = new Set<Channel | Schema>();
  #dataCrc = 0;
  /** [ms] machine time of the open chunk's first message */
  #chunkOpenedMs = 0;
  #chunkTimer: NodeJS.Timeout | undefined;
  #state: 'open' | 'failed' | 'closed' = 'open';
  #hasFailed = false;

  /** Use {@link openMcapWriter}, which loads the compressor. */
  constructor(options: McapWriterOptions, compressor: Compressor) {
    this.path = options.path;
    this.#compressor = compressor;
    this.#onError = options.onError;
    this.#maxChunkAgeMs = 1000 * (options.maxChunkAgeS ?? 0.5);
    this.#maxChunkBytes = options.maxChunkBytes ?? 1024 * 1024;
    this.#file = new OutputFile(options.path);
    this.#records.writeMagic();
    this.#records.writeHeader({ profile: 'ros2', library: 'zerogap' });
    this.#summary.addMetadata(this.#writeMetadata('rosbag2', renderEmbeddedMetadata()));
    this.#file.write(this.#takeRecords());
  }

  /** Messages taken, those in the open chunk included. */
  get numMessages(): bigint {
    return this.#summary.statistics.messageCount;
  }

  get numChunks(): number {
    return this.#summary.statistics.chunkCount;
  }

  /** [byte] on disk */
  get size(): number {
    return this.#file.size;
  }

  /** Whether the disk refused a write; what came since is lost. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Adds a topic and returns the id to write with. */
  addChannel(topic: string, type: string, offers: readonly Qos[]): number {
    const encode = () => new TextEncoder().encode(getSchemaText(type));
    return this.#summary.addChannel({
      schemaId: this.#summary.getSchema(type, encode).id,
      topic,
      messageEncoding: 'cdr',
      metadata: new Map([['offered_qos_profiles', renderQosProfiles(offers)]]),
    }).id;
  }

  /**
   * Copies a message into the open chunk.
   * @param logTimeNs when it was received
   * @param publishTimeNs when it was sent
   */
  write(channelId: number, logTimeNs: bigint, publishTimeNs: bigint, data: Uint8Array): void {
    if (this.#state !== 'open') return;
    const nowMs = performance.now();
    // The timer comes late where the event loop is busy; a message then does its work.
    if (nowMs - this.#chunkOpenedMs >= this.#maxChunkAgeMs) this.flush();
    if (this.#chunk.numMessages === 0) {
      this.#chunkOpenedMs = nowMs;
      this.#chunkTimer = setTimeout(() => this.flush(), this.#maxChunkAgeMs).unref();
    }
    this.#introduce(channelId);
    const count = this.#summary.countMessage(channelId, logTimeNs);
    const sequence = Number(BigInt.asUintN(32, count));
    const times = { logTime: logTimeNs, publishTime: publishTimeNs };
    this.#chunk.addMessage({ channelId, sequence, ...times, data });
    if (this.#chunk.byteLength >= this.#maxChunkBytes) this.flush();
  }

  addMetadata(name: string, values: Readonly<Record<string, string>>): void {
    if (this.#state !== 'open') return;
    const offset = BigInt(this.#file.size);
    const metadata = new Map(Object.entries(values));
    const length = this.#records.writeMetadata({ name, metadata });
    if (this.#writeRecords()) this.#summary.addMetadata({ name, offset, length });
  }

  addAttachment(file: AttachmentFile, timeNs: bigint): void {
    if (this.#state !== 'open') return;
    const { name, mediaType, data } = file;
    const offset = BigInt(this.#file.size);
    const times = { logTime: timeNs, createTime: timeNs };
    const length = this.#records.writeAttachment({ name, mediaType, data, ...times });
    const dataSize = BigInt(data.byteLength);
    if (!this.#writeRecords()) return;
    this.#summary.addAttachment({ offset, length, dataSize, name, mediaType, ...times });
  }

  /** Closes the open chunk and hands it to the operating system. */
  flush(): void {
    clearTimeout(this.#chunkTimer);
    if (this.#state !== 'open' || this.#chunk.numMessages === 0) return;
    const { messageStartTime, messageEndTime, buffer: data } = this.#chunk;
    const compressed = this.#compressor.compress(data);
    const common = {
      messageStartTime,
      messageEndTime,
      compression: 'zstd',
      uncompressedSize: BigInt(data.length),
    };
    const chunk = { ...common, uncompressedCrc: crc32(data), records: compressed };
    const chunkStartOffset = BigInt(this.#file.size);
    const chunkLength = this.#records.writeChunk(chunk);
    const indexStart = chunkStartOffset + chunkLength;
    let messageIndexLength = 0n;
    const messageIndexOffsets = new Map<number, bigint>();
    for (const index of this.#chunk.indices) {
      messageIndexOffsets.set(index.channelId, indexStart + messageIndexLength);
      messageIndexLength += this.#records.writeMessageIndex(index);
    }
    this.#chunk.reset();
    if (!this.#writeRecords()) return;
    const compressedSize = BigInt(compressed.length);
    const lengths = { chunkLength, messageIndexLength, compressedSize };
    this.#summary.addChunk({ ...common, ...lengths, chunkStartOffset, messageIndexOffsets });
  }

  /** Writes the open chunk, the summary and the footer. Harmless when called again or after a failure. */
  close(): void {
    if (this.#state === 'closed') return;
    this.flush();
    if (this.#state === 'open') {
      this.#records.writeDataEnd({ dataSectionCrc: this.#dataCrc });
      if (this.#writeRecords()) this.#write(this.#summary.render(BigInt(this.#file.size)));
    }
    this.#state = 'closed';
    this.#attempt(() => this.#file.close());
  }

  /** What metadata.yaml says about this file. */
  getBagSummary(fileName: string): BagSummary {
    const { statistics, channels, schemas } = this.#summary;
    return {
      fileName,
      startNs: statistics.messageStartTime,
      endNs: statistics.messageEndTime,
      numMessages: statistics.messageCount,
      topics: channels.map(({ id, topic, schemaId, metadata }) => ({
        topic,
        type: schemas.find((schema) => schema.id === schemaId)?.name ?? '',
        qosProfiles: metadata.get('offered_qos_profiles') ?? '',
        numMessages: statistics.channelMessageCounts.get(id) ?? 0n,
      })),
    };
  }

  #writeMetadata(name: string, serialized: string) {
    const offset = BigInt(this.#records.length);
    const metadata = new Map([['serialized_metadata', serialized]]);
    return { name, offset, length: this.#records.writeMetadata({ name, metadata }) };
  }

  /** A file says what a channel is before the channel's first message. */
  #introduce(channelId: number): void {
    const channel = this.#summary.channels[channelId];
    if (channel === undefined) throw new RangeError(`${this.path}: no channel ${channelId}`);
    if (this.#introduced.has(channel)) return;
    this.#introduced.add(channel);
    const schema = this.#summary.schemas.find(({ id }) => id === channel.schemaId);
    if (schema !== undefined && !this.#introduced.has(schema)) {
      this.#introduced.add(schema);
      this.#chunk.addSchema(schema);
    }
    this.#chunk.addChannel(channel);
  }

  #takeRecords(): Uint8Array {
    const bytes = this.#records.buffer;
    this.#records.reset();
    this.#dataCrc = crc32(bytes, this.#dataCrc);
    return bytes;
  }

  /** Whether they are on disk now. */
  #writeRecords(): boolean {
    return this.#write(this.#takeRecords());
  }

  #write(bytes: Uint8Array): boolean {
    return this.#attempt(() => this.#file.write(bytes));
  }

  /** Whether the file system did it; the first time that it does not is reported. */
  #attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (this.#state === 'open') this.#state = 'failed';
      const isFirst = !this.#hasFailed;
      this.#hasFailed = true;
      if (isFirst) this.#onError(error);
      return false;
    }
  }
}
