import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeCdr } from '../../../nodes/ros/cdr.ts';
import { makeDefaultMessage } from '../../../nodes/ros/defaults.ts';
import { addMessageDefinition } from '../../../nodes/ros/definitions.ts';
import type { Range } from '../../../nodes/ros/messages.ts';
import { QOS, type RosContext, type TypeName } from '../../../nodes/ros/port.ts';
import { makeRclContext } from '../../../nodes/ros/rcl/context.ts';
import { FakeRcl, makeEndpoint, makeRosEnvironment } from '../../kit/fake-rcl.ts';

const TYPE = 'std_msgs/msg/UInt32';
const WIDE = 'test_msgs/msg/Wide' as TypeName;
addMessageDefinition(WIDE, 'wstring data\n');

let fake: FakeRcl;
let logs: string[];
let context: RosContext;

async function start(env = makeRosEnvironment()): Promise<void> {
  fake = new FakeRcl();
  logs = [];
  const log = (_level: string, _node: string, message: string) => logs.push(message);
  context = await makeRclContext(fake.make(), { log, env });
}

beforeEach(() => start());
afterEach(() => context.shutdown());

describe('what rclnodejs would do by itself', () => {
  it('is not left to end the context on Ctrl-C', () => {
    expect(fake.calls).toEqual(['removeSignalHandlers', 'init']);
  });

  it('is not left without the code of its messages', async () => {
    const broken = new FakeRcl();
    broken.isGenerated = false;
    await expect(makeRclContext(broken.make())).rejects.toThrow(/npx generate-ros-messages/);
  });

  it('is not left to serve parameters, to log, or to take arguments that are ours', () => {
    const node = context.createNode('n', { namespace: '/robot' });
    node.declareParameter({ name: 'rate', default: 50, description: 'Control rate.' });
    expect(fake.nodeArguments).toHaveLength(1);
    const [name, namespace, , options, args, useGlobalArguments] = fake.nodeArguments[0] ?? [];
    expect([name, namespace, useGlobalArguments]).toEqual(['n', '/robot', false]);
    expect(options).toEqual({
      startParameterServices: false,
      startTypeDescriptionService: false,
      enableRosout: false,
    });
    // A namespaced node of rclnodejs would announce on /robot/parameter_events.
    expect(args).toEqual(['--ros-args', '-r', 'parameter_events:=/parameter_events']);
    const events = fake.publishers.filter(({ topic }) => topic.endsWith('parameter_events'));
    expect(new Set(events.map(({ topic }) => topic))).toEqual(new Set(['/parameter_events']));
  });
});

describe('what goes out', () => {
  it('is bytes with a QoS in numbers, whose names rclnodejs would not check', () => {
    const publisher = context.createNode('n').createPublisher(TYPE, 'count', QOS.sensorData);
    publisher.publish({ data: 7 });
    const native = fake.publishers.find(({ topic }) => topic === '/count');
    // keep last 1, depth 5, best effort 2, volatile 2, liveliness automatic 1
    expect(native?.qos).toEqual({ values: [1, 5, 2, 2, 1, false] });
    expect(native?.sent).toEqual([Buffer.from(writeCdr(TYPE, { data: 7 }))]);
  });

  it('is checked before, so that no misspelt field is dropped in silence', () => {
    const publisher = context.createNode('n').createPublisher(TYPE, 'count');
    expect(() => publisher.publish({ dta: 7 } as never)).toThrow(/dta: unknown field/);
    expect(fake.publishers.find(({ topic }) => topic === '/count')?.sent).toEqual([]);
  });

  it('is an object where ROS here has another definition than ours', async () => {
    await context.shutdown();
    // Humble's Range has no variance.
    const humble =
      'std_msgs/Header header\nuint8 radiation_type\nfloat32 field_of_view\nfloat32 min_range\nfloat32 max_range\nfloat32 range\n';
    await start(makeRosEnvironment({ 'sensor_msgs/msg/Range': humble }));
    const node = context.createNode('n');
    const message = makeDefaultMessage('sensor_msgs/msg/Range') as unknown as Range;
    node.createPublisher('sensor_msgs/msg/Range', 'range').publish({ ...message, range: 2 });
    const sent = fake.publishers.find(({ topic }) => topic === '/range')?.sent[0];
    expect(sent).toMatchObject({ range: 2 });
    expect(sent).not.toBeInstanceOf(Buffer);
    const got: Range[] = [];
    node.createSubscription('sensor_msgs/msg/Range', 'range', QOS.default, (one) => got.push(one));
    const subscription = fake.subscriptions.find(({ topic }) => topic === '/range');
    expect(subscription?.isRaw).toBe(false);
    const { variance: _, ...theirs } = message;
    subscription?.deliver({ ...theirs, range: 3 });
    expect(got).toEqual([{ ...message, range: 3, variance: 0 }]);
  });

  it('has no wide strings where ROS here has another definition than ours', async () => {
    await context.shutdown();
    await start(makeRosEnvironment({ [WIDE]: 'wstring data\nbool more\n' }));
    const node = context.createNode('n');
    expect(() => node.createPublisher(WIDE, 'wide')).toThrow(
      /wide strings.*rclnodejs cannot carry/s,
    );
    expect(() => node.createSubscription(WIDE, 'wide', QOS.default, () => {})).toThrow(
      /wide strings.*rclnodejs cannot carry/s,
    );
  });

  it('has a type that is installed', async () => {
    await context.shutdown();
    await start(makeRosEnvironment({ [TYPE]: '' }));
    expect(() => context.createNode('n').createPublisher(TYPE, 'count')).toThrow(
      /std_msgs\/msg\/UInt32: is not installed .* Install ros-humble-std-msgs/,
    );
  });
});

