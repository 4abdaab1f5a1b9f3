import { describe, expect, it } from 'vitest';
import { makeMlpModel } from '../../../policies/onnx/mlp-graph.ts';
import type { Activation, MlpNetwork } from '../../../policies/onnx/policy-network.ts';
import { createSession, makeTensor } from '../../../policies/onnx/session.ts';
import { Fitter } from '../../../policies/training/fit.ts';
import { makeMlpForward } from '../../../policies/training/forward.ts';
import { Regression } from '../../../policies/training/regression.ts';
import { computeStandardized, fitStandardizer } from '../../../policies/training/standardizer.ts';
import { Rng } from '../../../sim/math/rng.ts';

const ACTIVATIONS: readonly Activation[] = ['tanh', 'elu', 'relu'];

function makeNormals(rng: Rng, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => rng.normal(0, 1));
}

function makeRandomMlp(activation: Activation): MlpNetwork {
  const rng = new Rng(3, activation);
  const sizes = [5, 16, 16, 3];
  return {
    kind: 'mlp',
    normalizer: { mean: makeNormals(rng, 5), std: [1, 2, 0.5, 0.1, 3], clip: 4 },
    layers: sizes.slice(1).map((numOut, i) => ({
      weight: makeNormals(rng, sizes[i]! * numOut).map((w) => w / Math.sqrt(sizes[i]!)),
      bias: makeNormals(rng, numOut),
    })),
    activation,
    head: 'identity',
  };
}

describe('the network in TypeScript', () => {
  it.each(ACTIVATIONS)('equals its ONNX graph with %s', async (activation) => {
    const mlp = makeRandomMlp(activation);
    const session = await createSession(
      makeMlpModel({ ...mlp, inputName: 'obs', outputName: 'actions' }),
      'cpu',
    );
    const input = makeNormals(new Rng(4), 20 * 5).map((x) => 3 * x);
    const wanted = (await session.run({ obs: makeTensor(input, [20, 5]) })).actions!
      .data as Float32Array;
    const got = new Float32Array(20 * 3);
    makeMlpForward(mlp)(got, input, 20);
    await session.release();
    // Outputs are of size 1 to 10; 32-bit sums over 16 terms round at about 1e-6.
    got.forEach((value, i) => {
      expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-5);
    });
  });

  it('applies the normaliser once', () => {
    const mlp: MlpNetwork = {
      kind: 'mlp',
      normalizer: { mean: [10], std: [2], clip: 5 },
      layers: [{ weight: [3], bias: [1] }],
      activation: 'tanh',
      head: 'identity',
    };
    const out = new Float32Array(2);
    makeMlpForward(mlp)(out, Float32Array.of(14, 100), 2);
    // (14 − 10)/2 = 2, 3 · 2 + 1 = 7; (100 − 10)/2 = 45 → 5, 3 · 5 + 1 = 16
    expect([...out]).toEqual([7, 16]);
  });
});

describe('the standardizer', () => {
  it('fits mean and standard deviation by column, and never divides by next to nothing', () => {
    // Column 0: 1, 3: mean 2, deviation 1. Column 1: constant 5. (5.0078125 is exact in 32 bits.)
    const rows = Float32Array.of(1, 5, 3, 5);
    const fitted = fitStandardizer(rows, 2, 0.01);
    expect([...fitted.mean]).toEqual([2, 5]);
    expect([...fitted.std]).toEqual([1, 0.01]);
    expect([...computeStandardized(Float32Array.of(5, 5.0078125), fitted, 2)]).toEqual([
      2, 0.78125,
    ]);
    expect(() => fitStandardizer(rows, 3, 0.01)).toThrow(/4 numbers are not rows of 3/);
  });
});

describe('Regression', () => {
  const rng = new Rng(6);
  const x = makeNormals(rng, 64 * 3);
  const y = Float32Array.from({ length: 64 }, (_, i) => x[3 * i]! * x[3 * i + 1]!);
  const run = async (seed: number) => {
    const regression = await Regression.make({
      network: { name: 'n', numIn: 3, hidden: [16], numOut: 1, activation: 'tanh' },
      batchSize: 64,
      rng: new Rng(seed),
    });
    const losses: number[] = [];
    for (let i = 0; i < 300; i++) losses.push(await regression.step(x, y, 0.01));
    const layers = regression.copyLayers();
    await regression.free();
    return { losses, weight: [...(layers[0]!.weight as Float32Array)] };
  };

  it('learns a product, bit for bit the same with the same seed', async () => {
    const once = await run(1);
    expect(once.losses.at(-1)).toBeLessThan(0.05 * once.losses[0]!);
    expect(await run(1)).toEqual(once);
    expect((await run(2)).weight).not.toEqual(once.weight);
  });
});

describe('Fitter', () => {
  it('gives a network that works in raw units', async () => {
    const rng = new Rng(8);
    const numRows = 500;
    // Observations around 100 ± 10, actions −3 ± 0.02: a linear map far from standard units.
    const observations = Float32Array.from({ length: numRows }, () => rng.normal(100, 10));
    const actions = observations.map((value) => -3 + 0.002 * (value - 100));
    const data = { observations, actions, numRows };
    const fitter = await Fitter.make({
      hidden: [8],
      activation: 'tanh',
      batchSize: 64,
      numObs: 1,
      numActions: 1,
      rng: new Rng(9),
    });
    await fitter.fit(data, { steps: 600, learningRate: [0.02, 0.0005] }, () => {});
    const mlp = fitter.copyMlp();
    const loss = fitter.computeLoss(data);
    await fitter.free();
    const out = new Float32Array(1);
    makeMlpForward(mlp)(out, Float32Array.of(110), 1);
    // Within a tenth of the actions' deviation of 0.02.
    expect(Math.abs(out[0]! - -2.98)).toBeLessThan(0.002);
    expect(loss).toBeLessThan(0.01);
  });
});
