import type { Expression } from '../../policies/onnx/expression.ts';
import { computeGradients } from '../../policies/onnx/gradient.ts';
import { GraphBuilder } from '../../policies/onnx/graph-builder.ts';
import { compileProgram } from '../../policies/onnx/program.ts';

/**
 * Losses are single precision, of size L, and round at about L · 2⁻²³; over a central difference of ± 1e-2 that is L · 1e-5.
 * The third derivative adds about 1e-4 / 6.
 */
const STEP = 1e-2;
/** [-] of the gradient's largest number, and at least 1 */
const TOLERANCE = 2e-3;

/**
 * Compares a loss's gradients with central differences, number by number.
 * @returns what differs, in words
 */
export async function findGradientErrors(
  shapes: Readonly<Record<string, readonly number[]>>,
  values: Readonly<Record<string, Float32Array>>,
  writeLoss: (inputs: Readonly<Record<string, Expression>>, graph: GraphBuilder) => Expression,
): Promise<string[]> {
  const graph = new GraphBuilder();
  const names = Object.keys(shapes);
  const inputs = Object.fromEntries(names.map((name) => [name, graph.input(name, shapes[name]!)]));
  const loss = writeLoss(inputs, graph);
  const gradients = computeGradients(
    loss,
    names.map((name) => inputs[name]!),
  );
  graph.output('loss', loss);
  names.forEach((name, i) => {
    graph.output(`gradient of ${name}`, gradients[i]!);
  });
  const program = await compileProgram(graph);
  const exact = await program.run(values);
  const computeLoss = async (name: string, i: number, shift: number) => {
    const moved = values[name]!.slice();
    moved[i]! += shift;
    return (await program.run({ ...values, [name]: moved })).loss![0]!;
  };
  const errors: string[] = [];
  for (const name of names) {
    const gradient = exact[`gradient of ${name}`]!;
    const size = Math.max(1, ...gradient.map(Math.abs));
    for (let i = 0; i < gradient.length; i++) {
      const rise = (await computeLoss(name, i, STEP)) - (await computeLoss(name, i, -STEP));
      const difference = rise / (2 * STEP);
      if (Math.abs(difference - gradient[i]!) < TOLERANCE * size) continue;
      errors.push(`${name}[${i}]: gradient ${gradient[i]}, finite difference ${difference}`);
    }
  }
  await program.free();
  return errors;
}
