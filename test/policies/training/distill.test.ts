import { describe, expect, it } from 'vitest';
import type { MlpNetwork } from '../../../policies/onnx/policy-network.ts';
import { makeDistillation } from '../../../policies/training/distill.ts';
import { DistillSettings } from '../../../policies/training/distill-config.ts';
import type { Learner } from '../../../policies/training/learner.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { makeClassicCartpole } from '../../kit/classic-cartpole.ts';

/** Balances: pushes towards where the pole falls, and the cart back to the middle. */
const TEACHER: MlpNetwork = {
  ...{ kind: 'mlp', activation: 'tanh', head: 'tanh' },
  normalizer: { mean: [0, 0, 0, 0], std: [1, 1, 1, 1] },
  layers: [{ weight: [0.3, 0.6, 6, 1.5], bias: [0] }],
};
const SMALL = { stepsPerRound: 16, minibatches: 2, epochs: 4, learningRate: 3e-3 };

function makeLearner(actor: object, teacher = TEACHER): Promise<Learner> {
  return makeDistillation({
    env: makeClassicCartpole(16),
    settings: DistillSettings.parse({ ...SMALL, actor }),
    rng: new Rng(1),
    teacher,
  });
}

describe.each([
  ['feed-forward', { hidden: [16] }],
  ['recurrent', { kind: 'gru', numState: 8, hidden: [16] }],
])('a student, %s', (_, actor) => {
  it('comes to do what its teacher does, and goes on from a stored state', async () => {
    const learner = await makeLearner(actor);
    await learner.restart(0);
    const losses: number[] = [];
    for (let round = 0; round < 40; round++) {
      losses.push((await learner.runRound()).metrics['loss/imitation']!);
    }
    // The teacher's actions are of size 0.3 to 1.
    expect(losses.at(-1)!).toBeLessThan(0.1 * losses[0]!);
    const stored = await learner.copyState();
    await learner.restart(1);
    const wanted = (await learner.runRound()).metrics;
    const other = await makeLearner(actor);
    await other.restore(stored);
    await other.restart(1);
    expect((await other.runRound()).metrics).toEqual(wanted);
    expect(other.numSteps).toBe(learner.numSteps);
    learner.free();
    other.free();
  });
});

describe('a teacher', () => {
  it('is refused where it sees something else', async () => {
    const other = {
      ...TEACHER,
      normalizer: { mean: [0], std: [1] },
      layers: [{ weight: [1], bias: [0] }],
    };
    await expect(makeLearner({}, other)).rejects.toThrow(
      /teacher: it does not fit task 'classic-cartpole' \(expected \[4\] → \[1\].*got \[1\] → \[1\]/,
    );
  });
});
