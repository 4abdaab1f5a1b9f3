import { afterEach, describe, expect, it } from 'vitest';
import { SimClock } from '../../../policies/runtime/clock.ts';
import { startControlInStep } from '../../../policies/runtime/control-in-step.ts';
import type { Controller, ControllerOptions } from '../../../policies/runtime/controller.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeReferenceBatch } from '../../../sim/task/robot-view.ts';
import { makeTinyPolicy, makeTinyRobot } from '../../kit/tiny-policy.ts';

const model = makeTinyRobot();
const PERIOD_S = 0.01;

let control: Controller | undefined;
afterEach(async () => {
  await control?.stop();
  control = undefined;
});

/** Two robots in lockstep with a simulated clock, both 0.2 m short of their goals along x. */
async function startLockstep(options: Partial<ControllerOptions> = {}) {
  const clock = new SimClock();
  const started = await startControlInStep({
    policy: await makeTinyPolicy(),
    model,
    numRobots: 2,
    clock,
    ...options,
  });
  control = started;
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
    return [0, 1].map((robot) => started.receiveCommand(robot)?.joint[0] ?? Number.NaN);
  };
  return { control: started, clock, state, reference, advance };
}

/** Scale 2 of an action in single precision. */
const COMMAND = 6;

describe('startControlInStep', () => {
  it('ticks in lockstep with simulated time, every command there when the advance returns', async () => {
    const { control, advance } = await startLockstep();
    // action = 0.2 + 0.5 · last, command = 2 · action: 0.4, then 2 · (0.2 + 0.1), then 2 · (0.2 + 0.15).
    for (const expected of [0.4, 0.6, 0.7]) {
      const [first, second] = advance();
      expect(first).toBeCloseTo(expected, COMMAND);
      expect(second).toBeCloseTo(expected, COMMAND);
    }
    for (let k = 0; k < 97; k++) advance();
    // One tick at time 0, before there was a state, and one per period since.
    expect(control.stats()).toMatchObject({ ticks: 101, overruns: 0, skipped: 0 });
    expect(control.stats().observationAge).toMatchObject({ count: 200 });
  });

  it('has made its first tick when the start resolves, so that no input meets it', async () => {
    const clock = new SimClock(-PERIOD_S);
    control = await startControlInStep({
      policy: await makeTinyPolicy(),
      model,
      numRobots: 1,
      clock,
    });
    control.inputs.writeReference(0, makeReferenceBatch(1), 0, 0);
    control.inputs.writeState(0, makeStateBatch(1, 2), 0, 0);
    clock.advanceTo(0);
    expect(control.receiveCommand(0)).toMatchObject({ stampS: 0, tick: 1 });
  });

  it('says for each command when it was made, from how old a measurement', async () => {
    const { control, clock, state } = await startLockstep();
    control.inputs.writeState(0, state, 0, 0.006);
    clock.advanceTo(0.01);
    const command = control.receiveCommand(0)!;
    expect(command).toMatchObject({ stampS: 0.01, tick: 1, isFinite: true });
    expect(command.observationAgeS).toBeCloseTo(0.004, 9);
    expect(control.receiveCommand(0)).toBeUndefined();
  });

  it('forgets one robot and not the other when it is reset', async () => {
    const { control, advance } = await startLockstep();
    for (let k = 0; k < 50; k++) advance();
    // The fixed point: action = 0.2 + 0.5 · action = 0.4, command 0.8.
    expect(advance()[0]).toBeCloseTo(0.8, COMMAND);
    control.inputs.reset(1);
    const [first, second] = advance();
    expect(first).toBeCloseTo(0.8, COMMAND);
    expect(second).toBeCloseTo(0.4, COMMAND);
  });

  it('passes on a command that is not finite, marked, and recovers when the input does', async () => {
    const { control, advance, state, clock } = await startLockstep();
    advance();
    state.position[0] = Number.NaN;
    control.inputs.writeState(0, state, 0, 0.02);
    control.inputs.writeState(1, state, 1, 0.02);
    clock.advanceTo(0.02);
    const broken = control.receiveCommand(0)!;
    expect(broken.isFinite).toBe(false);
    expect(broken.joint[0]).toBeNaN();
    expect(control.receiveCommand(1)?.isFinite).toBe(true);
    state.position[0] = 0;
    control.inputs.writeState(0, state, 0, 0.03);
    clock.advanceTo(0.03);
    const healed = control.receiveCommand(0)!;
    expect(healed).toMatchObject({ isFinite: true, stampS: 0.03, tick: 3 });
    expect(healed.joint[0]).toBeCloseTo(0.4, COMMAND);
  });

  it('does not let the clip turn an infinity into a command', async () => {
    const { control, state, clock } = await startLockstep();
    // 1e39 m is infinite in single precision: error x = −infinity, which the clip would make −1.
    state.position[0] = 1e39;
    control.inputs.writeState(0, state, 0, 0.01);
    clock.advanceTo(0.01);
    const command = control.receiveCommand(0)!;
    expect(command.isFinite).toBe(false);
    expect([...command.joint]).toEqual([Number.NaN, Number.NaN]);
  });

  it('gives no command to a robot that has told it nothing', async () => {
    const clock = new SimClock();
    control = await startControlInStep({
      policy: await makeTinyPolicy(),
      model,
      numRobots: 2,
      clock,
    });
    control.inputs.writeReference(0, makeReferenceBatch(1), 0, 0);
    control.inputs.writeState(0, makeStateBatch(1, 2), 0, 0);
    control.inputs.writeState(1, makeStateBatch(1, 2), 0, 0);
    clock.advanceTo(0.01);
    expect(control.receiveCommand(0)).toBeDefined();
    expect(control.receiveCommand(1)).toBeUndefined();
  });

  it('calls back after ticks, until told not to', async () => {
    const { control, advance } = await startLockstep();
    const seen: number[] = [];
    const end = control.onTick((numTicks) => seen.push(numTicks));
    // That of time 0, from before anybody listened.
    expect(seen).toEqual([1]);
    advance();
    expect(seen).toEqual([1, 2]);
    end();
    advance();
    expect(seen).toEqual([1, 2]);
  });

  it('reports a callback that throws, once, and goes on without it', async () => {
    const { control, advance } = await startLockstep();
    const faults: string[] = [];
    control.onFault((message) => faults.push(message));
    let calls = 0;
    control.onTick(() => {
      calls++;
      throw new Error('no such topic');
    });
    for (let k = 0; k < 3; k++) advance();
    expect(calls).toBe(1);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('the callback of a tick threw: Error: no such topic');
    // One tick at time 0 and three since.
    expect(control.stats().ticks).toBe(4);
  });

  it('makes one tick of a time that jumps over several, and of one that stands none', async () => {
    const { control, clock } = await startLockstep();
    clock.advanceTo(0.055);
    expect(control.stats()).toMatchObject({ ticks: 2, overruns: 1, skipped: 4 });
    clock.advanceTo(0.055);
    expect(control.stats().ticks).toBe(2);
    expect(() => clock.advanceTo(0.05)).toThrow('simulated time went back from 0.055 s to 0.05 s');
  });

  it('ticks no more once it is stopped, and calls that no fault', async () => {
    const { control, clock } = await startLockstep();
    const faults: string[] = [];
    control.onFault((message) => faults.push(message));
    clock.advanceTo(PERIOD_S);
    await control.stop();
    await control.stop();
    clock.advanceTo(2 * PERIOD_S);
    expect(faults).toEqual([]);
    expect(control.stats().ticks).toBe(2);
  });
});
