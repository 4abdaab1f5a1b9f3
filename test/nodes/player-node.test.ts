import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePlayerNode, type PlayerOptions } from '../../nodes/player-node.ts';
import { openRecording } from '../../nodes/recording/mcap-reader.ts';
import { parseQosProfiles } from '../../nodes/recording/rosbag2-reader.ts';
import { writeCdr } from '../../nodes/ros/cdr.ts';
import { getSchemaText } from '../../nodes/ros/definitions.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { Range } from '../../nodes/ros/messages.ts';
import { QOS, type RosContext, type RosNode } from '../../nodes/ros/port.ts';
import { type BagTopic, writeBag } from '../kit/bags.ts';
import { makeQuickFolder } from '../kit/folders.ts';

const TEXT = 'std_msgs/msg/String';
const CLOCK = 'rosgraph_msgs/msg/Clock';
let folder: string;
let file: string;
let context: RosContext;
let listener: RosNode;
let logs: string[];

beforeEach(() => {
  folder = makeQuickFolder();
  file = path.join(folder, 'bag.mcap');
  logs = [];
  context = makeEmbeddedContext({ log: (level, _node, text) => logs.push(`${level}: ${text}`) });
  listener = context.createNode('listener');
});
afterEach(async () => {
  await context.shutdown();
  rmSync(folder, { recursive: true, force: true });
});

const text = (data: string) => writeCdr(TEXT, { data });
const chat = (...atS: number[]): BagTopic => ({
  ...{ topic: '/chat', type: TEXT },
  messages: atS.map((at) => [at, text(`at ${at}`)] as const),
});

async function makePlayer(options: Partial<PlayerOptions> = {}) {
  return makePlayerNode(context, { recording: await openRecording(file), rate: 0, ...options });
}

/** What is heard of strings and of the clock, in order. */
function listen(topic = '/chat'): string[] {
  const heard: string[] = [];
  listener.createSubscription(TEXT, topic, { ...QOS.default, depth: 1000 }, ({ data }) =>
    heard.push(data),
  );
  listener.createSubscription(CLOCK, '/clock', { ...QOS.clock, depth: 1000 }, ({ clock }) =>
    heard.push(`clock ${clock.sec + clock.nanosec / 1e9}`),
  );
  return heard;
}

