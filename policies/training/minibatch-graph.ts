import type { Expression } from '../onnx/expression.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { type ActorCritic, writeNormalizer } from './actor-critic.ts';
import { writeLayers, writeStates } from './network-shape.ts';
import type { Pieces } from './parameters.ts';

export interface UpdateSizes {
  readonly numSteps: number;
  readonly numEnvs: number;
  /** Environments in a minibatch of a recurrent actor, each with all its steps; else rows, of any environment and step. */
  readonly minibatch: number;
}

/** The rows that a minibatch picks from the round's tables. */
export interface Minibatch {
  /** [rows, width] of the table `name`, an input [numSteps · numEnvs, width] */
  table(name: string, width: number): Expression;
  /** [rows] of the table `name`, an input [numSteps · numEnvs] */
  column(name: string): Expression;
  readonly numRows: number;
}

/** Input `rows`: which ones. */
export function writeMinibatch(
  graph: GraphBuilder,
  { actor }: Pick<ActorCritic, 'actor'>,
  { numSteps, numEnvs, minibatch }: UpdateSizes,
): Minibatch {
  const total = numSteps * numEnvs;
  const numRows = actor.numState === undefined ? minibatch : numSteps * minibatch;
  const index = graph.input('rows', [numRows], 'int32');
  return {
    table: (name, width) => graph.input(name, [total, width]).gather(index),
    column: (name) => graph.input(name, [total]).gather(index),
    numRows,
  };
}

/** A minibatch, and what the actor says of it. */
export interface ActorExpressions extends Minibatch {
  /** [rows, numActions] */
  readonly mean: Expression;
  /** As `mean`, of the observations in a mirror. Of an actor that remembers nothing. */
  writeMeanOf(change: (observation: Expression) => Expression): Expression;
}

/**
 * The actor on a minibatch. A recurrent one goes through each environment's round from the state that it had when the round
 * began: backpropagation through time, cut off at the round's beginning (R. Williams and J. Peng, 1990).
 */
export function writeActor(
  graph: GraphBuilder,
  { actor, observationClip }: ActorCritic,
  pieces: Pieces,
  sizes: UpdateSizes,
): ActorExpressions {
  const minibatch = writeMinibatch(graph, { actor }, sizes);
  const { table } = minibatch;
  const normalize = writeNormalizer(graph, 'observation', actor.numIn, observationClip);
  const observation = table('observation', actor.numIn);
  let seen = normalize(observation);
  if (actor.numState !== undefined) {
    const envs = graph.input('envs', [sizes.minibatch], 'int32');
    const state = graph.input('state', [sizes.numEnvs, actor.numState]).gather(envs);
    seen = writeStates(seen, state, table('goesOn', 1), { network: actor, pieces });
  }
  const writeMeanOf = (change: (raw: Expression) => Expression) =>
    writeLayers(normalize(change(observation)), actor, pieces);
  return { ...minibatch, mean: writeLayers(seen, actor, pieces), writeMeanOf };
}
