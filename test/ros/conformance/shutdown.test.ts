import { expect, it } from 'vitest';
import { QOS } from '../../../nodes/ros/port.ts';
import { describeBackends, until } from '../../kit/ros-backends.ts';

const TYPE = 'std_msgs/msg/String';

describeBackends('a shutdown', (bench) => {
  it('sends the stop command first, and it arrives', async () => {
    const context = await bench.makeContext();
    const node = context.createNode('safety');
    // Two embedded contexts share nothing: there the robot is in the same one.
    const robot = bench.backend === 'embedded' ? context : await bench.makeContext();
    const got: string[] = [];
    const publisher = node.createPublisher(TYPE, 'command');
    robot
      .createNode('robot')
      .createSubscription(TYPE, 'command', QOS.default, ({ data }) => got.push(data));
    await until('a match', () => publisher.countSubscriptions() > 0);
    context.onShutdown(() => publisher.publish({ data: 'stop' }));
    await context.shutdown();
    await until('the stop', () => got.length > 0);
    expect(got).toEqual(['stop']);
  });

  it('runs every hook, last one first, whatever one of them does', async () => {
    const context = await bench.makeContext();
    const done: number[] = [];
    context.onShutdown(() => {
      done.push(1);
    });
    context.onShutdown(() => {
      throw new Error('stuck');
    });
    const takeBack = context.onShutdown(() => {
      done.push(3);
    });
    context.onShutdown(async () => {
      done.push(4);
    });
    takeBack();
    await Promise.all([context.shutdown(), context.shutdown()]);
    expect(done).toEqual([4, 1]);
    expect(bench.logs.some(({ message }) => /hook failed.*stuck/.test(message))).toBe(true);
  });

  it('is the end: no node after it', async () => {
    const context = await bench.makeContext();
    await context.shutdown();
    expect(() => context.createNode('late')).toThrow(/the context is shut down/);
  });
});
