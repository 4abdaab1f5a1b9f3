import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import { QOS, type RosContext, type RosNode } from '../../../nodes/ros/port.ts';
import { type ManualClock, makeManualClock } from '../../kit/manual-clock.ts';

const STRING = 'std_msgs/msg/String';
/** [ms] how long repetitions are counted before they are told */
const QUIET_MS = 10_000;
let clock: ManualClock;
let context: RosContext;
let logs: string[];
let talker: RosNode;
let listener: RosNode;

beforeEach(() => {
  logs = [];
  clock = makeManualClock();
  context = makeEmbeddedContext({ clock, log: (_level, _node, message) => logs.push(message) });
  talker = context.createNode('talker');
  listener = context.createNode('listener');
});

afterEach(() => context.shutdown());

/** Subscribes with a callback that throws what it hears, and publishes to it. */
function makeThrower(topic = '/x'): (...texts: readonly string[]) => Promise<void> {
  const qos = { ...QOS.default, depth: 1000 };
  listener.createSubscription(STRING, topic, qos, ({ data }) => {
    throw new Error(data);
  });
  const publisher = talker.createPublisher(STRING, topic);
  return async (...texts) => {
    for (const data of texts) publisher.publish({ data });
    await context.settled();
  };
}

describe('a throw in a callback', () => {
  it('is logged once per topic and kind, with its stack, and the next callback runs', async () => {
    const throwAll = makeThrower();
    const heard: string[] = [];
    listener.createSubscription(STRING, '/x', QOS.default, ({ data }) => heard.push(data));
    await throwAll('boom', 'boom', 'bang');
    expect(heard).toEqual(['boom', 'boom', 'bang']);
    expect(logs.map((text) => /^(\S+): .*Error: (\w+)/.exec(text)?.slice(1))).toEqual([
      ['/x', 'boom'],
      ['/x', 'bang'],
    ]);
    expect(logs[0]).toContain('embedded-errors.test.ts');
  });

  it('is caught in a promise too', async () => {
    listener.createSubscription(STRING, '/x', QOS.default, async () => {
      await Promise.resolve();
      throw new Error('later');
    });
    talker.createPublisher(STRING, '/x').publish({ data: '' });
    await context.settled();
    await context.settled();
    expect(logs).toEqual([expect.stringContaining('later')]);
  });

  it('that differs by its numbers alone is of the same kind, and hides no other', async () => {
    const texts = Array.from({ length: 500 }, (_, i) => `odom is ${i / 7} m away, tilt NaN`);
    await makeThrower()(...texts, 'motor 3 is hot');
    // The very error that a limit on the number of messages would have hidden.
    expect(logs).toHaveLength(2);
    expect(logs[1]).toContain('motor 3 is hot');
  });

  it('is counted while it goes on, and told every ten seconds with its last message', async () => {
    const throwAll = makeThrower();
    await throwAll('load 1', 'load 2', 'load 3');
    clock.advance(QUIET_MS);
    await throwAll('load 4');
    clock.advance(QUIET_MS);
    expect(logs.slice(1)).toEqual([
      'callbacks threw 2 times more like the one reported; last /x: load 3',
      'callbacks threw once more like the one reported; last /x: load 4',
    ]);
  });

  it('is news again after it was gone', async () => {
    const throwAll = makeThrower();
    await throwAll('boom');
    clock.advance(QUIET_MS);
    await throwAll('boom');
    expect(logs.filter((text) => text.includes('Error: boom'))).toHaveLength(2);
  });

  it('is told at the latest when the node goes', async () => {
    const throwAll = makeThrower();
    await throwAll('boom', 'boom');
    listener.destroy();
    expect(logs.at(-1)).toContain('threw once more');
  });

  it('of very many kinds is a bounded number of lines', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const words = [...letters].flatMap((a) => [...letters].map((b) => `${a}${b}`));
    await makeThrower()(...words);
    // 26 · 26 = 676 kinds: 20 apart, 1 line for the first of the others, 655 counted.
    expect(logs).toHaveLength(21);
    clock.advance(QUIET_MS);
    expect(logs.at(-1)).toBe('callbacks threw 655 times more like the one reported; last /x: zz');
  });
});
