import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MlpSpec, makeMlpModel } from '../../../policies/onnx/mlp-graph.ts';
import { readModel } from '../../../policies/onnx/model-proto.ts';
import { createSession, makeTensor } from '../../../policies/onnx/session.ts';

/** Single precision keeps 7 digits; a hundred sums of order 1 lose less than 2 of them. */
const FLOAT32_NETWORK = 1e-5;

const ACTIVATIONS = {
  tanh: Math.tanh,
  elu: (x: number) => (x > 0 ? x : Math.expm1(x)),
  relu: (x: number) => Math.max(0, x),
};

/** The same network by its definition, in double precision. */
function computeMlp(spec: MlpSpec, input: readonly number[]): number[] {
  let values = [...input];
  if (spec.normalizer !== undefined) {
    const { mean, std, clip = Number.POSITIVE_INFINITY } = spec.normalizer;
    values = values.map((x, i) => Math.min(clip, Math.max(-clip, (x - mean[i]!) / std[i]!)));
  }
  spec.layers.forEach(({ weight, bias }, layer) => {
    const numOut = bias.length;
    values = Array.from({ length: numOut }, (_, o) =>
      values.reduce((sum, x, i) => sum + x * weight[i * numOut + o]!, bias[o]!),
    );
    const isLast = layer === spec.layers.length - 1;
    if (!isLast) values = values.map(ACTIVATIONS[spec.activation]);
    else if (spec.head === 'tanh') values = values.map(Math.tanh);
  });
  return values;
}

async function runModel(model: Uint8Array, rows: readonly (readonly number[])[]) {
  const session = await createSession(model, 'cpu');
  const input = makeTensor(Float32Array.from(rows.flat()), [rows.length, rows[0]!.length]);
  const result = await session.run({ obs: input });
  await session.release();
  return result.actions!;
}

const weights = (length: number) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: length, maxLength: length });

const specs = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
    activation: fc.constantFrom('tanh' as const, 'elu' as const, 'relu' as const),
    head: fc.constantFrom('identity' as const, 'tanh' as const),
    clip: fc.option(fc.double({ min: 0.5, max: 5, noNaN: true }), { nil: undefined }),
    hasNormalizer: fc.boolean(),
  })
  .chain(({ sizes, activation, head, clip, hasNormalizer }) =>
    fc
      .record({
        layers: fc.tuple(
          ...sizes
            .slice(1)
            .map((numOut, i) =>
              fc.record({ weight: weights(sizes[i]! * numOut), bias: weights(numOut) }),
            ),
        ),
        mean: weights(sizes[0]!),
        std: fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), {
          minLength: sizes[0]!,
          maxLength: sizes[0]!,
        }),
        input: fc.array(weights(sizes[0]!), { minLength: 1, maxLength: 3 }),
      })
      .map(({ layers, mean, std, input }) => {
        const spec: MlpSpec = {
          layers,
          activation,
          head,
          inputName: 'obs',
          outputName: 'actions',
          ...(hasNormalizer && {
            normalizer: { mean, std, ...(clip !== undefined && { clip }) },
          }),
        };
        return { spec, input };
      }),
  );

describe('makeMlpModel', () => {
  it('computes in onnxruntime what the definition computes, row by row', async () => {
    await fc.assert(
      fc.asyncProperty(specs, async ({ spec, input }) => {
        const output = await runModel(makeMlpModel(spec), input);
        const expected = input.flatMap((row) => computeMlp(spec, row));
        expect(output.dims).toEqual([input.length, spec.layers.at(-1)!.bias.length]);
        expected.forEach((value, i) => {
          expect(Math.abs((output.data[i] as number) - value)).toBeLessThan(FLOAT32_NETWORK);
        });
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('applies the normaliser once, and its clip after the division', async () => {
    const spec: MlpSpec = {
      normalizer: { mean: [10, 10], std: [2, 2], clip: 3 },
      layers: [{ weight: [1, 0, 0, 1], bias: [0, 0] }],
      activation: 'relu',
      head: 'identity',
      inputName: 'obs',
      outputName: 'actions',
    };
    // (14 − 10) / 2 = 2; twice would be (2 − 10) / 2 = −4. (30 − 10) / 2 = 10, clipped to 3.
    const output = await runModel(makeMlpModel(spec), [[14, 30]]);
    expect(Array.from(output.data as Float32Array)).toEqual([2, 3]);
  });

  it('puts no activation after the last layer with an identity head', async () => {
    const spec: MlpSpec = {
      layers: [{ weight: [1], bias: [-5] }],
      activation: 'relu',
      head: 'identity',
      inputName: 'obs',
      outputName: 'actions',
    };
    // 2 · 1 − 5 = −3, which relu would make 0.
    expect((await runModel(makeMlpModel(spec), [[2]])).data[0]).toBe(-3);
  });

  it('gives the same bytes for the same numbers and names its free batch dimension', () => {
    const spec: MlpSpec = {
      layers: [{ weight: [1, 2, 3, 4, 5, 6], bias: [0, 0, 0] }],
      activation: 'elu',
      head: 'tanh',
      inputName: 'obs',
      outputName: 'actions',
    };
    expect(makeMlpModel(spec)).toEqual(makeMlpModel(spec));
    const model = readModel(makeMlpModel(spec), 'model');
    expect(model.opsets).toEqual({ 'ai.onnx': 17 });
    expect(model.inputs).toEqual([{ name: 'obs', type: 'float32', shape: ['batch', 2] }]);
    expect(model.outputs).toEqual([{ name: 'actions', type: 'float32', shape: ['batch', 3] }]);
    expect(model.numParameters).toBe(2 * 3 + 3);
  });

  it('refuses networks that do not fit themselves, with both sizes', () => {
    const make = (spec: Partial<MlpSpec>) => () =>
      makeMlpModel({
        layers: [{ weight: [1, 1], bias: [0] }],
        activation: 'tanh',
        head: 'identity',
        inputName: 'obs',
        outputName: 'actions',
        ...spec,
      });
    const first = { weight: [1, 1], bias: [0] };
    expect(make({ layers: [first, { weight: [1, 1, 1], bias: [0] }] })).toThrow(
      'layer 1 needs a weight of [1, 1], got 3 numbers',
    );
    expect(make({ layers: [{ weight: [1, Number.NaN], bias: [0] }] })).toThrow(
      'layer 0 weight[1] is NaN',
    );
    // 1e39 is a double, but beyond the largest single-precision number, 3.4e38.
    expect(make({ layers: [{ weight: [1, 1e39], bias: [0] }] })).toThrow('not a finite float32');
    expect(make({ normalizer: { mean: [0], std: [1] } })).toThrow(
      'the first layer takes 2 observations, but the normaliser has 1 means',
    );
    expect(make({ normalizer: { mean: [0, 0], std: [1, 0] } })).toThrow('std[1] must be above 0');
    expect(make({ outputName: 'obs' })).toThrow("both named 'obs'");
  });
});
