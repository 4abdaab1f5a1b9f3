import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../policies/evaluation/evaluate.ts';
import { computeWilsonInterval } from '../../../sim/math/interval.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import type { TaskDefinition } from '../../../sim/task/task.ts';
import { getTask } from '../../../sim/tasks/registry.ts';

const NOMINAL = RandomizationConfig.parse({});
const classical = { kind: 'classical' } as const;

describe('computeWilsonInterval', () => {
  it('agrees with known values', () => {
    // n = 10, z² = 3.8415. 0 of 10: upper = z²/(n + z²) = 3.8415/13.8415 = 0.27753.
    const none = computeWilsonInterval(0, 10);
    expect(none[0]).toBe(0);
    expect(none[1]).toBeCloseTo(0.27753, 5);
    // 8 of 10: centre (0.8 + 0.19207)/1.38415 = 0.71674, reach
    // √(0.38415 · 0.16 + 0.14757/4)/1.38415 = √0.098356/1.38415 = 0.22658.
    const eight = computeWilsonInterval(8, 10);
    expect(eight[0]).toBeCloseTo(0.4902, 4);
    expect(eight[1]).toBeCloseTo(0.9433, 4);
    expect(computeWilsonInterval(10, 10)[1]).toBeCloseTo(1, 12);
  });

  it('refuses what is no success rate', () => {
    expect(() => computeWilsonInterval(3, 2)).toThrow(/3 of 2/);
    expect(() => computeWilsonInterval(0, 0)).toThrow(/0 of 0/);
  });
});

describe('evaluate', () => {
  it('sees the PID hover, on the robot as described', async () => {
    const { score } = await evaluate({
      task: getTask('crazyflie-hover'),
      policy: classical,
      episodes: 3,
      firstSeed: 1,
      randomization: NOMINAL,
    });
    expect(score).toMatchObject({ controller: 'cascaded-pid', successRate: 1, episodes: 3 });
    // Motion capture is off by up to 1.5 mm an axis, and that is all that is wrong here but for
    // noise: below a centimetre.
    expect(score.metrics.finalError).toBeLessThan(0.01);
  });

  it('sees the LQR balance, on the robot as described', async () => {
    const { score } = await evaluate({
      task: getTask('cartpole-balance'),
      policy: classical,
      episodes: 3,
      firstSeed: 1,
      randomization: NOMINAL,
    });
    expect(score).toMatchObject({ controller: 'cartpole-lqr', successRate: 1 });
    expect(score.metrics.finalError).toBeLessThan(0.02);
  });

  it('counts an episode that was terminated as lost, whatever its judge says', async () => {
    const task: TaskDefinition = {
      ...getTask('crazyflie-hover'),
      makeTerminations: () => ({
        late: { kind: 'terminated', term: ({ timeS }, robot) => timeS[robot]! > 7.9 },
      }),
    };
    const { score } = await evaluate({ task, policy: classical, episodes: 2, firstSeed: 1 });
    expect(score.successRate).toBe(0);
    expect(score.metrics).toMatchObject({ terminatedRate: 1, ci95Lower: 0 });
  });

  it('gives each seed the same episode, however many are flown and again', async () => {
    const options = {
      task: { ...getTask('crazyflie-track'), episodeLengthS: 2.5 },
      policy: classical,
      episodes: 2,
    };
    const fly = async (firstSeed: number) => {
      const { episodes } = await evaluate({ ...options, firstSeed });
      return episodes.map(({ seed, return: sum, context }) => ({ seed, sum, context }));
    };
    const once = await fly(7);
    expect(once.map((episode) => episode.seed)).toEqual([7, 8]);
    expect(await fly(7)).toEqual(once);
    const shifted = await fly(8);
    expect(shifted[0]!.context).toEqual(once[1]!.context);
    expect(shifted[0]!.context).not.toEqual(once[0]!.context);
  });

  it('refuses a policy that is not there', async () => {
    const task = getTask('crazyflie-hover');
    const missing = evaluate({ task, policy: '/nowhere.onnx', episodes: 1, firstSeed: 0 });
    await expect(missing).rejects.toThrow(/nowhere\.onnx.*no such file/);
  });
});
