import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../policies/onnx/graph-builder.ts';
import { compileProgram } from '../../../policies/onnx/program.ts';
import { computeAdamRate, writeAdamStep } from '../../../policies/training/adam.ts';
import { computeValues } from '../../../policies/training/critic-values.ts';
import { standardize, writeAdvantages } from '../../../policies/training/gae.ts';
import {
  computeEntropy,
  computeKlDivergence,
  computeLogProbability,
  writeSample,
} from '../../../policies/training/gaussian.ts';
import { adaptLearningRate } from '../../../policies/training/learning-rate.ts';
import { listSequenceRows, makePermutation } from '../../../policies/training/minibatches.ts';
import { PpoSettings } from '../../../policies/training/ppo-config.ts';
import { ReturnNormalizer } from '../../../policies/training/return-normalizer.ts';
import { makeRolloutBuffer } from '../../../policies/training/rollout-buffer.ts';
import { RunningNormalizer } from '../../../policies/training/running-normalizer.ts';
import { Rng } from '../../../sim/math/rng.ts';

/** Single precision, sums of a few numbers of order 1. */
const CLOSE = 6;

describe('advantages', () => {
  it('are what the definition says, within an episode', () => {
    const out = new Float32Array(3);
    writeAdvantages(out, {
      reward: Float32Array.of(1, 2, 3),
      value: Float32Array.of(10, 20, 30),
      nextValue: Float32Array.of(20, 0, 40),
      isEnd: Uint8Array.of(0, 1, 0),
      numEnvs: 1,
      discount: 0.5,
      lambda: 0.5,
    });
    // δ₂ = 3 + 0.5·40 − 30 = −7. δ₁ = 2 + 0 − 20 = −18, the episode ends there: A₁ = −18.
    // δ₀ = 1 + 0.5·20 − 10 = 1, A₀ = 1 + 0.25·(−18) = −3.5.
    expect([...out]).toEqual([-3.5, -18, -7]);
  });

  it('keep environments apart', () => {
    const out = new Float32Array(4);
    const zeros = new Float32Array(4);
    writeAdvantages(out, {
      // Two steps of two environments: only the second earns, in its second step.
      reward: Float32Array.of(0, 0, 0, 8),
      value: zeros,
      nextValue: zeros,
      isEnd: new Uint8Array(4),
      numEnvs: 2,
      discount: 0.5,
      lambda: 0.5,
    });
    expect([...out]).toEqual([0, 2, 0, 8]);
  });

  it('are brought to mean 0 and deviation 1', () => {
    const values = Float32Array.of(1, 3);
    standardize(values);
    expect([...values]).toEqual([-1, 1]);
  });
});

describe('the value of what follows', () => {
  it('is 0 after an end, the last state’s after a cut, the next state’s otherwise', async () => {
    const buffer = makeRolloutBuffer({
      ...{ numSteps: 2, numEnvs: 3, numObservations: 1, numCritic: 1, numActions: 1 },
    });
    // The critic says ten times what it sees. Environment 0 goes on, 1 is ended by its task, 2 is cut short, both in
    // the first step; what they see next belongs to the next episode.
    buffer.critic.set([1, 2, 3, 4, 5, 6]);
    buffer.lastCritic.set([7, 8, 9]);
    buffer.isEnd.set([0, 1, 1, 0, 0, 0]);
    buffer.terminated.set([0, 1, 0, 0, 0, 0]);
    buffer.cuts.push({ index: 2, critic: Float32Array.of(3.5) });
    const { value, nextValue } = await computeValues(buffer, async (rows) =>
      rows.map((x) => 10 * x),
    );
    expect([...value]).toEqual([10, 20, 30, 40, 50, 60]);
    expect([...nextValue]).toEqual([40, 0, 35, 70, 80, 90]);
  });
});

