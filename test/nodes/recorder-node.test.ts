import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeRecorderNode } from '../../nodes/recorder-node.ts';
import { openRecording, type RecordedMessage } from '../../nodes/recording/mcap-reader.ts';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import { QOS, type RosContext } from '../../nodes/ros/port.ts';
import { TOPICS } from '../../nodes/topics.ts';
import { UserError } from '../../sim/errors.ts';

const STRING = 'std_msgs/msg/String';
let folder: string;
let context: RosContext;
let warnings: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'zerogap-recorder-'));
  warnings = [];
  context = makeEmbeddedContext({
    log: (level, _node, message) => {
      if (level === 'warn' || level === 'error') warnings.push(message);
    },
  });
});

afterEach(async () => {
  await context.shutdown();
  rmSync(folder, { recursive: true, force: true });
});

async function readAll(file: string): Promise<RecordedMessage[]> {
  const messages: RecordedMessage[] = [];
  for await (const message of (await openRecording(file)).messages()) messages.push(message);
  return messages;
}

describe('the recorder', () => {
  it('records what was latched before it came, what is there, and what appears later', async () => {
    const node = context.createNode('talker');
    node.createPublisher(STRING, '/description', QOS.latched).publish({ data: 'urdf' });
    const early = node.createPublisher(STRING, '/early', QOS.sensorData);
    const recorder = await makeRecorderNode(context, { path: path.join(folder, 'run.mcap') });
    early.publish({ data: 'early' });
    node.createPublisher(STRING, '/late').publish({ data: 'late' });
    await recorder.close();
    const messages = await readAll(recorder.path);
    expect(messages.map(({ topic, decode }) => [topic, decode()])).toEqual([
      ['/description', { data: 'urdf' }],
      ['/early', { data: 'early' }],
      ['/late', { data: 'late' }],
    ]);
    expect(recorder.stats()).toMatchObject({ numMessages: 3, numTopics: 3, hasFailed: false });
    expect(warnings).toEqual([]);
  });

  it('stamps in simulated time where it uses it', async () => {
    const node = context.createNode('simulator');
    const clock = node.createPublisher(TOPICS.clock.type, TOPICS.clock.name, TOPICS.clock.qos);
    const recorder = await makeRecorderNode(context, {
      path: path.join(folder, 'run.mcap'),
      topics: { exclude: ['/clock'] },
      node: { parameters: { use_sim_time: true } },
    });
    clock.publish({ clock: { sec: 12, nanosec: 5 } });
    await context.settled();
    node.createPublisher(STRING, '/x').publish({ data: '' });
    await recorder.close();
    const [message] = await readAll(recorder.path);
    expect(message).toMatchObject({
      topic: '/x',
      logTimeNs: 12_000_000_005n,
      publishTimeNs: 12_000_000_005n,
    });
  });

  it('takes and leaves topics by pattern', async () => {
    const recorder = await makeRecorderNode(context, {
      path: path.join(folder, 'run.mcap'),
      topics: { include: ['/cf*', '/clock'], exclude: ['*/imu'] },
    });
    const node = context.createNode('talker');
    for (const topic of ['/cf0/odom', '/cf1/imu', '/clock', '/clock2', '/other']) {
      node.createPublisher(STRING, topic).publish({ data: '' });
    }
    await recorder.close();
    expect((await readAll(recorder.path)).map(({ topic }) => topic)).toEqual([
      '/cf0/odom',
      '/clock',
    ]);
  });

  it("leaves out hidden topics, an action's own, unless they are asked for", async () => {
    const node = context.createNode('talker');
    const record = async (file: string, topics: { include?: string[] }) => {
      const recorder = await makeRecorderNode(context, { path: path.join(folder, file), topics });
      for (const topic of ['/steps/_action/status', '/with_underscore']) {
        node.createPublisher(STRING, topic).publish({ data: '' });
      }
      await recorder.close();
      return (await readAll(recorder.path)).map(({ topic }) => topic);
    };
    expect(await record('visible.mcap', {})).toEqual(['/with_underscore']);
    expect(await record('hidden.mcap', { include: ['*/_action/*'] })).toEqual([
      '/steps/_action/status',
    ]);
  });

  it('writes configuration and attachments', async () => {
    const recorder = await makeRecorderNode(context, {
      path: path.join(folder, 'run.mcap'),
      metadata: { zerogap: { seed: '3', commit: 'abc' } },
      attachments: [
        { name: 'robot.urdf', mediaType: 'application/xml', data: Buffer.from('<robot/>') },
      ],
    });
    await recorder.close();
    const { metadata, attachments } = await openRecording(recorder.path);
    expect(metadata.zerogap).toEqual({ seed: '3', commit: 'abc' });
    expect(attachments.map(({ name, data }) => [name, Buffer.from(data).toString()])).toEqual([
      ['robot.urdf', '<robot/>'],
    ]);
  });

  it('makes a bag folder with metadata.yaml where the name is not that of an MCAP file', async () => {
    const target = path.join(folder, 'bags/run');
    const recorder = await makeRecorderNode(context, { path: target });
    context.createNode('talker').createPublisher(STRING, '/x').publish({ data: '' });
    await recorder.close();
    await recorder.close();
    expect(recorder.path).toBe(path.join(target, 'run_0.mcap'));
    const text = readFileSync(path.join(target, 'metadata.yaml'), 'utf8');
    const { rosbag2_bagfile_information: bag } = parse(text);
    expect(bag).toMatchObject({
      version: 5,
      storage_identifier: 'mcap',
      message_count: 1,
      relative_file_paths: ['run_0.mcap'],
      duration: { nanoseconds: 0 },
    });
    expect(bag.topics_with_message_count).toMatchObject([
      {
        message_count: 1,
        topic_metadata: { name: '/x', type: STRING, serialization_format: 'cdr' },
      },
    ]);
    expect(
      parse(bag.topics_with_message_count[0].topic_metadata.offered_qos_profiles),
    ).toHaveLength(1);
    expect((await openRecording(target)).numMessages).toBe(1);
  });

  it('tells of metadata.yaml that cannot be written, too', async () => {
    const errors: string[] = [];
    const target = path.join(folder, 'run');
    const onError = ({ message }: UserError) => errors.push(message);
    const recorder = await makeRecorderNode(context, { path: target, onError });
    mkdirSync(path.join(target, 'metadata.yaml'));
    await recorder.close();
    expect(errors).toEqual([expect.stringContaining('EISDIR')]);
    expect(recorder.stats().failure).toBe(errors[0]);
  });

  it('does not start where it cannot write', async () => {
    const target = path.join(folder, 'run.mcap');
    await (await makeRecorderNode(context, { path: target })).close();
    await expect(makeRecorderNode(context, { path: target })).rejects.toThrow(UserError);
  });
});
