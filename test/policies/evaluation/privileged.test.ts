import { describe, expect, it } from 'vitest';
import { checkAdversary } from '../../../policies/evaluation/adversary.ts';
import { evaluate } from '../../../policies/evaluation/evaluate.ts';
import { FlightCrew } from '../../../policies/evaluation/flight-crew.ts';
import { makePilot } from '../../../policies/evaluation/pilot.ts';
import { readManifest } from '../../../policies/onnx/read-manifest.ts';
import { makeSimEnv } from '../../../sim/env.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { openRobot } from '../../../sim/robot/open.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { makeSeeingPolicy } from '../../kit/seeing-policy.ts';

const task = getTask('cartpole-balance');
const MASS = RandomizationConfig.parse({ massScale: { uniform: [0.5, 1.5] } });
/** What balances it, by the truth. */
const BALANCE = {
  'jointPositionError.cart_joint': -0.3,
  'jointVelocity.cart_joint': 0.6,
  'jointPosition.pole_joint': 6,
  'jointVelocity.pole_joint': 1.5,
};

describe('a policy that sees the true state', () => {
  it('is fed from what the critic sees, on the scale that it was trained on', async () => {
    const bytes = await makeSeeingPolicy(task.name, { 'context.massScale': 1 }, MASS);
    const model = await openRobot(task.robot);
    const pilot = await makePilot(bytes, task, model, 2);
    const randomization = RandomizationConfig.parse({ massScale: 1.2 });
    const env = await makeSimEnv({ task: pilot.task, robot: model, numEnvs: 2, randomization });
    env.reset(1);
    pilot.reset(0, new Rng(1));
    const raw = new Float32Array(2);
    pilot.act(raw, env.result, env.view);
    // (1.2 − 1) / 0.5
    expect(raw[0]).toBeCloseTo(0.4, 6);
    expect(raw[1]).toBeCloseTo(0.4, 6);
    const { critic } = env.result;
    const narrow = { observation: env.result.observation, critic: critic.subarray(1) };
    expect(() => pilot.act(raw, narrow, env.view)).toThrow(/numbers of 'critic'/);
    pilot.release();
    env.free();
  });

  it('is judged as any other, in this thread and in others to the same bits', async () => {
    const policy = await makeSeeingPolicy(task.name, BALANCE);
    const options = { task, policy, episodes: 4, firstSeed: 1 };
    const alone = await evaluate(options);
    expect(alone.score).toMatchObject({ controller: 'policy', successRate: 1 });
    const crew = new FlightCrew(1);
    const { score } = await evaluate({ ...options, crew });
    await crew.close();
    expect(score).toEqual(alone.score);
  });

  it('is refused where its columns are not, before anything is flown', async () => {
    const hover = getTask('crazyflie-hover');
    const policy = await makeSeeingPolicy(hover.name, {});
    const pushed = RandomizationConfig.parse({ adversary: { maxForceScale: 0.1 } });
    const options = { task: hover, policy, episodes: 1, firstSeed: 1, randomization: pushed };
    await expect(evaluate(options)).rejects.toThrow(
      /'crazyflie-hover', critic: .*other columns.*adversaryForceB\.x/,
    );
  });

  it('is no adversary', async () => {
    const manifest = readManifest(await makeSeeingPolicy(task.name, {}), 'bully');
    const problems = checkAdversary(manifest, task, 'bully').map(String).join('\n');
    expect(problems).toMatch(/sees what the robot measures.*columns of the true state/);
  });
});
