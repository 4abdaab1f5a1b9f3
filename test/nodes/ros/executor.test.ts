import { describe, expect, it, vi } from 'vitest';
import { Executor } from '../../../nodes/ros/core/executor.ts';
import { makeEmbeddedContext } from '../../../nodes/ros/embedded.ts';
import { QOS } from '../../../nodes/ros/port.ts';

describe('the executor', () => {
  it('runs on after a job that throws, and tells what it threw', async () => {
    const faults: unknown[] = [];
    const executor = new Executor((error) => faults.push(error));
    const order: string[] = [];
    const post = (name: string) => executor.post({ run: () => order.push(name) });
    post('before');
    executor.post({
      run: () => {
        throw new Error('boom');
      },
    });
    post('same turn');
    await executor.settled();
    post('next turn');
    await executor.settled();
    expect(order).toEqual(['before', 'same turn', 'next turn']);
    expect(faults).toEqual([new Error('boom')]);
  });
});

describe('a log sink that throws', () => {
  it('costs its own lines and not the graph', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const context = makeEmbeddedContext({
      log: () => {
        throw new Error('disk full');
      },
    });
    const node = context.createNode('node');
    const heard: string[] = [];
    node.createSubscription('std_msgs/msg/String', '/x', QOS.default, ({ data }) => {
      heard.push(data);
      throw new Error('and logged');
    });
    const publisher = node.createPublisher('std_msgs/msg/String', '/x');
    for (const data of ['a', 'b']) publisher.publish({ data });
    await context.settled();
    expect(heard).toEqual(['a', 'b']);
    expect(warnings).toHaveBeenCalledWith(expect.stringContaining('disk full'));
    await context.shutdown();
    warnings.mockRestore();
  });
});
