import fc from 'fast-check';
import { expect, it } from 'vitest';
import { writeCdr } from '../../../nodes/ros/cdr.ts';
import { makeDefaultMessage } from '../../../nodes/ros/defaults.ts';
import { addMessageDefinition, ROOT_TYPES } from '../../../nodes/ros/definitions.ts';
import type { MessageTypes } from '../../../nodes/ros/messages.ts';
import { type Publisher, QOS, type RosNode, type TypeName } from '../../../nodes/ros/port.ts';
import { copyChecked, MessageError } from '../../../nodes/ros/validate.ts';
import { anyMessage } from '../../kit/message-arbitrary.ts';
import { type Bench, describeBackends, until } from '../../kit/ros-backends.ts';

addMessageDefinition('example_interfaces/msg/WString', 'wstring data\n');
const WSTRING = 'example_interfaces/msg/WString' as TypeName;

/** Fields that Humble lacks: what is sent in them arrives as their default there, so that is what is sent. */
const GROWN: Readonly<Record<string, object>> = { 'sensor_msgs/msg/Range': { variance: 0 } };

interface Loop<T> {
  readonly publisher: Publisher<T>;
  readonly received: T[];
  /** Publishes, and gives back what came. */
  send(message: T): Promise<T>;
}

async function makeLoop<T extends TypeName>(
  node: RosNode,
  type: T,
): Promise<Loop<MessageTypes[T]>> {
  const received: MessageTypes[T][] = [];
  const topic = `loop_${type.replaceAll('/', '_').toLowerCase()}`;
  const publisher = node.createPublisher(type, topic);
  node.createSubscription(type, topic, QOS.default, (message) => received.push(message));
  await until(`a match on ${topic}`, () => publisher.countSubscriptions() > 0);
  return {
    publisher,
    received,
    send: async (message) => {
      const numBefore = received.length;
      publisher.publish(message);
      await until(`a message on ${topic}`, () => received.length > numBefore);
      return received[numBefore]!;
    },
  };
}

