import { describe, expect, it } from 'vitest';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeActionPipeline, makeFullRangeAction } from '../../../sim/task/action.ts';
import type { ActionSpec } from '../../../sim/task/task.ts';
import { makeCrazyflieAction } from '../../../sim/tasks/crazyflie.ts';

const model = loadRobot('crazyflie');
const spec: ActionSpec = {
  kind: 'velocity',
  clip: [-1, 1],
  scale: [10, 20, 30, 40],
  offset: [1, 2, 3, 4],
};

describe('ActionPipeline', () => {
  it('clips, then scales, then offsets, and reports the clipped action', () => {
    const pipeline = makeActionPipeline({ spec, model, numRobots: 2 });
    const command = new Float64Array(8);
    const clipped = new Float32Array(8);
    pipeline.write(command, clipped, Float32Array.of(0, 0, 0, 0, -3, 0.5, 3, 0));
    // −3 → −1 → −10 + 1; 0.5 → 10 + 2; 3 → 1 → 30 + 3; 0 → 4
    expect([...command]).toEqual([1, 2, 3, 4, -9, 12, 33, 4]);
    expect([...clipped.subarray(4)]).toEqual([-1, 0.5, 1, 0]);
  });

  it('sends each output to its joint by name', () => {
    const jointNames = ['m4_joint', 'm3_joint', 'm2_joint', 'm1_joint'];
    const pipeline = makeActionPipeline({ spec, model, numRobots: 1, jointNames });
    const command = new Float64Array(4);
    pipeline.write(command, new Float32Array(4), Float32Array.of(1, 0, 0, 0));
    // The first output is m4's, the last place in joint order: 10 + 1.
    expect([...command]).toEqual([4, 3, 2, 11]);
    const raw = new Float32Array(4);
    pipeline.writeInverseRow(raw, command, 0);
    expect([...raw]).toEqual([1, 0, 0, 0]);
  });

  it('leaves NaN for the safety filter to find', () => {
    const pipeline = makeActionPipeline({ spec, model, numRobots: 1 });
    const command = new Float64Array(4);
    pipeline.write(command, new Float32Array(4), Float32Array.of(Number.NaN, 0, 0, 0));
    expect(command[0]).toBeNaN();
  });

  it('refuses another command kind, other joints, and lists of the wrong length', () => {
    const make =
      (more: object, wrong: Partial<ActionSpec> = {}) =>
      () =>
        makeActionPipeline({ spec: { ...spec, ...wrong }, model, numRobots: 1, ...more });
    expect(make({}, { kind: 'effort' })).toThrow(/expected 'velocity', got 'effort'/);
    expect(make({ jointNames: ['m1_joint'] })).toThrow(/m4_joint, got m1_joint/);
    expect(make({}, { scale: [1] })).toThrow(/'scale' \(expected 4, got 1\)/);
    expect(make({}, { clip: [1, 1] })).toThrow(/lower < upper/);
  });

  it('spans the whole command range with [−1, 1]', () => {
    const action = makeFullRangeAction(loadRobot('cartpole'));
    expect(action).toEqual({ kind: 'effort', clip: [-1, 1], scale: [10], offset: [0] });
  });

  it("hovers at 0 and reaches both ends of the crazyflie's range", () => {
    const action = makeCrazyflieAction(model);
    // √(0.027 · 9.80665 / (4 · 2.218e-8)) = 1727.6 rad/s
    expect(action.offset[0]).toBeCloseTo(1727.55, 1);
    expect(action.offset[0]! + action.scale[0]! * action.clip[0]).toBeCloseTo(0, 9);
    expect(action.offset[0]! + action.scale[0]! * action.clip[1]).toBeCloseTo(2500, 9);
  });
});
