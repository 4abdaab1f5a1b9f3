import { afterEach, describe, expect, it } from 'vitest';
import { exportPolicy } from '../../../policies/onnx/export-policy.ts';
import { makeSharedSimClock, readWallClockS } from '../../../policies/runtime/clock.ts';
import {
  type ControlThread,
  type ControlThreadOptions,
  startControlThread,
} from '../../../policies/runtime/control-thread.ts';
import { UserError } from '../../../sim/errors.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';
import { makeTinyDraft, makeTinyPolicy, makeTinyRobot } from '../../kit/tiny-policy.ts';

const model = makeTinyRobot();
const PERIOD_S = 0.01;
const PATIENCE_MS = 5000;

let thread: ControlThread | undefined;
afterEach(async () => {
  await thread?.stop();
  thread = undefined;
});

/** Two robots in lockstep with a simulated clock, both 0.2 m short of their goals along x. */
async function startLockstep(options: Partial<ControlThreadOptions> = {}) {
  const clock = makeSharedSimClock();
  const started = await startControlThread({
    policy: await makeTinyPolicy(),
    model,
    numRobots: 2,
    clock,
    ...options,
  });
  thread = started;
  const state = makeStateBatch(2, 2);
  const reference = makeReferenceBatch(2);
  reference.position[0] = 0.2;
  reference.position[3] = 0.2;
  let step = 0;
  for (const robot of [0, 1]) started.inputs.writeReference(robot, reference, robot, 0);
  /** One control period with fresh states; returns the left commands of both robots. */
  const advance = (ageS = 0): number[] => {
    step++;
    for (const robot of [0, 1]) {
      started.inputs.writeState(robot, state, robot, step * PERIOD_S - ageS);
    }
    clock.advanceTo(step * PERIOD_S);
    expect(clock.waitForFollower(PATIENCE_MS)).toBe(true);
    return [0, 1].map((robot) => started.receiveCommand(robot)?.joint[0] ?? Number.NaN);
  };
  return { thread: started, clock, state, reference, advance };
}

/** A policy of 1.3 M multiplications, so that a first tick outlasts the news that it is loaded. */
async function makeSlowPolicy(): Promise<Uint8Array> {
  const layer = (numIn: number, numOut: number) => ({
    weight: new Array<number>(numIn * numOut).fill(0),
    bias: new Array<number>(numOut).fill(0),
  });
  return exportPolicy({
    network: {
      kind: 'mlp',
      layers: [layer(5, 800), layer(800, 800), layer(800, 800), layer(800, 2)],
      activation: 'tanh',
      head: 'identity',
    },
    manifest: makeTinyDraft(),
    goldenInputs: [[0, 0, 0, 0, 0]],
  });
}

/** Scale 2 of an action in single precision. */
const COMMAND = 6;

