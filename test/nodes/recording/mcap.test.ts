import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { McapIndexedReader, McapStreamReader, type TypedMcapRecords } from '@mcap/core';
import { FileHandleReadable } from '@mcap/nodejs';
import { loadDecompressHandlers } from '@mcap/support';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { inspectRecording, openRecording } from '../../../nodes/recording/mcap-reader.ts';
import { type McapWriter, openMcapWriter } from '../../../nodes/recording/mcap-writer.ts';
import { writeCdr } from '../../../nodes/ros/cdr.ts';
import { getSchemaText } from '../../../nodes/ros/definitions.ts';
import { QOS } from '../../../nodes/ros/port.ts';
import { UserError } from '../../../sim/errors.ts';

const STRING = 'std_msgs/msg/String';
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'zerogap-mcap-'));
  file = path.join(folder, 'run.mcap');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function rethrow(error: UserError): void {
  throw error;
}

/** Two topics, `count` messages each, 10 ms apart, in small chunks. */
async function writeRun(target: string, count: number): Promise<McapWriter> {
  const writer = await openMcapWriter({ path: target, onError: rethrow, maxChunkBytes: 1000 });
  writer.addMetadata('run', { seed: '7', commit: 'abc' });
  writer.addAttachment(
    { name: 'policy.onnx', mediaType: 'application/octet-stream', data: Uint8Array.of(1, 2, 3) },
    5n,
  );
  const chat = writer.addChannel('/chat', STRING, [QOS.default, QOS.sensorData]);
  const flag = writer.addChannel('/flag', 'std_msgs/msg/Bool', [QOS.latched]);
  for (let i = 0; i < count; i++) {
    const timeNs = BigInt(i) * 10_000_000n;
    writer.write(chat, timeNs, timeNs - 1n, writeCdr(STRING, { data: `message ${i}` }));
    writer.write(flag, timeNs, timeNs, writeCdr('std_msgs/msg/Bool', { data: i % 2 === 0 }));
  }
  writer.close();
  return writer;
}

