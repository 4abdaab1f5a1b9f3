import { describe, expect, it } from 'vitest';
import type { Expression } from '../../../policies/onnx/expression.ts';
import type { Learner } from '../../../policies/training/learner.ts';
import {
  listParameters,
  type NetworkShape,
  writeLayers,
  writeStates,
} from '../../../policies/training/network-shape.ts';
import { writePolicyLoss, writeValueLoss } from '../../../policies/training/ppo-loss.ts';
import type { TrainingEnv } from '../../../policies/training/training-env.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { makeClassicCartpole } from '../../kit/classic-cartpole.ts';
import { learnClassicCartpole, MAX_STEPS, SOLVED } from '../../kit/classic-ppo.ts';
import { findGradientErrors } from '../../kit/finite-differences.ts';
import { makeSmallPpo, SMALL_PPO } from '../../kit/small-ppo.ts';

const RECURRENT = { ...SMALL_PPO, actor: { kind: 'gru', numState: 6, hidden: [8] } };

async function runRounds(learner: Learner, count: number): Promise<unknown[]> {
  const metrics: unknown[] = [];
  for (let round = 0; round < count; round++) metrics.push((await learner.runRound()).metrics);
  return metrics;
}

describe('the loss of PPO', () => {
  const ROWS = 6;
  const network: NetworkShape = {
    ...{ name: 'actor', numIn: 3, hidden: [4], numOut: 2, activation: 'tanh' },
  };
  const data = {
    seen: [ROWS, 3],
    action: [ROWS, 2],
    oldMean: [ROWS, 2],
    oldLogStd: [2],
    oldLogProbability: [ROWS],
    oldValue: [ROWS],
    advantage: [ROWS],
    return: [ROWS],
  } as const;

  function makeValues(shapes: Readonly<Record<string, readonly number[]>>) {
    const rng = new Rng(2);
    return Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const count = shape.reduce((product, size) => product * size, 1);
        // Old log-densities near those of a unit normal, so that ratios lie on both sides of the clip.
        const centre = name === 'oldLogProbability' ? -3 : 0;
        return [name, Float32Array.from({ length: count }, () => rng.normal(centre, 0.5))];
      }),
    );
  }

  it.each([
    { kind: 'feed-forward', valueClip: undefined },
    { kind: 'feed-forward', valueClip: 0.2 },
    { kind: 'recurrent', valueClip: undefined },
  ])(
    'has the gradient of finite differences, $kind, values clipped at $valueClip',
    async ({ kind, valueClip }) => {
      const shape = { ...network, numState: kind === 'recurrent' ? 3 : undefined };
      const parameters = listParameters(shape);
      const learnt = {
        ...Object.fromEntries(parameters.map((piece) => [piece.name, piece.shape])),
        logStd: [2],
        value: [ROWS],
      };
      const constants = makeValues(data);
      const errors = await findGradientErrors(learnt, makeValues(learnt), (inputs, graph) => {
        const pieces = new Map(parameters.map(({ name }) => [name, inputs[name]!]));
        // Three steps of two environments; the second one's episode begins in the second step.
        const masks = graph.table(Float32Array.of(1, 1, 1, 0, 1, 1), [ROWS, 1]);
        const states = () =>
          writeStates(tableOf('seen'), graph.full([2, 3], 0.3), masks, { network: shape, pieces });
        const tableOf = (name: keyof typeof data) => graph.table(constants[name]!, data[name]);
        const { loss } = writePolicyLoss(
          {
            mean: writeLayers(kind === 'recurrent' ? states() : tableOf('seen'), shape, pieces),
            logStd: inputs.logStd!,
            action: tableOf('action'),
            oldMean: tableOf('oldMean'),
            oldLogStd: tableOf('oldLogStd'),
            oldLogProbability: tableOf('oldLogProbability'),
            advantage: tableOf('advantage'),
            entropyWeight: graph.constant(0.1),
          },
          { clip: 0.2 },
        );
        const { value } = inputs as { value: Expression };
        const judged = { value, oldValue: tableOf('oldValue'), return: tableOf('return') };
        return loss.add(writeValueLoss(judged, { valueClip }));
      });
      expect(errors).toEqual([]);
    },
  );
});

