import { expect, it } from 'vitest';
import type { ServerGoal } from '../../../nodes/ros/action.ts';
import { ActionError } from '../../../nodes/ros/errors.ts';
import type { SimulateStepsFeedback, SimulateStepsGoal } from '../../../nodes/ros/messages.ts';
import { MessageError } from '../../../nodes/ros/validate.ts';
import { describeBackends, until } from '../../kit/ros-backends.ts';

const TYPE = 'simulation_interfaces/action/SimulateSteps';
const RESULT = { result: { result: 1, error_message: '' } };

type Goal = ServerGoal<SimulateStepsGoal, SimulateStepsFeedback>;

/** Counts to the goal, telling of each step; ends early when it is cancelled. */
async function count({ goal, signal, publishFeedback }: Goal) {
  for (let completed = 1n; completed <= goal.steps; completed++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (signal.aborted) return { outcome: 'canceled' as const, result: RESULT };
    publishFeedback({ completed_steps: completed, remaining_steps: goal.steps - completed });
  }
  return { outcome: 'succeeded' as const, result: RESULT };
}

describeBackends('an action', (bench) => {
  it('runs a goal to its end, with feedback in order and a result', async () => {
    const node = await bench.makeNode('n');
    node.createActionServer(TYPE, 'simulate', { execute: count });
    const client = node.createActionClient(TYPE, 'simulate');
    const heard: bigint[] = [];
    const goal = await client.sendGoal(
      { steps: 3n },
      { onFeedback: ({ completed_steps }) => heard.push(completed_steps) },
    );
    expect(goal.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await goal.ended).toEqual({ outcome: 'succeeded', result: RESULT });
    await until('the feedback', () => heard.length === 3);
    expect(heard).toEqual([1n, 2n, 3n]);
  });

  it('ends a goal that is cancelled', async () => {
    const node = await bench.makeNode('n');
    node.createActionServer(TYPE, 'simulate', { execute: count });
    const goal = await node.createActionClient(TYPE, 'simulate').sendGoal({ steps: 10_000n });
    expect(await goal.cancel()).toBe(true);
    expect((await goal.ended).outcome).toBe('canceled');
  });

  it('goes on when its server does not let a goal be cancelled', async () => {
    const node = await bench.makeNode('n');
    node.createActionServer(TYPE, 'simulate', { execute: count, cancel: () => false });
    const goal = await node.createActionClient(TYPE, 'simulate').sendGoal({ steps: 20n });
    expect(await goal.cancel()).toBe(false);
    expect((await goal.ended).outcome).toBe('succeeded');
  });

  it('may reject a goal', async () => {
    const node = await bench.makeNode('n');
    const accept = ({ steps }: SimulateStepsGoal) => steps < 5n;
    node.createActionServer(TYPE, 'simulate', { execute: count, accept });
    const send = node.createActionClient(TYPE, 'simulate').sendGoal({ steps: 5n });
    await expect(send).rejects.toThrow(ActionError);
    await expect(send).rejects.toThrow(/action \/simulate: the goal was rejected/);
  });

  it('aborts a goal whose work throws, with an empty result, and says so', async () => {
    const node = await bench.makeNode('n');
    node.createActionServer(TYPE, 'simulate', {
      execute: async () => {
        throw new Error('out of memory');
      },
    });
    const goal = await node.createActionClient(TYPE, 'simulate').sendGoal({ steps: 1n });
    expect(await goal.ended).toEqual({
      outcome: 'aborted',
      result: { result: { result: 0, error_message: '' } },
    });
    expect(bench.logs.some(({ message }) => /out of memory/.test(message))).toBe(true);
  });

  it('rejects a goal on which its judge throws, and lives', async () => {
    const node = await bench.makeNode('n');
    const accept = () => {
      throw new Error('no idea');
    };
    node.createActionServer(TYPE, 'simulate', { execute: count, accept });
    const send = node.createActionClient(TYPE, 'simulate').sendGoal({ steps: 1n });
    await expect(send).rejects.toThrow(/rejected/);
    expect(bench.logs.some(({ message }) => /no idea/.test(message))).toBe(true);
  });

  it('that nobody offers fails its goal when the time is up', async () => {
    const node = await bench.makeNode('n');
    const client = node.createActionClient(TYPE, 'none');
    expect(client.isReady()).toBe(false);
    await expect(client.sendGoal({ steps: 1n }, { timeoutMs: 50 })).rejects.toThrow(
      /action \/none: no node offers it \(expected a server within 50 ms/,
    );
  });

  it('tells the client when the server goes before the goal has ended', async () => {
    const [node, other] = [await bench.makeNode('n'), await bench.makeNode('other')];
    const server = node.createActionServer(TYPE, 'simulate', { execute: count });
    const goal = await other.createActionClient(TYPE, 'simulate').sendGoal({ steps: 10_000n });
    server.destroy();
    await expect(goal.ended).rejects.toThrow(/the server ended before the goal did/);
  });

  it('is not sent what does not fit', async () => {
    const node = await bench.makeNode('n');
    const client = node.createActionClient(TYPE, 'simulate');
    await expect(client.sendGoal({ steps: 1 } as never)).rejects.toThrow(MessageError);
  });

  it('has one server', async () => {
    const [node, other] = [await bench.makeNode('n'), await bench.makeNode('other')];
    node.createActionServer(TYPE, 'simulate', { execute: count });
    expect(() => other.createActionServer(TYPE, 'simulate', { execute: count })).toThrow(
      /got a second beside \/n\)/,
    );
  });
});
