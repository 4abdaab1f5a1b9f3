import { afterEach, describe, expect, it } from 'vitest';
import { readWallClockS } from '../../../policies/runtime/clock.ts';
import { startControlThread } from '../../../policies/runtime/control-thread.ts';
import type { Controller } from '../../../policies/runtime/controller.ts';
import { UserError } from '../../../sim/errors.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';
import { makeTinyPolicy, makeTinyRobot } from '../../kit/tiny-policy.ts';

const model = makeTinyRobot();

let thread: Controller | undefined;
afterEach(async () => {
  await thread?.stop();
  thread = undefined;
});

/** One robot, 0.2 m short of its goal along x. */
async function start(): Promise<Controller> {
  thread = await startControlThread({ policy: await makeTinyPolicy(), model, numRobots: 1 });
  const reference = makeReferenceBatch(1);
  reference.position[0] = 0.2;
  thread.inputs.writeReference(0, reference, 0, readWallClockS());
  return thread;
}

describe('startControlThread', () => {
  it('runs on the clock of the machine at the rate of the policy', async () => {
    const thread = await start();
    const beforeS = readWallClockS();
    thread.inputs.writeState(0, makeStateBatch(1, 2), 0, beforeS);
    await expect.poll(() => thread.stats().observationAge.count).toBeGreaterThan(3);
    const latest = thread.receiveCommand(0)!;
    expect(latest.stampS).toBeGreaterThan(beforeS);
    expect(latest.observationAgeS).toBeCloseTo(latest.stampS - beforeS, 9);
    // action = 0.2 + 0.5 · last, command = 2 · action: it settles at 0.8.
    await expect.poll(() => thread.receiveCommand(0)?.joint[0]).toBeCloseTo(0.8, 6);
  });

  it('calls back after ticks, until told not to', async () => {
    const thread = await start();
    const seen: number[] = [];
    const end = thread.onTick((numTicks) => seen.push(numTicks));
    await expect.poll(() => seen.length).toBeGreaterThan(3);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    end();
    const { length } = seen;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen).toHaveLength(length);
  });

  it('reports a callback that throws, once, and goes on without it', async () => {
    const thread = await start();
    const faults: string[] = [];
    thread.onFault((message) => faults.push(message));
    let calls = 0;
    thread.onTick(() => {
      calls++;
      throw new Error('no such topic');
    });
    await expect.poll(() => faults).toHaveLength(1);
    expect(faults[0]).toContain('the callback of a tick threw: Error: no such topic');
    const { ticks } = thread.stats();
    await expect.poll(() => thread.stats().ticks).toBeGreaterThan(ticks + 3);
    expect(calls).toBe(1);
    expect(faults).toHaveLength(1);
  });

  it('keeps the parts of an error that its thread has found', async () => {
    const observations = [{ name: 'bogus', width: 5, unit: 'm' }];
    const error = await startControlThread({
      policy: await makeTinyPolicy({ observations }),
      model,
      numRobots: 1,
    }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).parts).toMatchObject({ got: "'bogus'" });
    await expect(
      startControlThread({ policy: '/no/such.onnx', model, numRobots: 1 }),
    ).rejects.toThrow('/no/such.onnx: the policy cannot be read');
  });

  it('stops within a moment, without calling it a fault', async () => {
    const thread = await start();
    const faults: string[] = [];
    thread.onFault((message) => faults.push(message));
    await thread.stop();
    await thread.stop();
    expect(faults).toEqual([]);
  });
});