describe('a recording', () => {
  it('is read by the indexed reader of @mcap/core, with its schemas, channels and times', async () => {
    const writer = await writeRun(file, 100);
    const handle = await open(file, 'r');
    const reader = await McapIndexedReader.Initialize({
      readable: new FileHandleReadable(handle),
      decompressHandlers: await loadDecompressHandlers(),
    });
    expect(reader.header).toMatchObject({ profile: 'ros2', library: 'zerogap' });
    expect(reader.statistics).toMatchObject({
      messageCount: 200n,
      channelCount: 2,
      schemaCount: 2,
      attachmentCount: 1,
      metadataCount: 2,
      messageStartTime: 0n,
      messageEndTime: 990_000_000n,
    });
    expect(reader.chunkIndexes).toHaveLength(writer.numChunks);
    expect(writer.numChunks).toBeGreaterThan(5);
    const schema = [...reader.schemasById.values()].find(({ name }) => name === STRING);
    expect(schema?.encoding).toBe('ros2msg');
    expect(new TextDecoder().decode(schema?.data)).toBe(getSchemaText(STRING));
    const messages: TypedMcapRecords['Message'][] = [];
    for await (const message of reader.readMessages({ topics: ['/chat'], startTime: 500_000_000n }))
      messages.push(message);
    expect(messages).toHaveLength(50);
    expect(messages[0]).toMatchObject({
      logTime: 500_000_000n,
      publishTime: 499_999_999n,
      sequence: 50,
    });
    expect([...(messages[0]?.data ?? [])]).toEqual([...writeCdr(STRING, { data: 'message 50' })]);
    const metadata = [];
    for await (const record of reader.readMetadata({ name: 'run' }))
      metadata.push(Object.fromEntries(record.metadata));
    expect(metadata).toEqual([{ seed: '7', commit: 'abc' }]);
    const attachments = [];
    for await (const record of reader.readAttachments())
      attachments.push([record.name, ...record.data]);
    expect(attachments).toEqual([['policy.onnx', 1, 2, 3]]);
    await handle.close();
  });

  it('is read by the stream reader, with every checksum right', async () => {
    await writeRun(file, 100);
    const reader = new McapStreamReader({
      decompressHandlers: await loadDecompressHandlers(),
      validateCrcs: true,
    });
    const bytes = readFileSync(file);
    reader.append(bytes);
    const counts: Record<string, number> = {};
    let dataCrc = 0;
    let summaryStart = 0;
    for (let record = reader.nextRecord(); record !== undefined; record = reader.nextRecord()) {
      counts[record.type] = (counts[record.type] ?? 0) + 1;
      if (record.type === 'DataEnd') dataCrc = record.dataSectionCrc;
      if (record.type === 'Footer') summaryStart = Number(record.summaryStart);
    }
    expect(reader.done()).toBe(true);
    // The data section ends before its DataEnd record: opcode 1, length 8, checksum 4 bytes.
    expect(dataCrc).toBe(crc32(bytes.subarray(0, summaryStart - 13)));
    expect(counts).toMatchObject({
      Message: 200,
      Attachment: 1,
      Metadata: 2,
      Statistics: 1,
      Footer: 1,
      DataEnd: 1,
    });
  });

  it('carries the QoS of its publishers as rosbag2 writes it', async () => {
    await writeRun(file, 1);
    const handle = await open(file, 'r');
    const reader = await McapIndexedReader.Initialize({ readable: new FileHandleReadable(handle) });
    const channel = [...reader.channelsById.values()].find(({ topic }) => topic === '/chat');
    await handle.close();
    const infinite = { sec: 9223372036, nsec: 854775807 };
    // history 1 = keep last; reliability 1 = reliable, 2 = best effort; durability 2 = volatile
    const common = {
      history: 1,
      durability: 2,
      deadline: infinite,
      lifespan: infinite,
      liveliness: 1,
      liveliness_lease_duration: infinite,
      avoid_ros_namespace_conventions: false,
    };
    expect(parseYaml(channel?.metadata.get('offered_qos_profiles') ?? '')).toEqual([
      { ...common, depth: 10, reliability: 1 },
      { ...common, depth: 5, reliability: 2 },
    ]);
  });

  it('is summarised by our reader, and every message decodes with the schema in the file', async () => {
    await writeRun(file, 10);
    const report = await inspectRecording(file);
    expect(report).toMatchObject({
      ok: true,
      problems: [],
      isComplete: true,
      profile: 'ros2',
      numMessages: 20,
      durationS: 0.09,
      topics: [
        { topic: '/chat', type: STRING, numMessages: 10 },
        { topic: '/flag', type: 'std_msgs/msg/Bool', numMessages: 10 },
      ],
      metadata: ['rosbag2', 'run'],
      attachments: [{ name: 'policy.onnx', numBytes: 3 }],
    });
    JSON.stringify(report);
    const recording = await openRecording(file);
    const first: unknown[] = [];
    for await (const message of recording.messages()) {
      if (first.length < 2) first.push([message.topic, message.decode()]);
    }
    expect(first).toEqual([
      ['/chat', { data: 'message 0' }],
      ['/flag', { data: true }],
    ]);
    expect(recording.metadata.run).toEqual({ seed: '7', commit: 'abc' });
  });

  it('plays back in order of log time where the file is not', async () => {
    const writer = await openMcapWriter({ path: file, onError: rethrow });
    const channel = writer.addChannel('/chat', STRING, []);
    for (const [data, timeNs] of [
      ['c', 3n],
      ['a', 1n],
      ['d', 3n],
      ['b', 2n],
    ] as const) {
      writer.write(channel, timeNs, timeNs, writeCdr(STRING, { data }));
    }
    writer.close();
    const order: unknown[] = [];
    for await (const message of (await openRecording(file)).messages())
      order.push(message.decode());
    expect(order).toEqual([{ data: 'a' }, { data: 'b' }, { data: 'c' }, { data: 'd' }]);
  });

  it('closes a chunk by age without another message', async () => {
    const writer = await openMcapWriter({ path: file, onError: rethrow, maxChunkAgeS: 0.02 });
    const channel = writer.addChannel('/chat', STRING, []);
    writer.write(channel, 1n, 1n, writeCdr(STRING, { data: 'x' }));
    expect(writer.numChunks).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(writer.numChunks).toBe(1);
    expect((await openRecording(file)).numMessages).toBe(1);
    writer.close();
    writer.close();
  });

  it('with nothing in it is a complete file that says so', async () => {
    const writer = await openMcapWriter({ path: file, onError: rethrow });
    writer.close();
    const report = await inspectRecording(file);
    expect(report).toMatchObject({
      ok: false,
      isComplete: true,
      problems: ['there is no message in it'],
    });
  });
});

