import { describe, expect, it } from 'vitest';
import { getClassicalController } from '../../../policies/classical/registry.ts';
import {
  checkClassicalPolicy,
  makeClassicalPolicy,
} from '../../../policies/runtime/classical-policy.ts';
import type { ControlManifest } from '../../../policies/runtime/control-manifest.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import { makeStateBatch } from '../../../sim/robot/state.ts';
import { makeObservationPipeline } from '../../../sim/task/observation.ts';
import { makeReferenceBatch, makeScanBatch } from '../../../sim/task/robot-view.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const task = getTask('cartpole-balance');
const model = loadRobot('cartpole');
const action = task.makeAction(model);
const periodS = 1 / task.controlRateHz;
const manifest: ControlManifest = {
  name: 'by hand',
  periodS,
  jointNames: [...model.actuatedJointNames],
  observations: task.observations.map(({ clip, jointNames, ...term }) => ({
    ...{ scale: 1, history: 1, ...term },
    ...(clip && { clip: [clip[0], clip[1]] as [number, number] }),
    ...(jointNames && { jointNames: [...jointNames] }),
  })) as ControlManifest['observations'],
  historyLayout: 'term',
  historyOrder: 'oldest_first',
  action: {
    ...action,
    clip: [action.clip[0], action.clip[1]],
    scale: [...action.scale],
    offset: [...action.offset],
  },
  commandRanges: {},
  randomization: {},
};

describe('a controller made by hand in the place of a network', () => {
  it('answers at once with what the controller says of the robot that it was shown', () => {
    const policy = makeClassicalPolicy({ kind: 'classical', task: task.name, manifest }, model, 2);
    const pipeline = makeObservationPipeline({
      ...{ model, numRobots: 2, terms: task.observations, where: 'test' },
    });
    const state = makeStateBatch(2, model.jointNames.length);
    // The second pole leans.
    state.jointPosition[3] = 0.1;
    const view = pipeline.makeView(state, makeReferenceBatch(2), makeScanBatch(model, 2));
    expect(policy.input).toBeUndefined();
    policy.see!(view, 1);
    policy.run();
    const raw = new Float32Array(2 * model.actuatedJointNames.length);
    getClassicalController(task.name)(model, action, periodS).compute(raw, view, 1);
    expect(raw[1]).not.toBe(0);
    // The first was not shown.
    expect([...policy.output]).toEqual([...raw]);
    expect(policy.output[0]).toBe(0);
  });

  it('is refused for a task without one, and for a robot with other joints', () => {
    expect(checkClassicalPolicy('juggling', manifest, model).map(String).join()).toMatch(
      /no classical controller.*cartpole-balance.*'juggling'/s,
    );
    expect(
      checkClassicalPolicy(task.name, manifest, loadRobot('turtlebot')).map(String).join(),
    ).toMatch(/left_wheel_joint/);
    expect(checkClassicalPolicy(task.name, manifest, model)).toEqual([]);
  });
});