describe('normalisers', () => {
  it('find mean and deviation of all rows, whatever the batches', () => {
    const whole = new RunningNormalizer(2);
    const parts = new RunningNormalizer(2);
    const rows = Float32Array.of(1, 0, 2, 0, 3, 0, 6, 4);
    whole.update(rows);
    parts.update(rows.subarray(0, 2));
    parts.update(rows.subarray(2));
    // Column 0: 1, 2, 3, 6: mean 3, variance (4 + 1 + 0 + 9)/4 = 3.5. Column 1: 0, 0, 0, 4: mean 1, variance 3.
    for (const normalizer of [whole, parts]) {
      const { mean, std } = normalizer.copyNormalizer(5);
      expect(mean[0]).toBeCloseTo(3, CLOSE);
      expect(std[0]).toBeCloseTo(Math.sqrt(3.5), CLOSE);
      expect(mean[1]).toBeCloseTo(1, CLOSE);
      expect(std[1]).toBeCloseTo(Math.sqrt(3), CLOSE);
    }
  });

  it('leave everything as it is before they have seen a row, and can be restored', () => {
    const fresh = new RunningNormalizer(1);
    expect(fresh.copyNormalizer(5)).toEqual({
      mean: Float64Array.of(0),
      std: Float64Array.of(1),
      clip: 5,
    });
    const used = new RunningNormalizer(1);
    used.update(Float32Array.of(1, 5));
    fresh.restore(used.copyState());
    expect(fresh.copyNormalizer(5)).toEqual(used.copyNormalizer(5));
  });

  it('scale rewards by how much discounted returns vary', () => {
    const returns = new ReturnNormalizer(1, 0.5);
    returns.update(Float32Array.of(4, 2, 8), Uint8Array.of(0, 1, 0));
    // Sums: 4, 2 + 0.5·4 = 4, then a new episode: 8. Mean 16/3, variance 2·(4/3)²/3 + (8/3)²/3 = 32/9.
    expect(returns.scale).toBeCloseTo(Math.sqrt(32 / 9), CLOSE);
  });
});

describe('the normal distribution', () => {
  it('has the density, entropy and divergence of the formulas', async () => {
    const graph = new GraphBuilder();
    const mean = graph.input('mean', [1, 2]);
    const logStd = graph.input('logStd', [2]);
    const other = {
      mean: graph.input('otherMean', [1, 2]),
      logStd: graph.input('otherLogStd', [2]),
    };
    graph.output('density', computeLogProbability(mean, logStd, graph.input('action', [1, 2])));
    graph.output('entropy', computeEntropy(logStd));
    graph.output('divergence', computeKlDivergence({ mean, logStd }, other));
    const program = await compileProgram(graph);
    const result = await program.run({
      mean: Float32Array.of(1, -1),
      logStd: Float32Array.of(0, Math.log(2)),
      action: Float32Array.of(2, -5),
      otherMean: Float32Array.of(0, -1),
      otherLogStd: Float32Array.of(Math.log(2), Math.log(2)),
    });
    await program.free();
    // −½·1² − ½·((−5 + 1)/2)² − ln 2 − ln 2π = −0.5 − 2 − 0.693147 − 1.837877
    expect(result.density![0]).toBeCloseTo(-5.031024, 5);
    // 2·½·ln(2πe) + ln 2 = 2.837877 + 0.693147
    expect(result.entropy![0]).toBeCloseTo(3.531024, 5);
    // First: ln 2 + (1 + 1)/(2·4) − ½ = 0.443147. Second: equal, 0.
    expect(result.divergence![0]).toBeCloseTo(0.443147, 5);
  });

  it('is drawn from as often as it should be, with the density of what was drawn', () => {
    const count = 20_000;
    const mean = new Float32Array(count).fill(3);
    const action = new Float32Array(count);
    const logProbability = new Float32Array(count);
    const logStd = Float32Array.of(Math.log(0.5));
    writeSample({ mean, logStd, action, logProbability }, new Rng(1));
    const average = action.reduce((sum, x) => sum + x, 0) / count;
    const spread = action.reduce((sum, x) => sum + (x - 3) ** 2, 0) / count;
    // The mean of 20,000 draws is off by 0.5/√20,000 = 0.0035; four of those. The variance by 0.25·√(2/20,000) = 0.0025.
    expect(Math.abs(average - 3)).toBeLessThan(0.014);
    expect(Math.abs(spread - 0.25)).toBeLessThan(0.01);
    const density = Math.exp(-0.5 * ((action[0]! - 3) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI));
    expect(Math.exp(logProbability[0]!)).toBeCloseTo(density, 5);
  });
});

