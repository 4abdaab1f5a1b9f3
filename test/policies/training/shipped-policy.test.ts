import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../policies/evaluation/evaluate.ts';
import { loadPolicy } from '../../../policies/runtime/policy.ts';
import { ENGINE_NAMES } from '../../../sim/engine/engine.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { loadRobot } from '../../../sim/robot/load.ts';
import type { TaskDefinition } from '../../../sim/task/task.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const TRAINED = new URL('../../../policies/trained/', import.meta.url);
const SHIPPED = fileURLToPath(new URL('crazyflie-track.onnx', TRAINED));
const CARTPOLE = fileURLToPath(new URL('cartpole-balance.onnx', TRAINED));
/** Seeds that neither training nor the scores in the file have seen. */
const UNSEEN = 900_000;

describe('the shipped crazyflie policy', () => {
  it('loads for the robot in the box, with nothing to warn about', async () => {
    const policy = await loadPolicy(SHIPPED, { expect: { robotModel: loadRobot('crazyflie') } });
    const { manifest, warnings, goldenError } = policy;
    policy.release();
    expect(warnings).toEqual([]);
    expect(goldenError).toBeLessThanOrEqual(manifest.goldenTolerance);
    const [own] = manifest.evaluation;
    expect(own).toMatchObject({ controller: 'policy', episodes: 500, firstSeed: 100_000 });
    expect(own!.successRate).toBeGreaterThanOrEqual(0.98);
    // The task has not changed since: same terms, same action.
    const task = getTask('crazyflie-track');
    expect(manifest.observations.map((term) => term.name)).toEqual(
      task.observations.map((term) => term.name),
    );
    expect(manifest.action).toEqual(task.makeAction(loadRobot('crazyflie')));
    expect(RandomizationConfig.parse(manifest.randomization)).toEqual(task.randomization);
  });

  it.each(['crazyflie-hover', 'crazyflie-track'])('flies %s on unseen seeds', async (name) => {
    const { score } = await evaluate({
      task: getTask(name),
      policy: SHIPPED,
      episodes: 8,
      firstSeed: UNSEEN,
    });
    // It succeeds on 95 % or more: two of eight lost would be a chance of 6 % at worst.
    expect(score.successRate).toBeGreaterThanOrEqual(0.75);
    expect(score.metrics).toMatchObject({ terminatedRate: 0 });
  });

  it('recovers from a push of half its weight for a fifth of a second', async () => {
    const task: TaskDefinition = {
      ...getTask('crazyflie-hover'),
      randomization: RandomizationConfig.parse({}),
    };
    const numEnvs = 4;
    const model = loadRobot('crazyflie');
    const env = await makeSimEnv({ task, numEnvs, autoreset: 'disabled' });
    const policy = await loadPolicy(SHIPPED, { batch: numEnvs, expect: { robotModel: model } });
    const push = 0.5 * 0.027 * 9.80665;
    const directions = [
      [push, 0, 0],
      [-push, 0, 0],
      [0, push, 0],
      [0, 0, -push],
    ] as const;
    let { observation } = env.reset(UNSEEN);
    let farthest = 0;
    let last = 0;
    for (let step = 0; step < 700; step++) {
      if (step === 400) {
        for (const [k, force] of directions.entries()) env.world.pushRobot(k, force, 0.2);
      }
      policy.input.set(observation);
      policy.run();
      observation = env.step(policy.output).observation;
      if (step < 400) continue;
      const { position } = env.world.truth;
      last = 0;
      for (let k = 0; k < numEnvs; k++) {
        const error = Math.hypot(position[3 * k]!, position[3 * k + 1]!, position[3 * k + 2]! - 1);
        last = Math.max(last, error);
      }
      farthest = Math.max(farthest, last);
    }
    env.free();
    policy.release();
    // 0.5 g · 0.2 s = 0.98 m/s: left alone it would be 2.8 m away after three seconds.
    expect(farthest).toBeGreaterThan(0.05);
    expect(farthest).toBeLessThan(0.6);
    expect(last).toBeLessThan(0.05);
  });
});

describe('the shipped cartpole policy', () => {
  it('loads for the robot and the task in the box, with nothing to warn about', async () => {
    const cartpole = loadRobot('cartpole');
    const policy = await loadPolicy(CARTPOLE, { expect: { robotModel: cartpole } });
    const { manifest, warnings, goldenError } = policy;
    policy.release();
    expect(warnings).toEqual([]);
    expect(goldenError).toBeLessThanOrEqual(manifest.goldenTolerance);
    const [score] = manifest.evaluation;
    expect(score).toMatchObject({ controller: 'policy', episodes: 100, firstSeed: 100_000 });
    expect(score!.successRate).toBeGreaterThanOrEqual(0.95);
    const task = getTask('cartpole-balance');
    expect(manifest.observations.map((term) => term.name)).toEqual(
      task.observations.map((term) => term.name),
    );
    expect(manifest.action).toEqual(task.makeAction(cartpole));
    expect(RandomizationConfig.parse(manifest.randomization)).toEqual(task.randomization);
  });

  it.each(ENGINE_NAMES)(
    'balances at the middle of the rail on unseen seeds in %s',
    async (engine) => {
      const task = getTask('cartpole-balance');
      const seeds = { episodes: 16, firstSeed: UNSEEN };
      const { score } = await evaluate({ task, policy: CARTPOLE, engine, ...seeds });
      // Of 500 it lost none, at most 0.8 % by their 95 % interval: two of sixteen lost would be a chance of 0.7 %.
      expect(score.successRate).toBeGreaterThanOrEqual(15 / 16);
      expect(score.metrics).toMatchObject({ terminatedRate: 0 });
    },
  );
});

/** What each promises, as a share of the episodes that its file tells of. */
describe.each([
  ['crazyflie-hover', { success: 0.98, failure: 'terminatedRate', atMost: 0 }],
  ['go2-velocity', { success: 0.95, failure: 'fallen', atMost: 0.02 }],
  ['turtlebot-navigate', { success: 0.95, failure: 'collided', atMost: 0.03 }],
] as const)('the shipped policy for %s', (name, { success, failure, atMost }) => {
  const file = fileURLToPath(new URL(`${name}.onnx`, TRAINED));

  it('loads for its robot, sees and does what the task says, and is as good as the docs say', async () => {
    const task = getTask(name);
    const robotModel = loadRobot(task.robot);
    const policy = await loadPolicy(file, { expect: { robotModel } });
    const { manifest, warnings, goldenError } = policy;
    policy.release();
    expect(warnings).toEqual([]);
    expect(goldenError).toBeLessThanOrEqual(manifest.goldenTolerance);
    expect(manifest.observations.map((term) => [term.name, term.periodS])).toEqual(
      task.observations.map((term) => [term.name, term.periodS]),
    );
    expect(manifest.action).toEqual(task.makeAction(robotModel));
    const [score] = manifest.evaluation;
    expect(score!.episodes).toBeGreaterThanOrEqual(200);
    expect(score!.successRate).toBeGreaterThanOrEqual(success);
    expect(score!.metrics[failure]).toBeLessThanOrEqual(atMost);
  });

  it('does its task on unseen seeds', async () => {
    const task = getTask(name);
    const { score } = await evaluate({ task, policy: file, episodes: 4, firstSeed: UNSEEN });
    // It succeeds on 97 % or more: two of four lost would be a chance of 0.5 %.
    expect(score.successRate).toBeGreaterThanOrEqual(0.75);
  });
});
