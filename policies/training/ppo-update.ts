import type { Mirror, PolicyMirror } from '../../sim/task/mirror.ts';
import { concat, type Expression } from '../onnx/expression.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
import { type ActorCritic, writeNormalizer } from './actor-critic.ts';
import { writeDescent } from './descent.ts';
import type { GaussianExpression } from './gaussian.ts';
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
  /** What it would say of each row by what it does in the row's mirror image; absent: images are not learnt from. */
  readonly mirrored?: GaussianExpression | undefined;
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
  const { mean, logStd, mirrored, oldMean, oldLogStd } = inputs;
  const seen = writeSurrogate({ mean, logStd }, inputs, settings.clip);
  const { ratio, clipped } = seen;
  const surrogate =
    mirrored === undefined
      ? seen.surrogate
      : seen.surrogate.add(writeSurrogate(mirrored, inputs, settings.clip).surrogate).mul(0.5);
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

/** Equation 7: what the new policy would have earned, as far as it may leave the old one. */
function writeSurrogate(
  { mean, logStd }: GaussianExpression,
  { action, advantage, oldLogProbability }: LossInputs,
  clip: number,
) {
  const ratio = computeLogProbability(mean, logStd, action).sub(oldLogProbability).exp();
  const clipped = ratio.clip(1 - clip, 1 + clip);
  const surrogate = ratio.mul(advantage).min(clipped.mul(advantage)).mean().neg();
  return { ratio, clipped, surrogate };
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
 * @param mirror absent: what is seen in one is not learnt from
 */
export function compilePpoUpdate(
  network: ActorCritic,
  settings: PpoSettings,
  sizes: UpdateSizes,
  mirror?: PolicyMirror,
): Promise<Program> {
  const graph = new GraphBuilder();
  const { layout } = network;
  const parameters = graph.input('parameters', [layout.count]);
  const pieces = splitParameters(parameters, layout);
  const loss = writePpoLoss(writeInputs(graph, network, pieces, sizes, mirror), settings);
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
  /** As `mean`, of the observations in a mirror. Of an actor that remembers nothing. */
  writeMeanOf(change: (observation: Expression) => Expression): Expression;
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
  const observation = table('observation', actor.numIn);
  let seen = normalize(observation);
  if (actor.numState !== undefined) {
    const envs = graph.input('envs', [sizes.minibatch], 'int32');
    const state = graph.input('state', [sizes.numEnvs, actor.numState]).gather(envs);
    seen = writeStates(seen, state, table('goesOn', 1), { network: actor, pieces });
  }
  const writeMeanOf = (change: (raw: Expression) => Expression) =>
    writeLayers(normalize(change(observation)), actor, pieces);
  return { table, column, mean: writeLayers(seen, actor, pieces), writeMeanOf, numRows };
}

/** Numbers of each row in the mirror. @param value [rows, width] */
function writeMirrored(value: Expression, { from, sign }: Mirror): Expression {
  const width = from.length;
  const table = new Float32Array(width * width);
  from.forEach((k, j) => {
    table[k * width + j] = sign[j]!;
  });
  return value.dense(value.graph.table(table, [width, width]), value.graph.full([width], 0));
}

/** What the policy does in the mirror, back on this side. */
function writeMirroredPolicy(
  { mean, logStd }: { mean: ActorExpressions['writeMeanOf']; logStd: Expression },
  { observation, action }: PolicyMirror,
): GaussianExpression {
  const places = { from: action.from, sign: action.sign.map(Math.abs) };
  const width = action.from.length;
  return {
    mean: writeMirrored(
      mean((raw) => writeMirrored(raw, observation)),
      action,
    ),
    logStd: writeMirrored(logStd.reshape([1, width]), places).reshape([width]),
  };
}

function writeInputs(
  graph: GraphBuilder,
  network: ActorCritic,
  pieces: Pieces,
  sizes: UpdateSizes,
  mirror: PolicyMirror | undefined,
): LossInputs {
  const { actor, critic, observationClip: clip } = network;
  const { table, column, mean, writeMeanOf, numRows } = writeActor(graph, network, pieces, sizes);
  const logStd = getPiece(pieces, 'logStd');
  const judged = writeNormalizer(
    graph,
    'critic',
    critic.numIn,
    clip,
  )(table('critic', critic.numIn));
  return {
    mean,
    logStd,
    mirrored: mirror && writeMirroredPolicy({ mean: writeMeanOf, logStd }, mirror),
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
