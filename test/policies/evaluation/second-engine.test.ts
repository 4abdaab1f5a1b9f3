import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../policies/evaluation/evaluate.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const SHIPPED = fileURLToPath(
  new URL('../../../policies/trained/crazyflie-track.onnx', import.meta.url),
);
const classical = { kind: 'classical' } as const;
/** Seeds that neither training nor the scores in the file have seen. */
const UNSEEN = 900_000;

describe('in MuJoCo, the engine they never saw', () => {
  it.each([
    { task: 'crazyflie-track', policy: SHIPPED, controller: 'policy' },
    { task: 'crazyflie-track', policy: classical, controller: 'cascaded-pid' },
    { task: 'cartpole-balance', policy: classical, controller: 'cartpole-lqr' },
  ])('$controller succeeds at $task', async ({ task: name, policy, controller }) => {
    const task = getTask(name);
    const { score } = await evaluate({
      task,
      policy,
      episodes: 6,
      firstSeed: UNSEEN,
      engine: 'mujoco',
    });
    expect(score).toMatchObject({ task: name, engine: 'mujoco', controller, episodes: 6 });
    // All three succeed on 99 % or more of 200 seeds: two of six lost would be a chance of 0.2 %.
    expect(score.successRate).toBeGreaterThan(0.8);
    expect(score.metrics).toMatchObject({ terminatedRate: 0 });
  });

  it('an episode starts as in Rapier and goes nearly as it does there', async () => {
    const task = getTask('crazyflie-track');
    const fly = async (engine: 'rapier' | 'mujoco') => {
      const options = { task, policy: classical, episodes: 4, firstSeed: UNSEEN, engine };
      return (await evaluate(options)).episodes;
    };
    const trained = await fly('rapier');
    for (const [i, judged] of (await fly('mujoco')).entries()) {
      expect(judged.context).toEqual(trained[i]!.context);
      const [one, other] = [trained[i]!.metrics.rmse!, judged.metrics.rmse!];
      expect(one).not.toBe(other);
      // Both integrate by first-order steps of 2 ms or less; at 1 m/s that is 2 mm.
      expect(Math.abs(one - other)).toBeLessThan(2e-3);
    }
  });
});
