import { statSync } from 'node:fs';
import type { DecompressHandlers, TypedMcapRecord } from '@mcap/core';
import { loadDecompressHandlers } from '@mcap/support';
import { UserError } from '../../sim/errors.ts';
import type { Qos } from '../ros/port.ts';
import { joinRecordings } from './joined-recording.ts';
import { Channels, type Cut, decode, findFiles, readRecords } from './mcap-records.ts';
import { parseQosProfiles } from './rosbag2-reader.ts';
import type { RecordedSchema } from './schema-text.ts';

export interface RecordedTopic {
  readonly topic: string;
  readonly type: string;
  readonly numMessages: number;
}

/** What a file says of one of its topics; two may have one name. */
export interface RecordedChannel {
  readonly topic: string;
  /** As the file names it. */
  readonly type: string;
  /** `cdr` for what ROS 2 wrote. */
  readonly encoding: string;
  /** `ros2msg` or another form, empty if there is none; and its text. */
  readonly schema: RecordedSchema;
  /** Of each publisher, as far as the file tells. */
  readonly offers: readonly Qos[];
}

export interface RecordedMessage {
  readonly topic: string;
  readonly type: string;
  /** [ns] when the recorder got it */
  readonly logTimeNs: bigint;
  /** [ns] when it was published */
  readonly publishTimeNs: bigint;
  /** CDR with its encapsulation header. */
  readonly bytes: Uint8Array;
  /** The message, read with the schema in the file. @throws UserError if it does not fit */
  decode(): unknown;
}

/** A recording that can be read, whole or cut short. */
export interface Recording {
  /** The MCAP file, or the folder of several. */
  readonly path: string;
  /** [byte] */
  readonly size: number;
  /** Whether the file was closed cleanly. */
  readonly isComplete: boolean;
  /** Where and why reading ended before the file's proper end. */
  readonly cut?: Cut;
  readonly profile: string;
  readonly topics: readonly RecordedTopic[];
  readonly channels: readonly RecordedChannel[];
  readonly numMessages: number;
  /** [ns] of the first and last message; undefined if there is none */
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly metadata: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly attachments: readonly {
    readonly name: string;
    readonly mediaType: string;
    readonly data: Uint8Array;
  }[];
  /** In order of log time; of equal times, in the order of the file. */
  messages(): AsyncGenerator<RecordedMessage, void, void>;
}

/**
 * Reads through a recording once and tells what is in it. A file may lack its end.
 * @param target an MCAP file, or a bag folder with one or several
 * @throws UserError if there is no such file, it is empty, or not MCAP
 */
export async function openRecording(target: string): Promise<Recording> {
  const recordings: Recording[] = [];
  for (const file of findFiles(target)) recordings.push(await openFile(file));
  return recordings.length === 1 ? recordings[0]! : joinRecordings(target, recordings);
}

async function openFile(file: string): Promise<Recording> {
  const handlers = await loadDecompressHandlers();
  const contents = new Contents();
  const records = readRecords(file, handlers);
  let step = await records.next();
  for (; step.done !== true; step = await records.next()) contents.add(step.value);
  const cut = step.value;
  const { startNs, endNs, isInOrder } = contents;
  return {
    path: file,
    size: statSync(file).size,
    isComplete: cut === undefined,
    ...(cut !== undefined && { cut }),
    profile: contents.profile,
    topics: contents.listTopics(),
    channels: contents.listChannels(),
    numMessages: contents.numMessages,
    ...(startNs !== undefined && endNs !== undefined && { startNs, endNs }),
    metadata: contents.metadata,
    attachments: contents.attachments,
    messages: () => (isInOrder ? readMessages(file, handlers) : sortMessages(file, handlers)),
  };
}

/** What one pass over the records finds. */
class Contents {
  profile = '';
  numMessages = 0;
  startNs: bigint | undefined;
  endNs: bigint | undefined;
  /** Whether the file is in order of log time already. */
  isInOrder = true;
  readonly metadata: Record<string, Record<string, string>> = {};
  readonly attachments: { name: string; mediaType: string; data: Uint8Array }[] = [];
  readonly #channels = new Channels();
  readonly #counts = new Map<string, RecordedTopic>();

  add(record: TypedMcapRecord): void {
    this.#channels.add(record);
    if (record.type === 'Header') this.profile = record.profile;
    if (record.type === 'Metadata') {
      this.metadata[record.name] = Object.fromEntries(record.metadata);
    }
    if (record.type === 'Attachment') {
      const { name, mediaType, data } = record;
      this.attachments.push({ name, mediaType, data });
    }
    if (record.type === 'Message') this.#addMessage(record.channelId, record.logTime);
  }