describe('a player', () => {
  it('publishes each topic with its type, the QoS that was recorded, and the bytes as they were', async () => {
    // Some middlewares pad a message; the padding is theirs, and goes out again.
    const padded = Uint8Array.of(...text('abc'), 0, 0, 0);
    const bytes: (readonly number[])[] = [];
    listener.createRawSubscription(TEXT, '/chat', QOS.default, (one) => bytes.push([...one]));
    const offers = [QOS.latched, QOS.latched];
    await writeBag(file, [
      { topic: '/chat', type: TEXT, offers, messages: [[0, padded]] },
      { topic: 'imu', type: 'sensor_msgs/msg/Imu', offers: [QOS.sensorData], messages: [] },
      { topic: '/plain', type: 'std_msgs/Bool', messages: [] },
    ]);
    const player = await makePlayer();
    expect(player.topics).toMatchObject([
      // Two publishers kept one message each for late joiners; one publisher keeps two.
      { topic: '/chat', type: TEXT, qos: { ...QOS.latched, depth: 2 }, layout: 'same' },
      { topic: '/imu', type: 'sensor_msgs/msg/Imu', qos: QOS.sensorData },
      { topic: '/plain', type: 'std_msgs/msg/Bool', qos: QOS.default },
    ]);
    await player.play();
    expect(bytes).toEqual([[...padded]]);
    const late: string[] = [];
    listener.createSubscription(TEXT, '/chat', QOS.latched, ({ data }) => late.push(data));
    await context.settled();
    expect(late).toEqual(['abc']);
  });

  it('tells the time of the recording, before what was said at that time', async () => {
    await writeBag(file, [chat(100, 100.005, 100.02)]);
    const heard = listen();
    await (await makePlayer()).play();
    // At most 10 ms between two: one step of 5 ms, two of 7.5 ms.
    expect(heard).toEqual([
      ...['clock 100', 'at 100', 'clock 100.005', 'at 100.005'],
      ...['clock 100.0125', 'clock 100.02', 'at 100.02'],
    ]);
  });

  it('plays the clock that was recorded instead, unless that is not chosen', async () => {
    const clock = { sec: 7, nanosec: 0 };
    const messages = [[1.5, writeCdr(CLOCK, { clock })]] as const;
    await writeBag(file, [chat(1, 2), { topic: '/clock', type: CLOCK, messages }]);
    const heard = listen();
    await (await makePlayer()).play();
    expect(heard).toEqual(['at 1', 'clock 7', 'at 2']);
    heard.length = 0;
    await (await makePlayer({ topics: { exclude: ['/clock'] } })).play();
    expect(heard).not.toContain('clock 7');
    expect(heard.filter((one) => one.startsWith('clock')).at(-1)).toBe('clock 2');
  });

  it('skips the beginning but for what late joiners get, ends in time, and begins again', async () => {
    const offers = [QOS.latched];
    const early = [[0.1, text('latched')]] as const;
    await writeBag(file, [
      chat(0, 1, 2, 3),
      { topic: '/map', type: TEXT, offers, messages: early },
    ]);
    const player = await makePlayer({ startS: 1, durationS: 1, loop: true });
    const heard: string[] = [];
    for (const topic of ['/chat', '/map']) {
      listener.createSubscription(TEXT, topic, QOS.default, ({ data }) => {
        heard.push(data);
        if (heard.length === 5) player.stop();
      });
    }
    await player.play();
    expect(heard).toEqual(['latched', 'at 1', 'at 2', 'latched', 'at 1']);
    expect(player.timeS).toBe(1);
  });

  it('plays what is chosen, under another name where it is remapped', async () => {
    await writeBag(file, [chat(0), { ...chat(0), topic: '/b/chat' }, { ...chat(0), topic: '/c' }]);
    const heard = listen('/elsewhere');
    const remappings = { '/b/chat': '/elsewhere' };
    const player = await makePlayer({ topics: { include: ['/b/*'] }, node: { remappings } });
    await player.play();
    expect(player.topics.map(({ topic }) => topic)).toEqual(['/elsewhere']);
    expect(heard).toEqual(['clock 0', 'at 0']);
  });

  it('knows types that the box lacks from the schema in the file', async () => {
    const type = 'player_msgs/msg/Tree';
    const line = '='.repeat(80);
    // Nested types of the same package may stand without it, as in rosbag2's own files.
    const schema = `std_msgs/Header header\nLeaf[] leaves # all\nuint8 KIND=3\n${line}\nMSG: player_msgs/Leaf\nfloat64 size\nstring<=5 name\n${line}\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n${line}\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n`;
    await writeBag(file, [{ topic: '/tree', type, schema, messages: [] }]);
    const player = await makePlayer();
    expect(player.skipped).toEqual([]);
    const header = { stamp: { sec: 1, nanosec: 2 }, frame_id: 'odom' };
    const bytes = writeCdr(type, { header, leaves: [{ size: 1.5, name: 'oak' }] });
    const heard: Uint8Array[] = [];
    listener.createRawSubscription(type, '/tree', QOS.default, (one) => heard.push(one.slice()));
    await writeBag(file, [{ topic: '/tree', type, schema, messages: [[0, bytes]] }]);
    await (await makePlayer()).play();
    expect(heard).toEqual([bytes]);
  });

  it('puts messages of another version of a type into the words of the one in the box', async () => {
    // Humble's Range ends before `variance`; header, 1 byte, then 4-aligned floats.
    const type = 'sensor_msgs/msg/Range';
    const schema = getSchemaText(type).replace(/^float32 variance.*$/m, '');
    const fields = { radiation_type: 1, field_of_view: 0.5, min_range: 0.25, max_range: 4 };
    const header = { stamp: { sec: 1, nanosec: 0 }, frame_id: 'ear' };
    const jazzy = writeCdr(type, { header, ...fields, range: 2.5, variance: 9 });
    const humble = jazzy.slice(0, -4);
    const heard: Range[] = [];
    listener.createSubscription(type, '/ear', QOS.default, (one) => heard.push(one));
    await writeBag(file, [{ topic: '/ear', type, schema, messages: [[0, humble]] }]);
    const player = await makePlayer();
    expect(player.topics[0]?.layout).toBe('other');
    await player.play();
    expect(heard).toEqual([{ header, ...fields, range: 2.5, variance: 0 }]);
  });

  it('names what it leaves out: other encodings, services, unknown types, messages that break off', async () => {
    const messages = [[0, text('x')]] as const;
    await writeBag(file, [
      { topic: '/json', type: 'a/msg/B', encoding: 'json', schemaEncoding: 'jsonschema', messages },
      { topic: '/add/_service_event', type: 'a/srv/Add_Event', schema: '---\n', messages },
      { topic: '/idl', type: 'a/msg/Idl', schemaEncoding: 'ros2idl', messages },
      { topic: '/half', type: 'a/msg/Half', schema: 'b/Missing field\n', messages },
      { topic: '/a b', type: TEXT, messages },
      {
        topic: '/chat',
        type: TEXT,
        messages: [
          [0, text('long enough').slice(0, 10)],
          [0, text('whole')],
        ],
      },
    ]);
    const heard = listen();
    const player = await makePlayer();
    await player.play();
    const reasons = Object.fromEntries(player.skipped.map(({ topic, reason }) => [topic, reason]));
    expect(reasons).toMatchObject({
      '/json': "its messages are 'json', not 'cdr' of ROS 2",
      '/add/_service_event': expect.stringContaining('service'),
      '/idl': expect.stringContaining('its ros2idl schema cannot be read'),
      '/half': 'a/msg/Half nests b/msg/Missing, which the schema does not define',
      '/a b': expect.stringContaining('not allowed'),
    });
    expect(heard).toContain('whole');
    expect([player.numMessages, player.numUnreadable]).toEqual([1, 1]);
    expect(logs.filter((one) => one.includes('left out'))).toHaveLength(1);
  });
});

