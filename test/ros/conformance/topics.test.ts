import { expect, it } from 'vitest';
import { QOS, type QosConflict } from '../../../nodes/ros/port.ts';
import { describeBackends, until, waitInVain } from '../../kit/ros-backends.ts';

const TYPE = 'std_msgs/msg/UInt32';
const BEST_EFFORT = QOS.sensorData;

describeBackends('a topic', (bench) => {
  it('brings messages in the order they were sent', async () => {
    const from = await bench.makeContext();
    // Two embedded contexts share nothing: there the other node is of the same.
    const to = bench.backend === 'embedded' ? from : await bench.makeContext();
    const publisher = from.createNode('from').createPublisher(TYPE, 'count');
    const got: number[] = [];
    to.createNode('to').createSubscription(TYPE, 'count', QOS.default, ({ data }) =>
      got.push(data),
    );
    await until('a match', () => publisher.countSubscriptions() > 0);
    for (let i = 0; i < 10; i++) publisher.publish({ data: i });
    await until('ten messages', () => got.length === 10);
    expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('never brings a message inside the call that sends it', async () => {
    const node = await bench.makeNode('n');
    const publisher = node.createPublisher(TYPE, 'count');
    let isInside = false;
    let numReceived = 0;
    node.createSubscription(TYPE, 'count', QOS.default, () => {
      expect(isInside).toBe(false);
      numReceived++;
    });
    await until('a match', () => publisher.countSubscriptions() > 0);
    isInside = true;
    publisher.publish({ data: 1 });
    isInside = false;
    await until('the message', () => numReceived === 1);
  });

  it('gives a late joiner the last message if both are transient local, else nothing', async () => {
    const node = await bench.makeNode('n');
    const latched = node.createPublisher(TYPE, 'latched', QOS.latched);
    const volatile = node.createPublisher(TYPE, 'volatile', QOS.default);
    for (const data of [1, 2]) {
      latched.publish({ data });
      volatile.publish({ data });
    }
    const got: number[] = [];
    const none: number[] = [];
    node.createSubscription(TYPE, 'latched', QOS.latched, ({ data }) => got.push(data));
    node.createSubscription(TYPE, 'volatile', QOS.default, ({ data }) => none.push(data));
    await until('the latched message', () => got.length > 0);
    await waitInVain();
    expect(got).toEqual([2]);
    expect(none).toEqual([]);
  });

  it.each([
    [
      'best effort cannot serve reliable',
      BEST_EFFORT,
      QOS.default,
      /reliability: offers best_effort/,
    ],
    [
      'volatile cannot serve transient local',
      QOS.default,
      QOS.latched,
      /durability: offers volatile/,
    ],
  ])('tells both nodes of QoS that does not match: %s', async (_, offered, asked, conflict) => {
    const [from, to] = [await bench.makeNode('from'), await bench.makeNode('to')];
    const told: [string, QosConflict][] = [];
    from.onQosConflict((found) => told.push(['from', found]));
    to.onQosConflict((found) => told.push(['to', found]));
    const got: number[] = [];
    const publisher = from.createPublisher(TYPE, 'count', offered);
    to.createSubscription(TYPE, 'count', asked, ({ data }) => got.push(data));
    await until('both to be told', () => told.length === 2);
    publisher.publish({ data: 1 });
    await waitInVain();
    expect(got).toEqual([]);
    expect(told.map(([node]) => node).sort()).toEqual(['from', 'to']);
    for (const [, found] of told) {
      expect(found).toMatchObject({ topic: '/count', publisher: '/from', subscription: '/to' });
      expect(found.conflict).toMatch(conflict);
    }
    expect(bench.logs.filter(({ message }) => /incompatible QoS/.test(message))).toHaveLength(2);
  });

  it.each([
    ['reliable serves best effort', QOS.default, BEST_EFFORT],
    ['transient local serves volatile', QOS.latched, QOS.default],
  ])('passes messages where more is offered than asked: %s', async (_, offered, asked) => {
    const node = await bench.makeNode('n');
    const publisher = node.createPublisher(TYPE, 'count', offered);
    const got: number[] = [];
    node.createSubscription(TYPE, 'count', asked, ({ data }) => got.push(data));
    await until('a match', () => publisher.countSubscriptions() > 0);
    publisher.publish({ data: 7 });
    await until('the message', () => got.length > 0);
    expect(got).toEqual([7]);
  });

  it('has one type', async () => {
    const node = await bench.makeNode('n');
    node.createPublisher(TYPE, 'count');
    expect(() => node.createPublisher('std_msgs/msg/Bool', 'count')).toThrow(
      /wants another type than \/n \(expected std_msgs\/msg\/UInt32, got std_msgs\/msg\/Bool\)/,
    );
  });

  it('refuses a QoS that no middleware has', async () => {
    const node = await bench.makeNode('n');
    const qos = { ...QOS.default, reliability: 'best-effort' as never };
    expect(() => node.createPublisher(TYPE, 'count', qos)).toThrow(/reliable or best_effort/);
    expect(() => node.createSubscription(TYPE, 'count', qos, () => {})).toThrow(/best_effort/);
  });

  it('survives a callback that throws, and says so', async () => {
    const node = await bench.makeNode('n');
    const publisher = node.createPublisher(TYPE, 'count');
    const got: number[] = [];
    node.createSubscription(TYPE, 'count', QOS.default, ({ data }) => {
      got.push(data);
      if (data === 1) throw new Error('out of cheese');
    });
    await until('a match', () => publisher.countSubscriptions() > 0);
    publisher.publish({ data: 1 });
    publisher.publish({ data: 2 });
    await until('both', () => got.length === 2);
    expect(
      bench.logs.some(({ level, message }) => level === 'error' && /cheese/.test(message)),
    ).toBe(true);
  });

  it('is resolved, remapped and private as its node is', async () => {
    const node = await bench.makeNode('n', {
      namespace: '/robot',
      remappings: { count: '/counted' },
    });
    expect(node.fullyQualifiedName).toBe('/robot/n');
    expect(node.createPublisher(TYPE, 'count').topic).toBe('/counted');
    expect(node.createPublisher(TYPE, '~/own').topic).toBe('/robot/n/own');
    expect(node.createPublisher(TYPE, 'other').topic).toBe('/robot/other');
    expect(() => node.createPublisher(TYPE, 'a//b')).toThrow(/the name has '\/\/'/);
  });

  it('is seen by others: its name, its type, who publishes and how', async () => {
    const node = await bench.makeNode('n');
    const seen: [string, string][] = [];
    node.onTopic((topic, type) => seen.push([topic, type]));
    node.createPublisher(TYPE, 'count', QOS.latched);
    await until('discovery', () => seen.some(([topic]) => topic === '/count'));
    expect(seen.filter(([topic]) => topic === '/count')).toEqual([['/count', TYPE]]);
    expect(node.getTopicNamesAndTypes()).toContainEqual({ topic: '/count', type: TYPE });
    const [publisher] = node.getPublishers('count');
    expect(publisher).toMatchObject({
      node: '/n',
      qos: { reliability: 'reliable', durability: 'transient_local' },
    });
  });

  it('carries nothing more once its publisher is destroyed', async () => {
    const node = await bench.makeNode('n');
    const publisher = node.createPublisher(TYPE, 'count');
    const got: number[] = [];
    node.createSubscription(TYPE, 'count', QOS.default, ({ data }) => got.push(data));
    await until('a match', () => publisher.countSubscriptions() > 0);
    publisher.destroy();
    publisher.publish({ data: 1 });
    await waitInVain();
    expect(got).toEqual([]);
    expect(publisher.countSubscriptions()).toBe(0);
  });

  it('carries what nodes log, and what their parameters become', async () => {
    const [node, other] = [await bench.makeNode('n'), await bench.makeNode('other')];
    const lines: string[] = [];
    const events: string[] = [];
    other.createSubscription('rcl_interfaces/msg/Log', '/rosout', QOS.default, ({ name, msg }) =>
      lines.push(`${name}: ${msg}`),
    );
    other.createSubscription(
      'rcl_interfaces/msg/ParameterEvent',
      '/parameter_events',
      QOS.default,
      (event) =>
        events.push(...event.changed_parameters.map(({ name }) => `${event.node} ${name}`)),
    );
    node.declareParameter({ name: 'rate', default: 50, description: 'Control rate.' });
    await until('the log', () => {
      node.logger.info('hello');
      return lines.includes('n: hello');
    });
    await until('an event', () => {
      node.setParameter('rate', 20);
      return events.includes('/n rate');
    });
  });
});