describe('startControlThread', () => {
  it('ticks in lockstep with simulated time, every command there when the wait returns', async () => {
    const { thread, advance } = await startLockstep();
    // action = 0.2 + 0.5 · last, command = 2 · action: 0.4, then 2 · (0.2 + 0.1), then 2 · (0.2 + 0.15).
    for (const expected of [0.4, 0.6, 0.7]) {
      const [first, second] = advance();
      expect(first).toBeCloseTo(expected, COMMAND);
      expect(second).toBeCloseTo(expected, COMMAND);
    }
    for (let k = 0; k < 97; k++) advance();
    // One tick at time 0, before there was a state, and one per period since.
    expect(thread.stats()).toMatchObject({ ticks: 101, overruns: 0, skipped: 0 });
    expect(thread.stats().observationAge).toMatchObject({ count: 200 });
  });

  it('waits for the next time when the start resolves, so that no input meets the first tick', async () => {
    const clock = makeSharedSimClock(-PERIOD_S);
    thread = await startControlThread({
      policy: await makeSlowPolicy(),
      model,
      numRobots: 400,
      clock,
    });
    expect(clock.waitForFollower(0)).toBe(true);
    thread.inputs.writeReference(0, makeReferenceBatch(1), 0, 0);
    thread.inputs.writeState(0, makeStateBatch(1, 2), 0, 0);
    clock.advanceTo(0);
    expect(clock.waitForFollower(PATIENCE_MS)).toBe(true);
    expect(thread.receiveCommand(0)).toMatchObject({ stampS: 0, tick: 1 });
  });

  it('says for each command when it was made, from how old a measurement', async () => {
    const { thread, clock, state } = await startLockstep();
    thread.inputs.writeState(0, state, 0, 0.006);
    clock.advanceTo(0.01);
    clock.waitForFollower(PATIENCE_MS);
    const command = thread.receiveCommand(0)!;
    expect(command).toMatchObject({ stampS: 0.01, tick: 1, isFinite: true });
    expect(command.observationAgeS).toBeCloseTo(0.004, 9);
    expect(thread.receiveCommand(0)).toBeUndefined();
  });

  it('forgets one robot and not the other when it is reset', async () => {
    const { thread, advance } = await startLockstep();
    for (let k = 0; k < 50; k++) advance();
    // The fixed point: action = 0.2 + 0.5 · action = 0.4, command 0.8.
    expect(advance()[0]).toBeCloseTo(0.8, COMMAND);
    thread.inputs.reset(1);
    const [first, second] = advance();
    expect(first).toBeCloseTo(0.8, COMMAND);
    expect(second).toBeCloseTo(0.4, COMMAND);
  });

  it('passes on a command that is not finite, marked, and recovers when the input does', async () => {
    const { thread, advance, state, clock } = await startLockstep();
    advance();
    state.position[0] = Number.NaN;
    thread.inputs.writeState(0, state, 0, 0.02);
    thread.inputs.writeState(1, state, 1, 0.02);
    clock.advanceTo(0.02);
    clock.waitForFollower(PATIENCE_MS);
    const broken = thread.receiveCommand(0)!;
    expect(broken.isFinite).toBe(false);
    expect(broken.joint[0]).toBeNaN();
    expect(thread.receiveCommand(1)?.isFinite).toBe(true);
    state.position[0] = 0;
    thread.inputs.writeState(0, state, 0, 0.03);
    clock.advanceTo(0.03);
    clock.waitForFollower(PATIENCE_MS);
    const healed = thread.receiveCommand(0)!;
    expect(healed).toMatchObject({ isFinite: true, stampS: 0.03, tick: 3 });
    expect(healed.joint[0]).toBeCloseTo(0.4, COMMAND);
  });

  it('does not let the clip turn an infinity into a command', async () => {
    const { thread, state, clock } = await startLockstep();
    // 1e39 m is infinite in single precision: error x = −infinity, which the clip would make −1.
    state.position[0] = 1e39;
    thread.inputs.writeState(0, state, 0, 0.01);
    clock.advanceTo(0.01);
    clock.waitForFollower(PATIENCE_MS);
    const command = thread.receiveCommand(0)!;
    expect(command.isFinite).toBe(false);
    expect([...command.joint]).toEqual([Number.NaN, Number.NaN]);
  });

  it('gives no command to a robot that has told it nothing', async () => {
    const clock = makeSharedSimClock();
    thread = await startControlThread({
      policy: await makeTinyPolicy(),
      model,
      numRobots: 2,
      clock,
    });
    thread.inputs.writeReference(0, makeReferenceBatch(1), 0, 0);
    thread.inputs.writeState(0, makeStateBatch(1, 2), 0, 0);
    thread.inputs.writeState(1, makeStateBatch(1, 2), 0, 0);
    clock.advanceTo(0.01);
    clock.waitForFollower(PATIENCE_MS);
    expect(thread.receiveCommand(0)).toBeDefined();
    expect(thread.receiveCommand(1)).toBeUndefined();
  });

  it('calls back after ticks, until told not to', async () => {
    const { thread, advance } = await startLockstep();
    const seen: number[] = [];
    const end = thread.onTick((numTicks) => seen.push(numTicks));
    advance();
    await expect.poll(() => seen.at(-1)).toBe(2);
    end();
    advance();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.at(-1)).toBe(2);
  });

  it('reports a tick at once to who asks, and not again by its events', async () => {
    const { thread, clock } = await startLockstep();
    const seen: number[] = [];
    thread.onTick((numTicks) => seen.push(numTicks));
    // That of time 0, from before anybody listened.
    expect(seen).toEqual([1]);
    clock.advanceTo(0.01);
    expect(clock.waitForFollower(PATIENCE_MS)).toBe(true);
    thread.reportTicks();
    expect(seen).toEqual([1, 2]);
    thread.reportTicks();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual([1, 2]);
  });

  it('reports a callback that throws, once, and goes on without it', async () => {
    const { thread, advance } = await startLockstep();
    const faults: string[] = [];
    thread.onFault((message) => faults.push(message));
    let calls = 0;
    thread.onTick(() => {
      calls++;
      throw new Error('no such topic');
    });
    for (let k = 0; k < 3; k++) {
      advance();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(calls).toBe(1);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('the callback of a tick threw: Error: no such topic');
    // One tick at time 0 and three since.
    expect(thread.stats().ticks).toBe(4);
  });

  it('runs on the clock of the machine at the rate of the policy', async () => {
    thread = await startControlThread({
      policy: await makeTinyPolicy(),
      model,
      numRobots: 1,
      clock: 'wall',
    });
    thread.inputs.writeReference(0, makeReferenceBatch(1), 0, readWallClockS());
    const beforeS = readWallClockS();
    thread.inputs.writeState(0, makeStateBatch(1, 2), 0, beforeS);
    await expect.poll(() => thread?.stats().observationAge.count).toBeGreaterThan(3);
    const latest = thread.receiveCommand(0)!;
    expect(latest.stampS).toBeGreaterThan(beforeS);
    expect(latest.observationAgeS).toBeCloseTo(latest.stampS - beforeS, 9);
  });

  it('keeps the parts of an error that its thread has found', async () => {
    const observations = [{ name: 'bogus', width: 5, unit: 'm' }];
    const error = await startControlThread({
      policy: await makeTinyPolicy({ observations }),
      model,
      numRobots: 1,
      clock: 'wall',
    }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).parts).toMatchObject({ got: "'bogus'" });
    await expect(
      startControlThread({ policy: '/no/such.onnx', model, numRobots: 1, clock: 'wall' }),
    ).rejects.toThrow('/no/such.onnx: the policy cannot be read');
  });

  it('stops within a moment, without calling it a fault', async () => {
    const { thread } = await startLockstep();
    const faults: string[] = [];
    thread.onFault((message) => faults.push(message));
    await thread.stop();
    await thread.stop();
    expect(faults).toEqual([]);
  });
});
