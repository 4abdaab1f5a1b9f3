import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { parse } from '@foxglove/rosmsg';
import { MessageReader } from '@foxglove/rosmsg2-serialization';
import {
  type DecompressHandlers,
  MCAP_MAGIC,
  McapStreamReader,
  type TypedMcapRecord,
} from '@mcap/core';
import { UserError } from '../../sim/errors.ts';
import { listBagFiles } from './rosbag2-reader.ts';
import { readSchemaText } from './schema-text.ts';

/** Where and why reading ended before the file's proper end. */
export interface Cut {
  readonly atByte: number;
  readonly reason: string;
}

export interface ReadChannel {
  readonly topic: string;
  readonly type: string;
  readonly encoding: string;
  readonly schema: { readonly encoding: string; readonly data: Uint8Array } | undefined;
  /** As rosbag2 writes them, see `parseQosProfiles`; empty if nothing tells. */
  readonly qosProfiles: string;
  reader: MessageReader | undefined;
}

/** Channels and schemas as a file introduces them. */
export class Channels {
  readonly #schemas = new Map<number, { name: string; encoding: string; data: Uint8Array }>();
  readonly #channels = new Map<number, ReadChannel>();

  add(record: TypedMcapRecord): void {
    if (record.type === 'Schema') this.#schemas.set(record.id, record);
    if (record.type !== 'Channel' || this.#channels.has(record.id)) return;
    const schema = this.#schemas.get(record.schemaId);
    this.#channels.set(record.id, {
      topic: record.topic,
      type: schema?.name ?? '',
      encoding: record.messageEncoding,
      schema,
      qosProfiles: record.metadata.get('offered_qos_profiles') ?? '',
      reader: undefined,
    });
  }

  list(): ReadChannel[] {
    return [...this.#channels.values()];
  }

  get(id: number): ReadChannel {
    const channel = this.#channels.get(id);
    // The stream reader refuses messages without a channel before they get here.
    if (channel === undefined) throw new RangeError(`recording: no channel ${id}`);
    return channel;
  }
}

/** @throws UserError if the message does not fit the schema in the file */
export function decode(file: string, channel: ReadChannel, bytes: Uint8Array): unknown {
  const { topic, schema, encoding } = channel;
  try {
    if (channel.reader === undefined) {
      if (encoding !== 'cdr') throw new Error(`messages '${encoding}'`);
      const text = new TextDecoder().decode(schema?.data);
      const definition = readSchemaText(channel.type, { encoding: schema?.encoding ?? '', text });
      channel.reader = new MessageReader(parse(definition, { ros2: true }));
    }
    return channel.reader.readMessage(bytes);
  } catch (cause) {
    throw new UserError({
      where: `recording ${file}, topic ${topic}`,
      problem: 'a message cannot be decoded',
      expected: `CDR of ${channel.type} with a schema of ROS 2, ros2msg or ros2idl`,
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'The file is damaged or was written by another tool; leave this topic out.',
      cause,
    });
  }
}

/** Every record up to the end or the first damage; returns where and why it stopped early. */
export async function* readRecords(
  file: string,
  decompressHandlers: DecompressHandlers,
): AsyncGenerator<TypedMcapRecord, Cut | undefined, void> {
  const reader = new McapStreamReader({ decompressHandlers, validateCrcs: true });
  let numRead = 0;
  const cutHere = (reason: string) => ({ atByte: numRead - reader.bytesRemaining(), reason });
  for await (const block of createReadStream(file, { highWaterMark: 1 << 20 })) {
    if (reader.done()) return cutHere('there is more after the end of the recording');
    reader.append(block as Uint8Array);
    numRead += (block as Uint8Array).length;
    for (;;) {
      let record: TypedMcapRecord | undefined;
      try {
        record = reader.nextRecord();
      } catch (error) {
        return cutHere(`damaged: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (record === undefined) break;
      yield record;
    }
  }
  if (reader.done()) return undefined;
  const rest = reader.bytesRemaining();
  return cutHere(`the file ends early; the last ${rest} bytes are an incomplete record`);
}

/** The MCAP files that a path stands for, in the order in which they were written; checked to be such files. */
export function findFiles(target: string): readonly string[] {
  try {
    const files = statSync(target).isDirectory() ? listBagFiles(target) : [target];
    for (const file of files) assertMcap(file);
    return files;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const { code = 'error', path: file = target } = cause as NodeJS.ErrnoException;
    throw refuse(file, 'cannot be read', code, 'Check the path and its permissions.', cause);
  }
}

function assertMcap(file: string): void {
  const start = readStart(file);
  if (start.length === 0) {
    throw refuse(file, 'is empty', '0 bytes', 'The recorder never wrote to it.');
  }
  if (start.equals(Buffer.from(MCAP_MAGIC))) return;
  const got = `bytes ${start.toString('hex')} at its start`;
  throw refuse(file, 'is not an MCAP file', got, 'Check the path.');
}

function refuse(
  file: string,
  problem: string,
  got: string,
  remedy: string,
  cause?: unknown,
): UserError {
  const expected = 'an MCAP file, or a folder with one';
  return new UserError({ where: `recording ${file}`, problem, expected, got, remedy, cause });
}

function readStart(file: string): Buffer {
  const start = Buffer.alloc(MCAP_MAGIC.length);
  const descriptor = openSync(file, 'r');
  try {
    return start.subarray(0, readSync(descriptor, start, 0, start.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