describe('a damaged recording', () => {
  let whole: Buffer;
  let wholeFolder: string;

  beforeAll(async () => {
    wholeFolder = mkdtempSync(path.join(tmpdir(), 'zerogap-mcap-'));
    await writeRun(path.join(wholeFolder, 'whole.mcap'), 200);
    whole = readFileSync(path.join(wholeFolder, 'whole.mcap'));
  });

  afterAll(() => rmSync(wholeFolder, { recursive: true, force: true }));

  it('cut at any byte keeps its whole chunks and says where it ends', async () => {
    let previous = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 8, max: whole.length - 1 }), async (length) => {
        writeFileSync(file, whole.subarray(0, length));
        const recording = await openRecording(file);
        expect(recording.isComplete).toBe(false);
        expect(recording.cut?.atByte).toBeLessThanOrEqual(length);
        expect(recording.cut?.reason).toContain('ends early');
        let count = 0;
        for await (const message of recording.messages()) {
          message.decode();
          count++;
        }
        expect(count).toBe(recording.numMessages);
        previous = Math.max(previous, count);
      }),
      { numRuns: 40 },
    );
    expect(previous).toBeGreaterThan(0);
  });

  it('with a wrong byte anywhere never fails but by report', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 8, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const bytes = Buffer.from(whole);
          bytes[at] = (bytes[at] ?? 0) ^ flip;
          writeFileSync(file, bytes);
          const report = await inspectRecording(file);
          // In a chunk a wrong byte fails its checksum. Outside, it can turn the opcode of one other record
          // into a message's, which MCAP allows there: one more than was written at most.
          expect(report.numMessages).toBeLessThanOrEqual(401);
        },
      ),
      { numRuns: 40, examples: [[14638, 1]] },
    );
  });

  it.each([
    ['is empty', Buffer.alloc(0), 'is empty'],
    ['is text', Buffer.from('hello, this is no recording'), 'is not an MCAP file'],
    ['is shorter than its magic', Buffer.from([0x89, 0x4d]), 'is not an MCAP file'],
  ])('that %s is an error to act on', async (_case, bytes, problem) => {
    writeFileSync(file, bytes);
    await expect(openRecording(file)).rejects.toThrow(UserError);
    await expect(openRecording(file)).rejects.toThrow(problem);
  });

  it('that does not exist, or is a folder without one, is an error to act on', async () => {
    await expect(openRecording(file)).rejects.toThrow(/cannot be read .*ENOENT/);
    await expect(openRecording(folder)).rejects.toThrow('0 .mcap files');
  });
});

describe('a place that cannot be written', () => {
  it('is reported when the recording is opened', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const inside = openMcapWriter({ path: path.join(folder, 'file/run.mcap'), onError: rethrow });
    await expect(inside).rejects.toThrow(UserError);
    await expect(inside).rejects.toThrow(/file\/run.mcap: cannot be made/);
  });

  it('is one where a recording is already: it is not overwritten', async () => {
    writeFileSync(file, 'precious');
    await expect(openMcapWriter({ path: file, onError: rethrow })).rejects.toThrow('EEXIST');
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });
});