describe('what is there when a node is woken', () => {
  type Fake = FakeRcl['subscriptions'][number];
  const write = (data: number) => Buffer.from(writeCdr(TYPE, { data }));
  const find = (name: string): Fake => fake.subscriptions.find(({ topic }) => topic === name)!;
  const CLOCK_AT_1_S = Buffer.from(
    writeCdr('rosgraph_msgs/msg/Clock', { clock: { sec: 1, nanosec: 0 } }),
  );

  it('is heard with it, to the last one, whatever its topic', () => {
    const node = context.createNode('n');
    const heard: string[] = [];
    for (const topic of ['a', 'b']) {
      node.createSubscription(TYPE, topic, QOS.default, ({ data }) =>
        heard.push(`${topic}${data}`),
      );
    }
    const [a, b] = ['/a', '/b'].map(
      (name) => fake.subscriptions.find(({ topic }) => topic === name)!,
    );
    a!.waiting.push(write(1), write(2));
    b!.waiting.push(write(1), write(2), write(3));
    a!.deliver(write(3));
    expect(heard.filter((one) => one.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(heard.filter((one) => one.startsWith('b'))).toEqual(['b1', 'b2', 'b3']);
  });

  it('leaves a turn to others where more comes than can be heard', () => {
    const node = context.createNode('n');
    let numHeard = 0;
    node.createSubscription(TYPE, 'a', QOS.default, () => {
      numHeard++;
      a?.waiting.push(write(numHeard));
    });
    const a = fake.subscriptions.find(({ topic }) => topic === '/a');
    a?.deliver(write(0));
    expect(numHeard).toBe(100);
  });

  it('meets the time once all that came before it is heard, and before what came later', () => {
    const node = context.createNode('n', { parameters: { use_sim_time: true } });
    const order: string[] = [];
    for (const topic of ['a', 'b']) {
      node.createSubscription(TYPE, topic, QOS.default, ({ data }) => {
        order.push(`${topic}${data}`);
        // Comes when those of its topic have been heard.
        if (topic === 'b') a.waiting.push(write(3));
      });
    }
    node.onTime(() => node.whenHeard(() => order.push('tick')));
    const [clock, a, b] = ['/clock', '/a', '/b'].map(find) as [Fake, Fake, Fake];
    clock.waiting.push(CLOCK_AT_1_S);
    b.waiting.push(write(1));
    a.waiting.push(write(1));
    a.deliver(write(2));
    expect(order).toEqual(['a1', 'a2', 'b1', 'tick', 'a3']);
  });

  it('meets a time that comes while others are heard when nothing is left', () => {
    const node = context.createNode('n', { parameters: { use_sim_time: true } });
    const order: string[] = [];
    for (const topic of ['a', 'b']) {
      node.createSubscription(TYPE, topic, QOS.default, () => {
        order.push(topic);
        if (topic === 'b') return;
        clock.waiting.push(CLOCK_AT_1_S);
        b.waiting.push(write(1));
      });
    }
    node.onTime(() => node.whenHeard(() => order.push('tick')));
    const [clock, a, b] = ['/clock', '/a', '/b'].map(find) as [Fake, Fake, Fake];
    a.deliver(write(1));
    expect(order).toEqual(['a', 'b', 'tick']);
  });

  it('is asked for no more where taking it fails, and the node lives on', () => {
    const node = context.createNode('n');
    const heard: number[] = [];
    node.createSubscription(TYPE, 'a', QOS.default, ({ data }) => heard.push(data));
    const a = find('/a');
    fake.takeFault = new Error('the middleware is gone');
    a.deliver(write(1));
    expect(heard).toEqual([]);
    expect(logs.some((line) => /the middleware is gone/.test(line))).toBe(true);
    fake.takeFault = undefined;
    a.deliver(write(2));
    expect(heard).toEqual([1, 2]);
  });

  it('is not heard by a subscription that the first one ended', () => {
    const node = context.createNode('n');
    const heard: number[] = [];
    const subscription = node.createSubscription(TYPE, 'a', QOS.default, ({ data }) => {
      heard.push(data);
      subscription.destroy();
    });
    const a = fake.subscriptions.find(({ topic }) => topic === '/a')!;
    a.waiting.push(write(1));
    a.deliver(write(2));
    expect(heard).toEqual([1]);
    expect(a.waiting).toHaveLength(1);
  });
});

describe('what would end the process, thrown into rclnodejs', () => {
  it('stays here when a subscription’s callback throws', () => {
    context.createNode('n').createSubscription(TYPE, 'count', QOS.default, () => {
      throw new Error('out of cheese');
    });
    const subscription = fake.subscriptions.find(({ topic }) => topic === '/count');
    expect(subscription?.isRaw).toBe(true);
    subscription?.deliver(Buffer.from(writeCdr(TYPE, { data: 1 })));
    expect(logs.some((line) => /out of cheese/.test(line))).toBe(true);
  });

  it('stays here when a message ends early', () => {
    const got: unknown[] = [];
    context.createNode('n').createSubscription(TYPE, 'count', QOS.default, (one) => got.push(one));
    fake.subscriptions.find(({ topic }) => topic === '/count')?.deliver(Buffer.of(0, 1, 0, 0, 7));
    expect(got).toEqual([]);
    expect(logs.some((line) => /\/count/.test(line))).toBe(true);
  });

  it('stays here when a service’s handler throws: its caller hears nothing', async () => {
    context.createNode('n').createService('std_srvs/srv/Trigger', 'bad', () => {
      throw new Error('no paper');
    });
    expect(await fake.services.get('/bad')?.({})).toBeUndefined();
    expect(logs.some((line) => /no paper/.test(line))).toBe(true);
  });
});

describe('what ROS says nothing of', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  it('is said once: QoS that does not match an end somewhere else', () => {
    const node = context.createNode('n');
    node.createPublisher(TYPE, 'count', QOS.sensorData);
    // reliable 1
    fake.remoteSubscriptions.push(makeEndpoint(TYPE, { reliability: 1 }));
    vi.advanceTimersByTime(1000);
    const lines = logs.filter((line) => /incompatible QoS/.test(line) && /^\/count/.test(line));
    expect(lines).toEqual([
      '/count: publisher /n and subscription /far/other have incompatible QoS; no message passes (reliability: offers best_effort, is asked for reliable). Give both the same QoS.',
    ]);
  });

  it('is said: what a subscription asks for that nobody here offers', () => {
    const node = context.createNode('n');
    node.createPublisher(TYPE, 'count', QOS.default);
    fake.remoteSubscriptions.push(
      makeEndpoint(TYPE),
      makeEndpoint(TYPE, { deadline: { seconds: 0n, nanoseconds: 0 } }),
      makeEndpoint(TYPE, { deadline: { seconds: 1n, nanoseconds: 500_000_000 }, liveliness: 3 }),
      makeEndpoint(TYPE, { liveliness_lease_duration: { seconds: 0n, nanoseconds: 20_000_000 } }),
    );
    vi.advanceTimersByTime(1000);
    const found = logs.flatMap((line) => /^\/count.*\((.*)\)/.exec(line)?.[1] ?? []);
    expect(found).toEqual([
      'deadline: offers none, is asked for 1.5 s; liveliness: offers automatic, is asked for manual_by_topic',
      'liveliness_lease_duration: offers none, is asked for 0.02 s',
    ]);
  });

  it('is said once: another type at an end somewhere else', () => {
    const node = context.createNode('n');
    node.createSubscription(TYPE, 'count', QOS.default, () => {});
    fake.remotePublishers.push(makeEndpoint('std_msgs/msg/String'));
    vi.advanceTimersByTime(1000);
    expect(logs.filter((line) => /^\/count/.test(line))).toEqual([
      '/count: /n has type std_msgs/msg/UInt32, but /far/other has std_msgs/msg/String; no message passes between them. Give both nodes the same type, or remap one of them to another topic.',
    ]);
  });
});

describe('the end', () => {
  it('comes after the stop command has been heard', async () => {
    const publisher = context.createNode('n').createPublisher(TYPE, 'command');
    context.onShutdown(() => publisher.publish({ data: 0 }));
    await context.shutdown();
    const order = ['publish /command', 'wait /command', 'node.destroy', 'context.shutdown'];
    expect(fake.calls.filter((call) => order.includes(call))).toEqual(order);
  });
});
