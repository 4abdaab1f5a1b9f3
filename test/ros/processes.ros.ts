import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QOS, type RosContext, type RosNode } from '../../nodes/ros/port.ts';
import { makeRclContext } from '../../nodes/ros/rcl/context.ts';
import { findRcl, loadRcl } from '../../nodes/ros/rcl.ts';
import { until } from '../kit/ros-backends.ts';

const TALKER = new URL('../kit/ros-talker.ts', import.meta.url).pathname;

let context: RosContext;
let node: RosNode;
let logs: string[];
let children: ChildProcess[];
let counts: number[];
let commands: string[];

beforeEach(async () => {
  [logs, children, counts, commands] = [[], [], [], []];
  const search = findRcl();
  if (!search.found) throw new Error(search.reason);
  const log = (_level: string, _node: string, message: string) => logs.push(message);
  context = await makeRclContext(await loadRcl(search), { log });
  node = context.createNode('listener');
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await context.shutdown();
});

function listen(): void {
  node.createSubscription('std_msgs/msg/UInt32', 'count', QOS.default, ({ data }) => {
    counts.push(data);
  });
  node.createSubscription('std_msgs/msg/String', 'command', QOS.default, ({ data }) => {
    commands.push(data);
  });
}

function startTalker(): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', TALKER], { stdio: 'inherit' });
  children.push(child);
  return child;
}

describe('nodes in processes of their own', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('say stop before they end on %s', async (signal) => {
    listen();
    const child = startTalker();
    await until('the talker', () => counts.length > 5);
    const ended = once(child, 'exit');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    await until('the stop', () => commands.length > 0);
    expect(commands).toEqual(['stop']);
  });

  it('are heard again when they were killed and started anew', async () => {
    listen();
    const child = startTalker();
    await until('the talker', () => counts.length > 5);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const numBefore = counts.length;
    startTalker();
    await until('the new one', () => counts.length > numBefore + 5);
    // It counts anew.
    expect(counts.at(-1)! - counts[numBefore]!).toBe(counts.length - 1 - numBefore);
  });

  it('with another type, or QoS that does not match, are named', async () => {
    node.createSubscription('std_msgs/msg/Bool', 'count', QOS.default, () => {});
    const latched = node.createSubscription(
      'std_msgs/msg/String',
      'command',
      QOS.latched,
      () => {},
    );
    startTalker();
    await until('both warnings', () => logs.length >= 2);
    expect(logs.join('\n')).toMatch(
      /\/count: \/listener has type .*Bool, but \/talker has .*UInt32/,
    );
    expect(logs.join('\n')).toMatch(/\/command: publisher \/talker and subscription \/listener/);
    latched.destroy();
  });
});