describe('Adam', () => {
  it('steps by the rate against the sign of the first gradient, and shortens a long one', async () => {
    const graph = new GraphBuilder();
    const vector = (name: string) => graph.input(name, [2]);
    const step = writeAdamStep({
      parameters: vector('parameters'),
      gradient: vector('gradient'),
      firstMoment: vector('first'),
      secondMoment: vector('second'),
      rate: graph.input('rate', []),
      maxGradientNorm: 1,
    });
    graph.output('moved', step.parameters);
    graph.output('newFirst', step.firstMoment);
    graph.output('newSecond', step.secondMoment);
    graph.output('norm', step.gradientNorm);
    const program = await compileProgram(graph);
    const result = await program.run({
      parameters: Float32Array.of(1, 1),
      gradient: Float32Array.of(30, -40),
      first: Float32Array.of(0, 0),
      second: Float32Array.of(0, 0),
      rate: Float32Array.of(computeAdamRate(0.1, 1)),
    });
    await program.free();
    // |(30, −40)| = 50, shortened to (0.6, −0.8). m = 0.1·g, v = 0.001·g², both undone by the rate: a step of 0.1·sign(g).
    expect(result.norm![0]).toBeCloseTo(50, 4);
    expect(result.newFirst![0]).toBeCloseTo(0.06, CLOSE);
    expect(result.newSecond![1]).toBeCloseTo(0.00064, CLOSE);
    expect(result.moved![0]).toBeCloseTo(0.9, 5);
    expect(result.moved![1]).toBeCloseTo(1.1, 5);
  });
});

describe('the adaptive learning rate', () => {
  const settings = PpoSettings.parse({
    learningRate: { desiredKl: 0.01, upper: 0.003 },
  }).learningRate;

  it('falls beyond twice the desired divergence, rises below half, and stays in its bounds', () => {
    expect(adaptLearningRate(0.0015, 0.021, settings, 1)).toBeCloseTo(0.001, CLOSE);
    expect(adaptLearningRate(0.0015, 0.02, settings, 1)).toBe(0.0015);
    expect(adaptLearningRate(0.0015, 0.005, settings, 1)).toBe(0.0015);
    expect(adaptLearningRate(0.001, 0.0049, settings, 1)).toBeCloseTo(0.0015, CLOSE);
    expect(adaptLearningRate(0.0025, 0.0049, settings, 1)).toBe(0.003);
    expect(adaptLearningRate(1.2e-5, 1, settings, 1)).toBe(1e-5);
    // After a roll-back half the way is desired, a quarter of the divergence.
    expect(adaptLearningRate(0.0015, 0.0051, settings, 0.5)).toBeCloseTo(0.001, CLOSE);
    expect(adaptLearningRate(0.0015, 0.0049, settings, 0.5)).toBe(0.0015);
    expect(adaptLearningRate(0.001, 0.0012, settings, 0.5)).toBeCloseTo(0.0015, CLOSE);
    // The first minibatch of a round finds the policy where it began.
    expect(adaptLearningRate(0.001, 0, settings, 1)).toBe(0.001);
  });
});

describe('minibatches', () => {
  it('hold every row once', () => {
    const order = makePermutation(100, new Rng(1));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
  });

  it('of sequences list an environment’s rows step by step', () => {
    // Two steps of three environments: rows 0 1 2, then 3 4 5.
    expect([...listSequenceRows(Int32Array.of(2, 0), 2, 3)]).toEqual([2, 0, 5, 3]);
  });
});