describe.each([
  ['feed-forward', SMALL_PPO],
  ['recurrent', RECURRENT],
])('PPO, %s', (_, settings) => {
  it('learns in the same bits from the same seed, and in others from another', async () => {
    const runs = [];
    for (const seed of [1, 1, 2]) {
      const learner = await makeSmallPpo(settings, seed);
      await learner.restart(0);
      const metrics = await runRounds(learner, 3);
      runs.push({ metrics, state: await learner.copyState() });
      learner.free();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]!.metrics).not.toEqual(runs[0]!.metrics);
  });

  it('acts by what the critic sees where it is to, as one that is shown it', async () => {
    const run = async (observes: string, env: TrainingEnv) => {
      const actor = { ...settings.actor, observes };
      const learner = await makeSmallPpo({ ...settings, actor }, 1, env);
      await learner.restart(0);
      const metrics = await runRounds(learner, 3);
      const policy = await learner.copyPolicy();
      learner.free();
      return { metrics, policy };
    };
    const shown = await run('policy', makeClassicCartpole(8));
    const seeing = await run('critic', makeClassicCartpole(8, ['angle']));
    expect(seeing).toEqual(shown);
    const blind = await run('policy', makeClassicCartpole(8, ['angle']));
    expect(blind.policy.normalizer.mean.length).toBe(1);
  });

  it('goes on from a stored state as if it had never stopped', async () => {
    const learner = await makeSmallPpo(settings);
    await learner.restart(0);
    await runRounds(learner, 2);
    const stored = await learner.copyState();
    await learner.restart(1);
    const wanted = await runRounds(learner, 2);
    const other = await makeSmallPpo(settings, 1);
    await other.restore(JSON.parse(JSON.stringify(stored), reviveArrays));
    await other.restart(1);
    expect(await runRounds(other, 2)).toEqual(wanted);
    expect(await other.copyPolicy()).toEqual(await learner.copyPolicy());
    expect(other.numSteps).toBe(learner.numSteps);
    learner.free();
    other.free();
  });
});

/** Plain lists back to typed arrays, as a reader of checkpoints gives them. */
function reviveArrays(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('0' in value)) return value;
  const numbers = Object.values(value) as number[];
  return /observations|Observations|returns|difficulty/.test(key)
    ? Float64Array.from(numbers)
    : Float32Array.from(numbers);
}

describe('PPO', () => {
  it.each([1, 2, 3])('solves CartPole-v1 within 100,000 steps, seed %i', async (seed) => {
    let solvedAfter = Number.POSITIVE_INFINITY;
    for await (const { steps, meanReturn } of learnClassicCartpole(seed)) {
      if (meanReturn < SOLVED) continue;
      solvedAfter = steps;
      break;
    }
    expect(solvedAfter).toBeLessThanOrEqual(MAX_STEPS);
  });

  it('refuses a state of other networks, naming what differs', async () => {
    const learner = await makeSmallPpo(SMALL_PPO);
    const other = await makeSmallPpo({ ...SMALL_PPO, actor: { hidden: [9] } });
    const refused = other.restore(await learner.copyState());
    await expect(refused).rejects.toThrow(/array 'parameters' does not fit/);
    await expect(other.restore({ arrays: {}, scalars: { algorithm: 'sac' } })).rejects.toThrow(
      /another algorithm \(expected 'ppo', got 'sac'\)/,
    );
    learner.free();
    other.free();
  });

  it('refuses minibatches that do not divide a round', async () => {
    await expect(makeSmallPpo({ ...SMALL_PPO, minibatches: 3 })).rejects.toThrow(
      /a divisor of the 128 steps of a round.*3 minibatches/,
    );
  });

  it('lets a rate that falls to 0 get there after its last round, not in it', async () => {
    const learner = await makeSmallPpo({
      ...{ ...SMALL_PPO, normalizeObservations: false },
      // Four rounds of 16 steps of 8 environments.
      ...{ learningRate: { rule: 'linear', first: 0.008 }, horizonSteps: 512 },
    });
    await learner.restart(0);
    const rates: number[] = [];
    for (let round = 0; round < 4; round++) {
      rates.push((await learner.runRound()).metrics['learning/rate']!);
    }
    expect(rates).toEqual([0.008, 0.006, 0.004, 0.002]);
    learner.free();
  });

  it('lets a rate that falls to something stay there', async () => {
    const learner = await makeSmallPpo({
      ...{ ...SMALL_PPO, normalizeObservations: false },
      ...{ learningRate: { rule: 'linear', first: 0.008, last: 0.004 }, horizonSteps: 256 },
    });
    await learner.restart(0);
    const rates: number[] = [];
    for (let round = 0; round < 4; round++) {
      rates.push((await learner.runRound()).metrics['learning/rate']!);
    }
    expect(rates).toEqual([0.008, 0.006, 0.004, 0.004]);
    learner.free();
  });

  it('counts the return of an episode that was cut to its end, and the next one from its beginning', async () => {
    const learner = await makeSmallPpo({
      // Five steps of the 500 of an episode, at 100 cuts for one: every round ends with a cut. No pole has fallen by then.
      ...{ ...SMALL_PPO, stepsPerRound: 5, cutsPerEpisode: 100, discount: 0.5 },
      normalizeObservations: false,
    });
    await learner.restart(0);
    // A reward of 1 each: 1, 1.5, 1.75, 1.875, 1.9375. Mean 1.6125, variance 0.58125 / 5.
    for (let round = 0; round < 3; round++) {
      const { metrics } = await learner.runRound();
      expect(metrics['return/scale']).toBeCloseTo(Math.sqrt(0.11625), 6);
    }
    learner.free();
  });

  it('learns more slowly when told to, and remembers it', async () => {
    const learner = await makeSmallPpo({
      ...SMALL_PPO,
      learningRate: { rule: 'fixed', first: 0.01 },
    });
    learner.scaleLearningRate(0.5);
    await learner.restart(0);
    const [metrics] = (await runRounds(learner, 1)) as [Record<string, number>];
    expect(metrics['learning/rate']).toBe(0.005);
    expect((await learner.copyState()).scalars.rateScale).toBe(0.5);
    learner.free();
  });
});
