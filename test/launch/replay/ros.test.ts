import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCdr } from '../../../nodes/ros/cdr.ts';
import { writeBag } from '../../kit/bags.ts';
import { readJsonLine, runCli } from '../../kit/cli.ts';
import { makeQuickFolder } from '../../kit/folders.ts';

const TEXT = 'std_msgs/msg/String';
let folder: string;
let run: string;
let chat: string;

beforeAll(async () => {
  folder = makeQuickFolder();
  chat = path.join(folder, 'chat.mcap');
  const messages = [0, 0.5].map((at) => [at, writeCdr(TEXT, { data: 'hello' })] as const);
  await writeBag(chat, [{ topic: '/chat', type: TEXT, messages }]);
  const out = path.join(folder, 'runs');
  const flown = await runCli([
    ...['start', '--profile', 'demo', '--robots', '1', '--duration', '1', '--headless'],
    ...['--middleware', 'embedded', '--real-time-factor', '1', '--out', out],
  ]);
  expect(flown.code, flown.stderr).toBe(0);
  run = path.join(out, readdirSync(out)[0]!);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const replay = (...args: string[]) => runCli(['replay', ...args, '--json']);
const ROS = ['--ros', '--middleware', 'embedded'];

interface Summary {
  readonly topics: readonly { readonly topic: string }[];
  readonly messages: number;
}
const listTopics = (stdout: string) =>
  (readJsonLine(stdout) as unknown as Summary).topics.map(({ topic }) => topic);

describe('zerogap replay --ros', () => {
  it('plays what nobody here has recorded, without a page', async () => {
    const { code, stdout, stderr } = await replay(chat, ...ROS, '--rate', '10');
    expect(code, stderr).toBe(0);
    expect(readJsonLine(stdout)).toMatchObject({
      ...{ backend: 'embedded', messages: 2, unreadable: 0, durationS: 0.5, skipped: [] },
      topics: [{ topic: '/chat', type: TEXT, layout: 'same' }],
      viewer: { url: null },
    });
    expect(stderr).toMatch(/no page/);
  });

  it('feeds the nodes of a profile, and leaves to them what they say themselves', async () => {
    const all = await replay(run, ...ROS, '--rate', '0', '--headless');
    expect(all.code, all.stderr).toBe(0);
    const recorded = listTopics(all.stdout);
    const fed = await replay(
      ...[run, ...ROS, '--headless', '--node', 'policy_node', '--node', 'safety_node'],
      ...['--profile', 'demo'],
    );
    expect(fed.code, fed.stderr).toBe(0);
    const own = recorded.filter((topic) => !listTopics(fed.stdout).includes(topic));
    const robot = recorded.find((topic) => topic.endsWith('/imu'))!.replace('/imu', '');
    expect(own).toEqual(
      expect.arrayContaining([`${robot}/policy/joint_command`, `${robot}/joint_command`]),
    );
    expect(listTopics(fed.stdout)).toContain(`${robot}/odom`);
  }, 120_000);

  it.each([
    [['--topics', '/nothing'], /none of its topics.*some of \/chat.*Correct --topics/],
    [['--start', '999'], /--start: is behind the end.*at most/],
    [['--remap', '/a=/b'], /--remap.*from:=to/],
    [['--node', 'simulator_node'], /--node.*expected policy_node, safety_node, reference_node/],
    [['--node', 'policy_node'], /--node.*Add --profile/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await replay(chat, ...ROS, ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('is asked for before a middleware is', async () => {
    const { code, stderr } = await replay(chat, '--middleware', 'embedded', '--headless');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/Add --ros/)]);
  });

  it('says what a file is that is none of ROS 2', async () => {
    const messages = [[0, Uint8Array.of(1)]] as const;
    const topic = { topic: '/a', type: 'a/B', encoding: 'ros1', schemaEncoding: 'ros1msg' };
    const file = path.join(folder, 'ros1.mcap');
    await writeBag(file, [{ ...topic, messages }]);
    const { code, stderr } = await replay(file, ...ROS);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/none of ROS 2.*ros1.*rosbags/)]);
    const empty = path.join(folder, 'empty.mcap');
    await writeBag(empty, [{ ...topic, messages: [] }]);
    expect((await replay(empty, ...ROS)).stderr).toMatch(/has no message/);
  });
});