describe('a bag folder', () => {
  const write = (name: string, content: string) => writeFileSync(path.join(folder, name), content);
  const describeBag = (fields: string) =>
    write('metadata.yaml', `rosbag2_bagfile_information:\n${fields}\n`);

  it('of several files is one recording, in order of time whatever order the files have', async () => {
    // Written in two files that overlap in time, as a recorder with a cache leaves them.
    await writeBag(path.join(folder, 'bag_0.mcap'), [chat(0, 2, 5)]);
    await writeBag(path.join(folder, 'bag_10.mcap'), [chat(4, 6)]);
    await writeBag(path.join(folder, 'bag_2.mcap'), [chat(1, 3)]);
    const recording = await openRecording(folder);
    expect(recording).toMatchObject({
      ...{ path: folder, numMessages: 7, startNs: 0n, endNs: 6_000_000_000n, isComplete: true },
      topics: [{ topic: '/chat', type: TEXT, numMessages: 7 }],
    });
    const times: number[] = [];
    for await (const { logTimeNs } of recording.messages()) times.push(Number(logTimeNs) / 1e9);
    expect(times).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('is what its metadata says it is', async () => {
    await writeBag(path.join(folder, 'bag_0.mcap'), [chat(0)]);
    await writeBag(path.join(folder, 'other.mcap'), [chat(7)]);
    describeBag('  storage_identifier: mcap\n  relative_file_paths: [old_name/bag_0.mcap]');
    expect((await openRecording(folder)).numMessages).toBe(1);
    describeBag('  storage_identifier: mcap\n  relative_file_paths: [bag_1.mcap]');
    await expect(openRecording(folder)).rejects.toThrow(/bag_1\.mcap: cannot be read.*ENOENT/);
    describeBag('  storage_identifier: sqlite3\n  relative_file_paths: [bag_0.db3]');
    await expect(openRecording(folder)).rejects.toThrow(/storage sqlite3.*ros2 bag convert/);
    describeBag(
      '  storage_identifier: mcap\n  relative_file_paths: [bag_0.mcap]\n  compression_mode: MESSAGE\n  compression_format: zstd',
    );
    await expect(openRecording(folder)).rejects.toThrow(/zstd of messages/);
    rmSync(path.join(folder, 'metadata.yaml'));
    for (const name of ['bag_0.mcap', 'other.mcap']) rmSync(path.join(folder, name));
    mkdirSync(path.join(folder, 'inner'));
    await expect(openRecording(folder)).rejects.toThrow(/got 0 \.mcap files among 1 names/);
  });
});

describe('recorded QoS', () => {
  it('is read in numbers, as rosbag2 wrote it for long, and in words, as it does now', () => {
    const numbers = '- history: 1\n  depth: 3\n  reliability: 2\n  durability: 1\n';
    const words =
      '- history: keep_last\n  depth: 3\n  reliability: best_effort\n  durability: transient_local\n';
    const offer = { reliability: 'best_effort', durability: 'transient_local', depth: 3 };
    expect(parseQosProfiles(numbers)).toEqual([offer]);
    expect(parseQosProfiles(words)).toEqual([offer]);
  });

  it('that the middleware did not tell becomes what serves its listeners', () => {
    const unknown = (durability: number) =>
      `- history: 3\n  depth: 0\n  reliability: 0\n  durability: ${durability}\n`;
    expect(parseQosProfiles(unknown(2))).toEqual([QOS.default]);
    expect(parseQosProfiles(unknown(1))).toEqual([QOS.latched]);
    expect(
      parseQosProfiles('- history: 2\n  depth: 0\n  reliability: 1\n  durability: 2\n'),
    ).toEqual([{ ...QOS.default, depth: 1000 }]);
    for (const text of ['', 'nonsense: [', '- depth: -1'])
      expect(parseQosProfiles(text)).toEqual([]);
  });
});
