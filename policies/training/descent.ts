import { concat, type Expression } from '../onnx/expression.ts';
import { computeGradients } from '../onnx/gradient.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { writeAdamStep } from './adam.ts';
import type { Pieces } from './parameters.ts';

export interface Descent {
  readonly loss: Expression;
  /** [count] all of them, cut into `pieces` */
  readonly parameters: Expression;
  readonly pieces: Pieces;
  /** [-] see AdamInputs */
  readonly maxGradientNorm?: number | undefined;
}

/**
 * Moves the parameters of a graph down its loss by one step of Adam: inputs firstMoment, secondMoment [count] and rate [],
 * outputs newParameters, newFirstMoment, newSecondMoment [count].
 * @returns [] length of the gradient before it was shortened
 */
export function writeDescent(graph: GraphBuilder, descent: Descent): Expression {
  const { loss, parameters, pieces, maxGradientNorm } = descent;
  const gradients = computeGradients(loss, [...pieces.values()]);
  const step = writeAdamStep({
    parameters,
    gradient: concatFlat(gradients),
    firstMoment: graph.input('firstMoment', parameters.shape),
    secondMoment: graph.input('secondMoment', parameters.shape),
    rate: graph.input('rate', []),
    maxGradientNorm,
  });
  graph.output('newParameters', step.parameters);
  graph.output('newFirstMoment', step.firstMoment);
  graph.output('newSecondMoment', step.secondMoment);
  return step.gradientNorm;
}

/** All numbers of several tensors as one vector. */
export function concatFlat(tensors: readonly Expression[]): Expression {
  const flat = tensors.map((one) =>
    one.reshape([one.shape.reduce((product, n) => product * n, 1)]),
  );
  return concat(flat, 0);
}
