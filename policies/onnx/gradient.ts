import type { Expression } from './expression.ts';

/**
 * Gradients of a loss, a single number, with respect to inputs or pieces of them, by going back through the graph
 * (reverse mode: S. Linnainmaa, 1976; A. Griewank and A. Walther, "Evaluating Derivatives", 2008). They are written into
 * the same graph: one run gives the loss and its gradients. What the loss does not depend on gets zeros.
 */
export function computeGradients(loss: Expression, wanted: readonly Expression[]): Expression[] {
  if (loss.shape.length > 0) throw new RangeError(`a loss is one number, got [${loss.shape}]`);
  const { graph } = loss;
  const tape = [...graph.tape];
  const reached = new Set(wanted.map(({ name }) => name));
  for (const { inputs, outputs, backward } of tape) {
    if (backward === undefined || !inputs.some(({ name }) => reached.has(name))) continue;
    for (const { name } of outputs) reached.add(name);
  }
  const gradients = new Map<string, Expression>([[loss.name, graph.constant(1)]]);
  for (const { inputs, outputs, backward } of tape.reverse()) {
    if (backward === undefined || !outputs.some(({ name }) => gradients.has(name))) continue;
    if (!inputs.some(({ name }) => reached.has(name))) continue;
    const known = outputs.map(({ name, shape }) => gradients.get(name) ?? graph.full(shape, 0));
    backward(known, outputs).forEach((compute, i) => {
      const { name } = inputs[i]!;
      if (!reached.has(name)) return;
      const soFar = gradients.get(name);
      const more = compute();
      gradients.set(name, soFar === undefined ? more : soFar.add(more));
    });
  }
  return wanted.map(({ name, shape }) => gradients.get(name) ?? graph.full(shape, 0));
}