describeBackends('a message', (bench: Bench) => {
  it('of every type comes as it went, whatever is in it', async () => {
    const node = await bench.makeNode('any');
    for (const type of ROOT_TYPES) {
      const loop = await makeLoop(node, type);
      const property = fc.asyncProperty(anyMessage(type), async (message) => {
        const given = { ...(message as MessageTypes[typeof type]), ...GROWN[type] };
        const sent = copyChecked(type, given, type);
        expect(await loop.send(sent), type).toEqual(sent);
      });
      await fc.assert(property, { numRuns: 2, seed: 3 });
      loop.publisher.destroy();
    }
  });

  it('brings its numbers in typed arrays', async () => {
    const loop = await makeLoop(await bench.makeNode('scan'), 'sensor_msgs/msg/LaserScan');
    const scan = makeDefaultMessage(
      'sensor_msgs/msg/LaserScan',
    ) as unknown as MessageTypes['sensor_msgs/msg/LaserScan'];
    const came = await loop.send({ ...scan, ranges: [1.5, Number.POSITIVE_INFINITY, Number.NaN] });
    expect(came.ranges).toEqual(Float32Array.of(1.5, Number.POSITIVE_INFINITY, Number.NaN));
  });

  it('brings 64-bit integers as bigint, to the last bit', async () => {
    const loop = await makeLoop(await bench.makeNode('wide'), 'std_msgs/msg/Int64');
    // 2^63 − 1 and −2^63: as numbers both would be rounded.
    expect((await loop.send({ data: 9223372036854775807n })).data).toBe(9223372036854775807n);
    expect((await loop.send({ data: -9223372036854775808n })).data).toBe(-9223372036854775808n);
  });

  it('has defaults as ROS gives them: a quaternion that turns nothing', async () => {
    const loop = await makeLoop(await bench.makeNode('pose'), 'geometry_msgs/msg/PoseStamped');
    const pose = makeDefaultMessage(
      'geometry_msgs/msg/PoseStamped',
    ) as unknown as MessageTypes['geometry_msgs/msg/PoseStamped'];
    expect((await loop.send(pose)).pose.orientation).toEqual({ x: 0, y: 0, z: 0, w: 1 });
  });

  it('has fixed arrays of their full length', async () => {
    const loop = await makeLoop(await bench.makeNode('imu'), 'sensor_msgs/msg/Imu');
    const imu = makeDefaultMessage(
      'sensor_msgs/msg/Imu',
    ) as unknown as MessageTypes['sensor_msgs/msg/Imu'];
    expect((await loop.send(imu)).orientation_covariance).toEqual(new Float64Array(9));
  });

  it('keeps text of any script', async () => {
    const loop = await makeLoop(await bench.makeNode('text'), 'std_msgs/msg/String');
    const text = 'Grüße, 世界, 🤖';
    expect((await loop.send({ data: text })).data).toBe(text);
  });

  it('keeps wide text of any script', async () => {
    const wide = await makeLoop(await bench.makeNode('text'), WSTRING);
    for (const data of ['Grüße, 世界, 🤖', '']) {
      expect(await wide.send({ data } as never)).toEqual({ data });
    }
  });

  it('is heard to the last one when many come at once', async () => {
    const node = await bench.makeNode('burst');
    const heard: bigint[] = [];
    const qos = { ...QOS.default, depth: 50 };
    const publisher = node.createPublisher('std_msgs/msg/Int64', 'burst', qos);
    node.createSubscription('std_msgs/msg/Int64', 'burst', qos, ({ data }) => heard.push(data));
    await until('a match on burst', () => publisher.countSubscriptions() > 0);
    const all = Array.from({ length: 50 }, (_, k) => BigInt(k));
    for (const data of all) publisher.publish({ data });
    await until('the last one', () => heard.at(-1) === 49n);
    expect(heard).toEqual(all);
  });

  it('keeps time before 1970 and to the nanosecond', async () => {
    const loop = await makeLoop(await bench.makeNode('time'), 'rosgraph_msgs/msg/Clock');
    const clock = { sec: -5, nanosec: 999_999_999 };
    expect((await loop.send({ clock })).clock).toEqual(clock);
  });

  it.each([
    ['an unknown field', { data: 1, dta: 2 }, 'dta', /unknown field/],
    ['a missing field', {}, 'data', /missing field/],
    ['another type', { data: '1' }, 'data', /wrong type/],
  ])('with %s is refused where it is sent', async (_, message, path, problem) => {
    const node = await bench.makeNode('wrong');
    const publisher = node.createPublisher('std_msgs/msg/Float64', 'wrong');
    const publish = () => publisher.publish(message as never);
    expect(publish).toThrow(MessageError);
    expect(publish).toThrow(problem);
    expect(publish).toThrow(expect.objectContaining({ path, topic: '/wrong' }));
  });

  it('with too short a fixed array, or a number for a bigint, is refused where it is sent', async () => {
    const node = await bench.makeNode('wrong');
    const imu = makeDefaultMessage(
      'sensor_msgs/msg/Imu',
    ) as unknown as MessageTypes['sensor_msgs/msg/Imu'];
    const publisher = node.createPublisher('sensor_msgs/msg/Imu', 'imu');
    expect(() => publisher.publish({ ...imu, orientation_covariance: [0] })).toThrow(
      /wrong length/,
    );
    const wide = node.createPublisher('std_msgs/msg/Int64', 'wide');
    expect(() => wide.publish({ data: 1 } as never)).toThrow(/BigInt/);
  });

  it('can be sent and taken as bytes', async () => {
    const node = await bench.makeNode('raw');
    const type = 'sensor_msgs/msg/JointState';
    const state = {
      ...(makeDefaultMessage(type) as unknown as MessageTypes[typeof type]),
      name: ['hip', 'knee'],
      position: Float64Array.of(0.1, -0.2),
    };
    const bytes: Uint8Array[] = [];
    const messages: unknown[] = [];
    node.createRawSubscription(type, 'state', QOS.default, (one) => bytes.push(one.slice()));
    node.createSubscription(type, 'state', QOS.default, (one) => messages.push(one));
    const publisher = node.createRawPublisher(type, 'state');
    await until('two subscriptions', () => publisher.countSubscriptions() === 2);
    const sent = writeCdr(type, state);
    publisher.publish(sent);
    await until('both', () => bytes.length > 0 && messages.length > 0);
    expect(messages[0]).toEqual(copyChecked(type, state, ''));
    expect(Buffer.from(bytes[0]!).subarray(0, sent.length).equals(sent)).toBe(true);
  });
});
