import { describe, expect, it } from 'vitest';
import { concat, type Expression } from '../../../policies/onnx/expression.ts';
import { computeGradients } from '../../../policies/onnx/gradient.ts';
import { GraphBuilder } from '../../../policies/onnx/graph-builder.ts';
import { compileProgram } from '../../../policies/onnx/program.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { findGradientErrors } from '../../kit/finite-differences.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;
type Write = (inputs: Readonly<Record<string, Expression>>, graph: GraphBuilder) => Expression;

/** The largest error of any gradient of the sum of squares of what `write` makes. */
function findErrors(shapes: Shapes, write: Write, { lower = -2, upper = 2 } = {}) {
  const rng = new Rng(5, ...Object.keys(shapes));
  const values = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, Float32Array.from({ length: count }, () => rng.uniform(lower, upper))];
    }),
  );
  return findGradientErrors(shapes, values, (inputs, graph) => write(inputs, graph).square().sum());
}

const PAIR = { a: [3, 4], b: [3, 4] };
const ROW = { a: [3, 4], b: [4] };
const COLUMN = { a: [3, 4], b: [3, 1] };

const CASES: Readonly<Record<string, [Shapes, Write, { lower: number; upper: number }?]>> = {
  add: [PAIR, ({ a, b }) => a!.add(b!)],
  'add of a row': [ROW, ({ a, b }) => a!.add(b!)],
  'sub of a column': [COLUMN, ({ a, b }) => a!.sub(b!)],
  'sub from a row': [ROW, ({ a, b }) => b!.sub(a!)],
  'mul of a row': [ROW, ({ a, b }) => a!.mul(b!)],
  'div by a column': [COLUMN, ({ a, b }) => a!.div(b!), { lower: 0.5, upper: 2 }],
  min: [PAIR, ({ a, b }) => a!.min(b!)],
  'max with a row': [ROW, ({ a, b }) => a!.max(b!)],
  clip: [{ a: [3, 4] }, ({ a }) => a!.clip(-1, 0.5)],
  neg: [{ a: [3] }, ({ a }) => a!.neg()],
  exp: [{ a: [3] }, ({ a }) => a!.exp()],
  log: [{ a: [3] }, ({ a }) => a!.log(), { lower: 0.5, upper: 2 }],
  sqrt: [{ a: [3] }, ({ a }) => a!.sqrt(), { lower: 0.5, upper: 2 }],
  square: [{ a: [3] }, ({ a }) => a!.square()],
  tanh: [{ a: [3] }, ({ a }) => a!.tanh()],
  sigmoid: [{ a: [3] }, ({ a }) => a!.sigmoid()],
  relu: [{ a: [8] }, ({ a }) => a!.relu()],
  elu: [{ a: [8] }, ({ a }) => a!.elu()],
  softplus: [{ a: [3] }, ({ a }) => a!.softplus()],
  dense: [{ x: [3, 4], w: [4, 2], b: [2] }, ({ x, w, b }) => x!.dense(w!, b!)],
  'sum over an axis': [{ a: [3, 4] }, ({ a }) => a!.sum(0)],
  'mean over the other': [{ a: [3, 4] }, ({ a }) => a!.mean(1)],
  reshape: [{ a: [3, 4] }, ({ a }) => a!.reshape([2, 6]).sum(1)],
  'split, one piece unused': [{ a: [3, 4] }, ({ a }) => a!.split(1, [1, 2, 1])[1]!],
  concat: [{ a: [2, 3], b: [1, 3] }, ({ a, b }) => concat([a!, b!, a!], 0).sum(1)],
  // No number of c lies within a step of 0, where the loss jumps.
  where: [{ a: [3, 4], c: [3, 4] }, ({ a, c }) => a!.mul(2).where('Greater', c!, 0)],
  'a value that is used twice': [{ a: [3] }, ({ a }) => a!.exp().mul(a!.add(a!.tanh()))],
};

describe('gradients', () => {
  it.each(Object.entries(CASES))('of %s agree with finite differences', async (_, [s, w, r]) => {
    expect(await findErrors(s, w, r)).toEqual([]);
  });

  it('are zeros for what a loss does not depend on, or only through detached numbers', async () => {
    const graph = new GraphBuilder();
    const a = graph.input('a', [2]);
    const b = graph.input('b', [2]);
    const [ga, gb] = computeGradients(a.mul(a.detach()).sum(), [a, b]);
    graph.output('ga', ga!);
    graph.output('gb', gb!);
    const program = await compileProgram(graph);
    const result = await program.run({ a: Float32Array.of(3, 5), b: Float32Array.of(1, 1) });
    await program.free();
    // d(a · constant) = the constant, where d(a²) would be 2a.
    expect([...result.ga!]).toEqual([3, 5]);
    expect([...result.gb!]).toEqual([0, 0]);
  });

  it('refuses a loss that is not one number, and shapes that do not fit', () => {
    const graph = new GraphBuilder();
    const a = graph.input('a', [2, 3]);
    expect(() => computeGradients(a, [a])).toThrow('a loss is one number, got [2,3]');
    expect(() => a.add(graph.input('b', [2]))).toThrow('[2,3] and [2] do not broadcast');
    expect(() => a.dense(graph.input('w', [2, 2]), graph.input('c', [2]))).toThrow(
      'dense weight: expected a shape of [3,2], got [2,2]',
    );
  });
});

describe('a program', () => {
  it('names an input that is missing or of another size', async () => {
    const graph = new GraphBuilder();
    graph.output('out', graph.input('a', [2, 3]).mul(2));
    const program = await compileProgram(graph);
    await expect(program.run({})).rejects.toThrow("input 'a' is [2,3], got no numbers");
    await expect(program.run({ a: new Float32Array(5) })).rejects.toThrow('got 5 numbers');
    await program.free();
  });

  it('picks rows by their numbers, and keeps nothing of its caller’s', async () => {
    const graph = new GraphBuilder();
    const rows = graph.input('rows', [2], 'int32');
    graph.output('out', graph.input('table', [3, 2]).gather(rows));
    const program = await compileProgram(graph);
    const table = Float32Array.of(1, 2, 3, 4, 5, 6);
    const { out } = await program.run({ table, rows: Int32Array.of(2, 0) });
    table.fill(0);
    await program.run({ table, rows: Int32Array.of(1, 1) });
    await program.free();
    expect([...out!]).toEqual([5, 6, 1, 2]);
  });
});