  listTopics(): RecordedTopic[] {
    for (const { topic, type } of this.#channels.list()) {
      if (!this.#counts.has(topic)) this.#counts.set(topic, { topic, type, numMessages: 0 });
    }
    return [...this.#counts.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1));
  }

  listChannels(): RecordedChannel[] {
    const decoder = new TextDecoder();
    return this.#channels.list().map(({ topic, type, encoding, schema, qosProfiles }) => ({
      ...{ topic, type, encoding },
      schema: { encoding: schema?.encoding ?? '', text: decoder.decode(schema?.data) },
      offers: parseQosProfiles(qosProfiles),
    }));
  }

  #addMessage(channelId: number, logTime: bigint): void {
    this.numMessages++;
    if (this.endNs !== undefined && logTime < this.endNs) this.isInOrder = false;
    if (this.startNs === undefined || logTime < this.startNs) this.startNs = logTime;
    if (this.endNs === undefined || logTime > this.endNs) this.endNs = logTime;
    const { topic, type } = this.#channels.get(channelId);
    const numMessages = (this.#counts.get(topic)?.numMessages ?? 0) + 1;
    this.#counts.set(topic, { topic, type, numMessages });
  }
}

async function* readMessages(
  file: string,
  handlers: DecompressHandlers,
): AsyncGenerator<RecordedMessage, void, void> {
  const channels = new Channels();
  for await (const record of readRecords(file, handlers)) {
    channels.add(record);
    if (record.type !== 'Message') continue;
    const channel = channels.get(record.channelId);
    yield {
      topic: channel.topic,
      type: channel.type,
      logTimeNs: record.logTime,
      publishTimeNs: record.publishTime,
      bytes: record.data,
      decode: () => decode(file, channel, record.data),
    };
  }
}

/** Holds the whole recording in memory; only for files that are not in order as they are. */
async function* sortMessages(
  file: string,
  handlers: DecompressHandlers,
): AsyncGenerator<RecordedMessage, void, void> {
  const messages: RecordedMessage[] = [];
  for await (const message of readMessages(file, handlers)) messages.push(message);
  messages.sort((a, b) => (a.logTimeNs < b.logTimeNs ? -1 : a.logTimeNs > b.logTimeNs ? 1 : 0));
  yield* messages;
}

/** What is in a recording and what is wrong with it; plain JSON. */
export interface RecordingReport {
  /** Whether there is nothing to complain about. */
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly path: string;
  /** [byte] */
  readonly size: number;
  readonly isComplete: boolean;
  readonly profile: string;
  /** [s] between the first and the last message */
  readonly durationS: number;
  /** [s] log time of the first message */
  readonly startS: number;
  readonly numMessages: number;
  readonly topics: readonly RecordedTopic[];
  /** Names of the metadata records. */
  readonly metadata: readonly string[];
  readonly attachments: readonly { readonly name: string; readonly numBytes: number }[];
}

/**
 * Reads a recording from end to end and decodes every message with the schema in the file.
 * @throws UserError if there is no such file, it is empty, or not MCAP
 */
export async function inspectRecording(path: string): Promise<RecordingReport> {
  const recording = await openRecording(path);
  const { cut, startNs = 0n, endNs = 0n, numMessages } = recording;
  const problems: string[] = [];
  if (cut !== undefined) problems.push(`reading ended at byte ${cut.atByte}: ${cut.reason}`);
  if (numMessages === 0) problems.push('there is no message in it');
  const undecodable = new Map<string, { first: string; count: number }>();
  for await (const message of recording.messages()) {
    try {
      message.decode();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { first = error.message, count = 0 } = undecodable.get(message.topic) ?? {};
      undecodable.set(message.topic, { first, count: count + 1 });
    }
  }
  for (const { first, count } of undecodable.values()) {
    problems.push(`${count} messages like this: ${first}`);
  }
  return {
    ok: problems.length === 0,
    problems,
    path: recording.path,
    size: recording.size,
    isComplete: recording.isComplete,
    profile: recording.profile,
    durationS: Number(endNs - startNs) / 1e9,
    startS: Number(startNs) / 1e9,
    numMessages,
    topics: recording.topics,
    metadata: Object.keys(recording.metadata),
    attachments: recording.attachments.map(({ name, data }) => ({ name, numBytes: data.length })),
  };
}
