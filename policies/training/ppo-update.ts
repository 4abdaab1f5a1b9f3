import { concat, type Expression } from '../onnx/expression.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
import { type ActorCritic, writeNormalizer } from './actor-critic.ts';
import { writeDescent } from './descent.ts';
import { computeEntropy, computeKlDivergence, computeLogProbability } from './gaussian.ts';
import { writeLayers, writeStates } from './network-shape.ts';
import { getPiece, type Pieces, splitParameters } from './parameters.ts';
import type { PpoSettings } from './ppo-config.ts';

/** What one step of learning tells of itself, in the order of the program's `metrics`. */
export const UPDATE_METRICS = [
  'loss/surrogate',
  'loss/value',
  'policy/entropy',
  'policy/kl',
  'policy/clipShare',
  'learning/gradientNorm',
] as const;

export interface UpdateSizes {
  readonly numSteps: number;
  readonly numEnvs: number;
  /** Environments in a minibatch of a recurrent actor, each with all its steps; else rows, of any environment and step. */
  readonly minibatch: number;
}

/** What the loss is made of, for one minibatch. */
export interface LossInputs {
  /** [rows, numActions] of the policy that is being learnt */
  readonly mean: Expression;
  readonly logStd: Expression;
  /** [rows] of the critic that is being learnt */
  readonly value: Expression;
  /** [rows, numActions] */
  readonly action: Expression;
  /** As they were when the round began: [rows, numActions], [numActions], [rows], [rows] */
  readonly oldMean: Expression;
  readonly oldLogStd: Expression;
  readonly oldLogProbability: Expression;
  readonly oldValue: Expression;
  /** [rows] */
  readonly advantage: Expression;
  readonly return: Expression;
  /** [] */
  readonly entropyWeight: Expression;
}

/**
 * The loss of J. Schulman et al., "Proximal policy optimization algorithms" (2017), equation 9: the clipped surrogate, the
 * critic's squared error, and the entropy.
 */
export function writePpoLoss(
  inputs: LossInputs,
  settings: Pick<PpoSettings, 'clip' | 'valueClip' | 'valueWeight'>,
) {
  const { mean, logStd, action, advantage, oldMean, oldLogStd } = inputs;
  const logProbability = computeLogProbability(mean, logStd, action);
  const ratio = logProbability.sub(inputs.oldLogProbability).exp();
  const clipped = ratio.clip(1 - settings.clip, 1 + settings.clip);
  const surrogate = ratio.mul(advantage).min(clipped.mul(advantage)).mean().neg();
  const valueLoss = writeValueLoss(inputs, settings.valueClip);
  const entropy = computeEntropy(logStd);
  const loss = surrogate
    .add(valueLoss.mul(settings.valueWeight))
    .sub(entropy.mul(inputs.entropyWeight));
  const { graph } = ratio;
  const from = { mean: oldMean, logStd: oldLogStd };
  return {
    loss,
    surrogate,
    valueLoss,
    entropy,
    kl: computeKlDivergence(from, { mean, logStd }).mean(),
    clipShare: graph.full(ratio.shape, 1).where('Greater', ratio.sub(clipped).square(), 0).mean(),
  };
}

/** Half the mean squared error; of a clipped value the worse of the two, so that a step too far earns nothing. */
function writeValueLoss(inputs: LossInputs, valueClip: number | undefined): Expression {
  const { value, oldValue } = inputs;
  const error = value.sub(inputs.return).square();
  if (valueClip === undefined) return error.mean().mul(0.5);
  const near = oldValue.add(value.sub(oldValue).clip(-valueClip, valueClip));
  return error.max(near.sub(inputs.return).square()).mean().mul(0.5);
}

/**
 * One step of learning on one minibatch: its rows are picked from the round's tables, the gradient goes back through the
 * networks, Adam moves the parameters.
 */
export function compilePpoUpdate(
  network: ActorCritic,
  settings: PpoSettings,
  sizes: UpdateSizes,
): Promise<Program> {
  const graph = new GraphBuilder();
  const { layout } = network;
  const parameters = graph.input('parameters', [layout.count]);
  const pieces = splitParameters(parameters, layout);
  const loss = writePpoLoss(writeInputs(graph, network, pieces, sizes), settings);
  const { maxGradientNorm } = settings;
  const gradientNorm = writeDescent(graph, {
    loss: loss.loss,
    parameters,
    pieces,
    maxGradientNorm,
  });
  const metrics: Record<(typeof UPDATE_METRICS)[number], Expression> = {
    'loss/surrogate': loss.surrogate,
    'loss/value': loss.valueLoss,
    'policy/entropy': loss.entropy,
    'policy/kl': loss.kl,
    'policy/clipShare': loss.clipShare,
    'learning/gradientNorm': gradientNorm,
  };
  graph.output(
    'metrics',
    concat(
      UPDATE_METRICS.map((name) => metrics[name].reshape([1])),
      0,
    ),
  );
  return compileProgram(graph);
}

/** The rows that a minibatch picks from the round's tables, and what the actor says of them. */
export interface ActorExpressions {
  /** [rows, width] of the table `name`, an input [numSteps · numEnvs, width] */
  table(name: string, width: number): Expression;
  /** [rows] of the table `name`, an input [numSteps · numEnvs] */
  column(name: string): Expression;
  /** [rows, numActions] */
  readonly mean: Expression;
  readonly numRows: number;
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
  const total = sizes.numSteps * sizes.numEnvs;
  const isRecurrent = actor.numState !== undefined;
  const numRows = isRecurrent ? sizes.numSteps * sizes.minibatch : sizes.minibatch;
  const index = graph.input('rows', [numRows], 'int32');
  const table = (name: string, width: number) => graph.input(name, [total, width]).gather(index);
  const column = (name: string) => graph.input(name, [total]).gather(index);
  const normalize = writeNormalizer(graph, 'observation', actor.numIn, observationClip);
  let seen = normalize(table('observation', actor.numIn));
  if (actor.numState !== undefined) {
    const envs = graph.input('envs', [sizes.minibatch], 'int32');
    const state = graph.input('state', [sizes.numEnvs, actor.numState]).gather(envs);
    seen = writeStates(seen, state, table('goesOn', 1), { network: actor, pieces });
  }
  return { table, column, mean: writeLayers(seen, actor, pieces), numRows };
}

function writeInputs(
  graph: GraphBuilder,
  network: ActorCritic,
  pieces: Pieces,
  sizes: UpdateSizes,
): LossInputs {
  const { actor, critic, observationClip: clip } = network;
  const { table, column, mean, numRows } = writeActor(graph, network, pieces, sizes);
  const judged = writeNormalizer(
    graph,
    'critic',
    critic.numIn,
    clip,
  )(table('critic', critic.numIn));
  return {
    mean,
    logStd: getPiece(pieces, 'logStd'),
    value: writeLayers(judged, critic, pieces).reshape([numRows]),
    action: table('action', actor.numOut),
    oldMean: table('oldMean', actor.numOut),
    oldLogStd: graph.input('oldLogStd', [actor.numOut]),
    oldLogProbability: column('oldLogProbability'),
    oldValue: column('oldValue'),
    advantage: column('advantage'),
    return: column('return'),
    entropyWeight: graph.input('entropyWeight', []),
  };
}
