import { describe, expect, it } from 'vitest';
import type { MlpNetwork } from '../../../policies/onnx/policy-network.ts';
import { makeDistillation } from '../../../policies/training/distill.ts';
import { DistillSettings } from '../../../policies/training/distill-config.ts';
import type { Learner } from '../../../policies/training/learner.ts';
import { checkTeacherSight, type Teacher } from '../../../policies/training/teacher.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { makeClassicCartpole } from '../../kit/classic-cartpole.ts';

/** Balances: pushes towards where the pole falls, and the cart back to the middle. */
const TEACHER: MlpNetwork = {
  ...{ kind: 'mlp', activation: 'tanh', head: 'tanh' },
  normalizer: { mean: [0, 0, 0, 0], std: [1, 1, 1, 1] },
  layers: [{ weight: [0.3, 0.6, 6, 1.5], bias: [0] }],
};
const SMALL = { stepsPerRound: 16, minibatches: 2, epochs: 4, learningRate: 3e-3 };

function makeLearner(
  actor: object,
  teacher: Teacher = { network: TEACHER },
  env = makeClassicCartpole(16),
): Promise<Learner> {
  const settings = DistillSettings.parse({ ...SMALL, actor });
  return makeDistillation({ env, settings, rng: new Rng(1), teacher });
}

/** The same teacher, who is shown what the critic sees. */
const SEEING: Teacher = {
  network: TEACHER,
  privileged: ['x', 'v', 'angle', 'spin'].map((name) => ({ name, unit: '-' })),
};

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

describe('a student that sees no velocities', () => {
  it('finds out by its memory what a teacher does who sees them, and cannot without', async () => {
    const learn = async (actor: object) => {
      const learner = await makeLearner(actor, SEEING, makeClassicCartpole(16, ['x', 'angle']));
      await learner.restart(0);
      const losses: number[] = [];
      for (let round = 0; round < 80; round++) {
        losses.push((await learner.runRound()).metrics['loss/imitation']!);
      }
      const { normalizer } = await learner.copyPolicy();
      expect(normalizer.mean.length).toBe(2);
      learner.free();
      return losses;
    };
    const blind = await learn({ hidden: [16] });
    const remembering = await learn({ kind: 'gru', numState: 16, hidden: [16] });
    // Of actions from −1 to 1: 0.05 of one, 0.4 of the other.
    expect(remembering.at(-1)!).toBeLessThan(0.3 * blind.at(-1)!);
  });
});

describe('a teacher', () => {
  it('that is shown the critic is refused where that sees something else', async () => {
    const env = makeClassicCartpole(16);
    const layout = { ...env.layout, criticNames: ['x', 'v', 'angle', 'spin', 'wind'] };
    await expect(makeLearner({}, SEEING, { ...env, layout })).rejects.toThrow(
      /expected \[5\] → \[1\], by what the critic sees, got \[4\] → \[1\]/,
    );
    const columns = SEEING.privileged!;
    expect(checkTeacherSight(SEEING, columns, '--teacher')).toEqual([]);
    expect(checkTeacherSight({}, columns, '--teacher')).toEqual([]);
    const wind = { name: 'wind', unit: 'N' };
    const problems = [
      checkTeacherSight(SEEING, [...columns, wind], '--teacher'),
      checkTeacherSight(SEEING, columns.toReversed(), '--teacher'),
      checkTeacherSight({ privileged: [wind] }, [{ ...wind, scale: 2 }], '--teacher'),
    ].map((errors) => errors.map(String).join());
    expect(problems[0]).toMatch(/--teacher: .*expected 4 columns, got 5 columns.*wind \[N\]/);
    expect(problems[1]).toMatch(/expected x as column 0, got spin as column 0/);
    expect(problems[2]).toMatch(/expected .*wind \[N\], got .*wind \[N\] · 2/);
  });

  it('is refused where it sees something else', async () => {
    const network = {
      ...TEACHER,
      normalizer: { mean: [0], std: [1] },
      layers: [{ weight: [1], bias: [0] }],
    };
    await expect(makeLearner({}, { network })).rejects.toThrow(
      /teacher: it does not fit task 'classic-cartpole' \(expected \[4\] → \[1\], by what the policy sees, got \[1\] → \[1\]/,
    );
  });
});
