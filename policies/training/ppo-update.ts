import type { Mirror, PolicyMirror } from '../../sim/task/mirror.ts';
import { concat, type Expression } from '../onnx/expression.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { compileProgram, type Program } from '../onnx/program.ts';
import { type ActorCritic, writeNormalizer } from './actor-critic.ts';
import { compileDescent, writeGradient } from './descent.ts';
import type { GaussianExpression } from './gaussian.ts';
import {
  type ActorExpressions,
  type UpdateSizes,
  writeActor,
  writeMinibatch,
} from './minibatch-graph.ts';
import { writeLayers } from './network-shape.ts';
import { getPiece, splitParameters } from './parameters.ts';
import type { PpoSettings } from './ppo-config.ts';
import { writePolicyLoss, writeValueLoss } from './ppo-loss.ts';
import { compileProgramInThread } from './program-thread.ts';

/** What one step of learning tells of itself, in the order of the program's `metrics`. */
export const UPDATE_METRICS = [
  'loss/surrogate',
  'loss/value',
  'policy/entropy',
  'policy/kl',
  'policy/clipShare',
  'learning/gradientNorm',
] as const;

/**
 * One step of learning on one minibatch: its rows are picked from the round's tables, the gradient goes back through the
 * networks, Adam moves the parameters. Policy and critic share no weights: while one's gradient is found in this thread, the
 * other's is in a second one. Same numbers in, same bits out, whoever is done first.
 * @param mirror absent: what is seen in one is not learnt from
 */
export async function compilePpoUpdate(
  network: ActorCritic,
  settings: PpoSettings,
  sizes: UpdateSizes,
  mirror?: PolicyMirror,
): Promise<Program> {
  const { layout } = network;
  const numPolicy = network.policyLayout.count;
  const policy = await compileProgram(writePolicyGraph(network, settings, sizes, mirror));
  const descent = await compileDescent(layout.count, settings.maxGradientNorm);
  // Last: nothing that fails leaves a thread behind.
  const critic = await compileProgramInThread(writeCriticGraph(network, settings, sizes), 'critic');
  return {
    async hold(arrays) {
      await Promise.all([policy.hold(arrays), critic.hold(arrays)]);
    },
    async run(arrays) {
      const { parameters } = arrays as { readonly parameters: Float32Array };
      // The other thread is asked first: this one hears nothing while it computes.
      const asked = critic.run({ ...arrays, parameters: parameters.slice(numPolicy) });
      const own = policy.run({ ...arrays, parameters: parameters.subarray(0, numPolicy) });
      const [judged, acted] = await Promise.all([asked, own]);
      const gradient = new Float32Array(layout.count);
      gradient.set(acted.gradient!);
      gradient.set(judged.gradient!, numPolicy);
      const { gradientNorm, ...moved } = await descent.run({ ...arrays, gradient });
      const [surrogate, entropy, kl, clipShare] = acted.metrics!;
      const metrics: Record<(typeof UPDATE_METRICS)[number], number> = {
        'loss/surrogate': surrogate!,
        'loss/value': judged.loss![0]!,
        'policy/entropy': entropy!,
        'policy/kl': kl!,
        'policy/clipShare': clipShare!,
        'learning/gradientNorm': gradientNorm![0]!,
      };
      return { ...moved, metrics: Float32Array.from(UPDATE_METRICS, (name) => metrics[name]) };
    },
    async free() {
      await Promise.all([policy.free(), critic.free(), descent.free()]);
    },
  };
}

/** `parameters` of the policy to their `gradient`, with the `metrics` that are its own. */
function writePolicyGraph(
  network: ActorCritic,
  settings: PpoSettings,
  sizes: UpdateSizes,
  mirror: PolicyMirror | undefined,
): GraphBuilder {
  const graph = new GraphBuilder();
  const { policyLayout, actor } = network;
  const pieces = splitParameters(graph.input('parameters', [policyLayout.count]), policyLayout);
  const { table, column, mean, writeMeanOf } = writeActor(graph, network, pieces, sizes);
  const logStd = getPiece(pieces, 'logStd');
  const { loss, surrogate, entropy, kl, clipShare } = writePolicyLoss(
    {
      mean,
      logStd,
      mirrored: mirror && writeMirroredPolicy({ mean: writeMeanOf, logStd }, mirror),
      action: table('action', actor.numOut),
      oldMean: table('oldMean', actor.numOut),
      oldLogStd: graph.input('oldLogStd', [actor.numOut]),
      oldLogProbability: column('oldLogProbability'),
      advantage: column('advantage'),
      entropyWeight: graph.input('entropyWeight', []),
    },
    settings,
  );
  graph.output('gradient', writeGradient(loss, pieces));
  const metrics = [surrogate, entropy, kl, clipShare].map((metric) => metric.reshape([1]));
  graph.output('metrics', concat(metrics, 0));
  return graph;
}

/** `parameters` of the critic to their `gradient`, with its `loss`. */
function writeCriticGraph(
  network: ActorCritic,
  settings: PpoSettings,
  sizes: UpdateSizes,
): GraphBuilder {
  const graph = new GraphBuilder();
  const { critic, criticLayout, observationClip } = network;
  const pieces = splitParameters(graph.input('parameters', [criticLayout.count]), criticLayout);
  const { table, column, numRows } = writeMinibatch(graph, network, sizes);
  const normalize = writeNormalizer(graph, 'critic', critic.numIn, observationClip);
  const judged = writeLayers(normalize(table('critic', critic.numIn)), critic, pieces);
  const loss = writeValueLoss(
    { value: judged.reshape([numRows]), oldValue: column('oldValue'), return: column('return') },
    settings,
  );
  graph.output('gradient', writeGradient(loss.mul(settings.valueWeight), pieces));
  graph.output('loss', loss);
  return graph;
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
