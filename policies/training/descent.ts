import { concat, type Expression } from '../onnx/expression.ts';
import { computeGradients } from '../onnx/gradient.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
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
  return writeStep(graph, parameters, writeGradient(loss, pieces), maxGradientNorm);
}

/** As {@link writeDescent}, of a gradient that others have found: inputs parameters and gradient, output gradientNorm besides. */
export function compileDescent(count: number, maxGradientNorm?: number): Promise<Program> {
  const graph = new GraphBuilder();
  const parameters = graph.input('parameters', [count]);
  const gradient = graph.input('gradient', [count]);
  graph.output('gradientNorm', writeStep(graph, parameters, gradient, maxGradientNorm));
  return compileProgram(graph);
}

/** [count] of a loss with respect to all pieces, in their order. */
export function writeGradient(loss: Expression, pieces: Pieces): Expression {
  return concatFlat(computeGradients(loss, [...pieces.values()]));
}

function writeStep(
  graph: GraphBuilder,
  parameters: Expression,
  gradient: Expression,
  maxGradientNorm: number | undefined,
): Expression {
  const step = writeAdamStep({
    parameters,
    gradient,
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
