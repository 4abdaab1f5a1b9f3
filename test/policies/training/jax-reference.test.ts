import { describe, expect, it } from 'vitest';
import { computeGradients } from '../../../policies/onnx/gradient.ts';
import { GraphBuilder } from '../../../policies/onnx/graph-builder.ts';
import { compileProgram } from '../../../policies/onnx/program.ts';
import { listParameters, writeLayers } from '../../../policies/training/network-shape.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { computeJaxGradients } from '../../kit/jax.ts';

const SIZES = [5, 16, 16, 3] as const;
const ROWS = 32;

describe('gradients written into a graph', () => {
  it.each(['tanh', 'elu', 'relu'] as const)('are those of jax-js, %s', async (activation) => {
    const rng = new Rng(1);
    const draw = (count: number) => Float32Array.from({ length: count }, () => rng.normal(0, 0.5));
    const network = {
      ...{ name: 'n', numIn: SIZES[0], hidden: [SIZES[1], SIZES[2]], numOut: SIZES[3] },
      activation,
    };
    const values = new Map(
      listParameters(network).map(({ name, shape }) => [
        name,
        { shape, data: draw(shape.reduce((product, size) => product * size, 1)) },
      ]),
    );
    const x = draw(ROWS * SIZES[0]);
    const y = draw(ROWS * SIZES[3]);

    const graph = new GraphBuilder();
    const pieces = new Map(
      [...values].map(([name, { shape }]) => [name, graph.input(name, shape)]),
    );
    const out = writeLayers(graph.table(x, [ROWS, SIZES[0]]), network, pieces);
    const loss = out
      .sub(graph.table(y, [ROWS, SIZES[3]]))
      .square()
      .mean();
    const names = [...values.keys()];
    computeGradients(loss, [...pieces.values()]).forEach((gradient, i) => {
      graph.output(`gradient of ${names[i]}`, gradient);
    });
    graph.output('loss', loss);
    const program = await compileProgram(graph);
    const got = await program.run(
      Object.fromEntries([...values].map(([name, { data }]) => [name, data])),
    );
    await program.free();

    const layers = [0, 1, 2].map((i) => ({
      weight: values.get(`n.layer${i}.weight`)!.data,
      bias: values.get(`n.layer${i}.bias`)!.data,
    }));
    const wanted = await computeJaxGradients(layers, activation, x, y);
    expect(got.loss![0]).toBeCloseTo(wanted.loss, 5);
    for (const [i, layer] of wanted.gradients.entries()) {
      for (const part of ['weight', 'bias'] as const) {
        const reference = layer[part];
        // Gradients of order 0.1 to 1; single precision sums over 32 rows.
        got[`gradient of n.layer${i}.${part}`]!.forEach((value, k) => {
          expect(value).toBeCloseTo(reference[k]!, 5);
        });
      }
    }
  });
});
