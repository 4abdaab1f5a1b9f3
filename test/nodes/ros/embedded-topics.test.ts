import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCdr } from '../../../nodes/ros/cdr.ts';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import { QOS, type Qos, type RosContext, type RosNode } from '../../../nodes/ros/port.ts';
import { adaptQos } from '../../../nodes/ros/qos.ts';
import { MessageError } from '../../../nodes/ros/validate.ts';
import { UserError } from '../../../sim/errors.ts';

const STRING = 'std_msgs/msg/String';
let context: RosContext;
let logs: { level: string; node: string; message: string }[];
let talker: RosNode;
let listener: RosNode;

beforeEach(() => {
  logs = [];
  context = makeEmbeddedContext({
    log: (level, node, message) => logs.push({ level, node, message }),
  });
  talker = context.createNode('talker', { namespace: '/a' });
  listener = context.createNode('listener');
});

afterEach(() => context.shutdown());

function listen(topic: string, qos: Qos = QOS.default): string[] {
  const heard: string[] = [];
  listener.createSubscription(STRING, topic, qos, ({ data }) => heard.push(data));
  return heard;
}

describe('publishing', () => {
  it('delivers after the caller is done, with the resolved topic and the stamp', async () => {
    const infos: unknown[] = [];
    listener.createSubscription(STRING, '/a/chat', QOS.default, (_message, info) =>
      infos.push(info),
    );
    talker.createPublisher(STRING, 'chat').publish({ data: 'x' });
    expect(infos).toEqual([]);
    await context.settled();
    expect(infos).toEqual([{ topic: '/a/chat', sourceStampNs: expect.any(BigInt) }]);
  });

  it('gives each subscription a copy of its own', async () => {
    const heard: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      listener.createSubscription('geometry_msgs/msg/Vector3', '/v', QOS.default, (message) => {
        heard.push({ ...message });
        message.x = 99;
      });
    }
    const message = { x: 1, y: 2, z: 3 };
    talker.createPublisher('geometry_msgs/msg/Vector3', '/v').publish(message);
    message.x = 5;
    await context.settled();
    expect(heard).toEqual([
      { x: 1, y: 2, z: 3 },
      { x: 1, y: 2, z: 3 },
    ]);
  });

  it('gives raw subscriptions the CDR bytes', async () => {
    const heard: unknown[] = [];
    listener.createRawSubscription(STRING, '/raw', QOS.default, (bytes) =>
      heard.push(readCdr(STRING, bytes)),
    );
    talker.createPublisher(STRING, '/raw').publish({ data: 'hé' });
    await context.settled();
    expect(heard).toEqual([{ data: 'hé' }]);
  });

  it('refuses a message that does not fit, naming topic and path, even if nobody listens', () => {
    const publisher = talker.createPublisher(STRING, 'chat');
    const bad = { data: 5 } as unknown as { data: string };
    expect(() => publisher.publish(bad)).toThrow(MessageError);
    expect(() => publisher.publish(bad)).toThrow('/a/chat (std_msgs/msg/String), data: wrong type');
  });

  it('counts matched subscriptions as they come and go', () => {
    const publisher = talker.createPublisher(STRING, '/x');
    expect(publisher.countSubscriptions()).toBe(0);
    const subscription = listener.createSubscription(STRING, '/x', QOS.default, () => {});
    expect(publisher.countSubscriptions()).toBe(1);
    subscription.destroy();
    subscription.destroy();
    expect(publisher.countSubscriptions()).toBe(0);
  });

  it('stops at destroy: what is still queued is not delivered, what comes later is ignored', async () => {
    const heard: string[] = [];
    const subscription = listener.createSubscription(STRING, '/x', QOS.default, ({ data }) =>
      heard.push(data),
    );
    const publisher = talker.createPublisher(STRING, '/x');
    publisher.publish({ data: 'queued' });
    subscription.destroy();
    publisher.destroy();
    publisher.destroy();
    publisher.publish({ data: 'late' });
    await context.settled();
    expect(heard).toEqual([]);
    expect(logs.filter(({ level }) => level === 'debug')).toHaveLength(1);
  });
});

describe('order', () => {
  it('is that of publication over all topics, and answers come behind what was there before', async () => {
    const order: string[] = [];
    const reply = listener.createPublisher(STRING, '/reply');
    listener.createSubscription(STRING, '/p', QOS.default, ({ data }) => {
      order.push(`p ${data}`);
      reply.publish({ data });
    });
    listener.createSubscription(STRING, '/q', QOS.default, ({ data }) => order.push(`q ${data}`));
    listener.createSubscription(STRING, '/reply', QOS.default, ({ data }) =>
      order.push(`reply ${data}`),
    );
    const [p, q] = [talker.createPublisher(STRING, '/p'), talker.createPublisher(STRING, '/q')];
    p.publish({ data: '1' });
    q.publish({ data: '2' });
    p.publish({ data: '3' });
    await context.settled();
    expect(order).toEqual(['p 1', 'q 2', 'p 3', 'reply 1', 'reply 3']);
  });

  it('is the same in every run of a busy graph', async () => {
    const run = async () => {
      const own = makeEmbeddedContext({ log: () => {} });
      const order: string[] = [];
      const nodes = [0, 1, 2, 3].map((i) => own.createNode(`n${i}`));
      const publishers = nodes.map((node, i) => node.createPublisher(STRING, `/t${i}`));
      nodes.forEach((node, i) => {
        for (const source of [(i + 1) % 4, (i + 2) % 4]) {
          node.createSubscription(STRING, `/t${source}`, QOS.default, ({ data }) => {
            order.push(`${i}<${source} ${data}`);
            if (data.length < 6) publishers[i]?.publish({ data: `${data}${i}` });
          });
        }
      });
      publishers[0]?.publish({ data: '' });
      await own.settled();
      await own.shutdown();
      return order;
    };
    const first = await run();
    expect(first.length).toBeGreaterThan(100);
    expect(await run()).toEqual(first);
  });

  it('lets input and output through while two nodes answer one another for ever', async () => {
    const publisher = talker.createPublisher(STRING, '/loop');
    let numHeard = 0;
    listener.createSubscription(STRING, '/loop', QOS.default, () => {
      numHeard++;
      publisher.publish({ data: '' });
    });
    publisher.publish({ data: '' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(numHeard).toBeGreaterThan(1);
    await context.shutdown();
  });
});

describe('queues', () => {
  it('keep the last messages: a queue of 2 that gets 5 loses the 3 oldest and warns once if reliable', async () => {
    const heard = listen('/x', { ...QOS.default, depth: 2 });
    const publisher = talker.createPublisher(STRING, '/x');
    for (const data of ['1', '2', '3', '4', '5']) publisher.publish({ data });
    await context.settled();
    expect(heard).toEqual(['4', '5']);
    expect(logs.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('lose quietly if best effort', async () => {
    const heard = listen('/x', { ...QOS.sensorData, depth: 1 });
    const publisher = talker.createPublisher(STRING, '/x', QOS.sensorData);
    for (const data of ['1', '2']) publisher.publish({ data });
    await context.settled();
    expect(heard).toEqual(['2']);
    expect(logs).toEqual([]);
  });
});

describe('late joiners', () => {
  const kept: Qos = { reliability: 'reliable', durability: 'transient_local', depth: 2 };

  it('get the last messages of a transient_local publisher, up to its depth', async () => {
    const publisher = talker.createPublisher(STRING, '/map', kept);
    for (const data of ['1', '2', '3']) publisher.publish({ data });
    await context.settled();
    const heard = listen('/map', { ...kept, depth: 5 });
    await context.settled();
    expect(heard).toEqual(['2', '3']);
  });

  it('get nothing if they ask for volatile, or the publisher is gone', async () => {
    const publisher = talker.createPublisher(STRING, '/map', kept);
    publisher.publish({ data: '1' });
    const heard = listen('/map', QOS.default);
    publisher.destroy();
    const later = listen('/map', kept);
    await context.settled();
    expect([heard, later]).toEqual([[], []]);
  });
});

describe('QoS', () => {
  const reliable = QOS.default;
  const bestEffort = QOS.sensorData;
  const latched = QOS.latched;
  const latchedBestEffort: Qos = { ...latched, reliability: 'best_effort' };

  it.each([
    [reliable, reliable, true],
    [reliable, bestEffort, true],
    [bestEffort, bestEffort, true],
    [bestEffort, reliable, false],
    [latched, reliable, true],
    [latched, latched, true],
    [reliable, latched, false],
    [latchedBestEffort, latched, false],
    [latched, latchedBestEffort, true],
    [bestEffort, latchedBestEffort, false],
  ])('offered %o, requested %o: connects %s', async (offered, requested, connects) => {
    const heard = listen('/x', requested);
    talker.createPublisher(STRING, '/x', offered).publish({ data: 'hi' });
    await context.settled();
    expect(heard).toEqual(connects ? ['hi'] : []);
    const warnings = logs.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ node }) => node)).toEqual(connects ? [] : ['/a/talker', '/listener']);
    for (const { message } of warnings) {
      expect(message).toContain('/a/talker');
      expect(message).toContain('/listener');
    }
  });

  it('adapts to what all publishers offer, and asks the least where there is none', () => {
    expect(adaptQos([reliable, latched], 7)).toEqual({
      reliability: 'reliable',
      durability: 'volatile',
      depth: 7,
    });
    expect(adaptQos([latched, latched], 7)).toEqual({
      reliability: 'reliable',
      durability: 'transient_local',
      depth: 7,
    });
    expect(adaptQos([reliable, bestEffort], 7)).toEqual({
      reliability: 'best_effort',
      durability: 'volatile',
      depth: 7,
    });
    expect(adaptQos([], 7)).toEqual({
      reliability: 'best_effort',
      durability: 'volatile',
      depth: 7,
    });
  });

  it('with a depth of 0 or an unknown policy is a programmer mistake', () => {
    expect(() => listen('/x', { ...reliable, depth: 0 })).toThrow(RangeError);
    const odd = { ...reliable, reliability: 'sometimes' } as unknown as Qos;
    expect(() => listen('/x', odd)).toThrow(RangeError);
  });
});

describe('the graph', () => {
  it('refuses a second type on a topic, naming both nodes and both types', () => {
    talker.createPublisher(STRING, '/x');
    const clash = () =>
      listener.createSubscription('std_msgs/msg/Bool', '/x', QOS.default, () => {});
    expect(clash).toThrow(UserError);
    expect(clash).toThrow(
      /\/listener .* \/a\/talker \(expected std_msgs\/msg\/String, got std_msgs\/msg\/Bool\)/,
    );
  });

  it('forgets a topic whose ends are gone, so that its name is free for another type', () => {
    talker.createPublisher(STRING, '/x').destroy();
    expect(listener.getTopicNamesAndTypes()).toEqual([]);
    listener.createPublisher('std_msgs/msg/Bool', '/x');
    expect(listener.getTopicNamesAndTypes()).toEqual([{ topic: '/x', type: 'std_msgs/msg/Bool' }]);
  });

  it('tells of each topic with a publisher once, and who publishes with which QoS', () => {
    const told: string[] = [];
    talker.createPublisher(STRING, 'early', QOS.latched);
    listener.onTopic((topic, type) => told.push(`${topic} ${type}`));
    listen('/late');
    expect(told).toEqual(['/a/early std_msgs/msg/String']);
    talker.createPublisher(STRING, '/late');
    talker.createPublisher(STRING, '/late');
    expect(told).toEqual(['/a/early std_msgs/msg/String', '/late std_msgs/msg/String']);
    expect(listener.getPublishers('/a/early')).toEqual([{ node: '/a/talker', qos: QOS.latched }]);
  });

  it('lets a listener that subscribes at once hear the first message', async () => {
    const heard: string[] = [];
    listener.onTopic((topic) => {
      listener.createSubscription(STRING, topic, QOS.default, ({ data }) => heard.push(data));
    });
    talker.createPublisher(STRING, '/new').publish({ data: 'first' });
    await context.settled();
    expect(heard).toEqual(['first']);
  });

  it('resolves names by namespace, private prefix and remapping', async () => {
    const heard = listen('/robot/talker/said');
    const node = context.createNode('talker', {
      namespace: 'robot',
      remappings: { chat: '~/said' },
    });
    expect(node.fullyQualifiedName).toBe('/robot/talker');
    const publisher = node.createPublisher(STRING, 'chat');
    expect(publisher.topic).toBe('/robot/talker/said');
    publisher.publish({ data: 'x' });
    await context.settled();
    expect(heard).toEqual(['x']);
  });

  it('warns of two nodes with one name, but not of one that took the name of a node that is gone', () => {
    talker.destroy();
    context.createNode('talker', { namespace: '/a' });
    expect(logs).toEqual([]);
    context.createNode('listener');
    expect(logs).toEqual([
      { level: 'warn', node: '/listener', message: expect.stringContaining('this name') },
    ]);
  });

  it('has no type that nothing defines', () => {
    const type = 'foo_msgs/msg/Bar';
    expect(() => listener.createRawSubscription(type, '/x', QOS.default, () => {})).toThrow(type);
  });
});

describe('logging', () => {
  it('goes to the sink and, from info up, to /rosout', async () => {
    const heard: unknown[] = [];
    talker.logger.debug('quiet');
    talker.logger.warn('careful');
    listener.createSubscription(
      'rcl_interfaces/msg/Log',
      '/rosout',
      { ...QOS.latched, depth: 10 },
      ({ level, name, msg }) => heard.push({ level, name, msg }),
    );
    await context.settled();
    expect(heard).toEqual([{ level: 30, name: 'a.talker', msg: 'careful' }]);
    expect(logs.map(({ message }) => message)).toEqual(['quiet', 'careful']);
  });
});

describe('shutdown', () => {
  it('delivers what was published before, then ends everything, and may be called twice', async () => {
    const heard = listen('/x');
    const publisher = talker.createPublisher(STRING, '/x');
    publisher.publish({ data: 'last' });
    await Promise.all([context.shutdown(), context.shutdown()]);
    publisher.publish({ data: 'late' });
    listener.destroy();
    await context.settled();
    expect(heard).toEqual(['last']);
    expect(logs.map(({ level }) => level)).toEqual(['debug']);
    expect(() => context.createNode('new')).toThrow(RangeError);
    talker.logger.info('still speaks');
    expect(listener.getTopicNamesAndTypes()).toEqual([]);
  });
});
