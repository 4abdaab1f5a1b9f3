import { UserError } from '../../sim/errors.ts';
import { type DecodedModel, decodeModel } from '../../sim/onnx/decode-model.ts';
import { computeGraphSha256 } from './model-proto.ts';
import { makePolicyGraph } from './policy-graph.ts';
import type {
  Activation,
  DenseLayer,
  Normalizer,
  PolicyNetwork,
  WholeNetwork,
} from './policy-network.ts';

const ACTIVATION_OF: Readonly<Record<string, Activation>> = {
  Tanh: 'tanh',
  Elu: 'elu',
  Relu: 'relu',
};

/**
 * The network in the file of a policy that was trained here, as plain numbers again: what makePolicyGraph was given. What
 * was read makes the same graph once more, byte for byte, so that nothing in the file can have been overlooked.
 * @throws UserError for any other graph
 */
export function readPolicyNetwork(bytes: Uint8Array, where: string): WholeNetwork {
  const model = decodeModel(bytes, where);
  const inputName = model.graph.input[0]?.name ?? '';
  const outputName = model.graph.output[0]?.name ?? '';
  const network = guessWhole(index(model), '', outputName);
  const sha256 = computeGraphSha256(bytes, where);
  if (network !== undefined && makesGraph({ network, inputName, outputName }, sha256)) {
    return network;
  }
  throw new UserError({
    where,
    problem: 'its network cannot be learnt from or corrected',
    expected:
      'a feed-forward or GRU policy, or a correction to one, as `zerogap train` and `zerogap clone` write them',
    got: `a graph of ${[...new Set(model.graph.node.map(({ opType }) => opType))].join(', ')}`,
    remedy: 'Train or clone a policy here, or distil it by hand',
  });
}

function makesGraph(spec: Parameters<typeof makePolicyGraph>[0], sha256: string): boolean {
  try {
    return computeGraphSha256(makePolicyGraph(spec).bytes) === sha256;
  } catch (error) {
    // Sizes that do not chain.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Numbers by their names, operators by what they write. */
interface GraphIndex {
  readonly numbers: ReadonlyMap<string, Float32Array>;
  readonly operators: ReadonlyMap<string, string>;
}

function index({ graph }: DecodedModel): GraphIndex {
  return {
    numbers: new Map(graph.initializer.map(({ name, rawData }) => [name, toFloats(rawData)])),
    operators: new Map(graph.node.map(({ output, opType }) => [output[0] ?? '', opType])),
  };
}

/** What the names and nodes of the graph say, if it is one of ours; names begin with the prefix. */
function guessWhole(graph: GraphIndex, prefix: string, output: string): WholeNetwork | undefined {
  const scale = graph.numbers.get(`${prefix}correction.scale`);
  if (scale === undefined) return guessNetwork(graph, prefix, output);
  const inner = (part: string) => [`${prefix}${part}.`, `${prefix}${part}.actions`] as const;
  const base = guessWhole(graph, ...inner('base'));
  const correction = guessNetwork(graph, ...inner('correction'));
  return base && correction && { kind: 'residual', base, correction, scale };
}

function guessNetwork(
  { numbers, operators }: GraphIndex,
  prefix: string,
  output: string,
): PolicyNetwork | undefined {
  const read = (name: string) => numbers.get(`${prefix}${name}`);
  const normalizer = readNormalizer(read);
  const layers: DenseLayer[] = [];
  for (;;) {
    const weight = read(`layer${layers.length}.weight`);
    const bias = read(`layer${layers.length}.bias`);
    if (weight === undefined || bias === undefined) break;
    layers.push({ weight, bias });
  }
  if (normalizer === undefined || layers.length === 0) return undefined;
  const common = {
    normalizer,
    layers,
    // One layer has nothing between.
    activation: ACTIVATION_OF[operators.get(`${prefix}layer0.out`) ?? 'Tanh'] ?? 'tanh',
    head: operators.get(output) === 'Tanh' ? 'tanh' : 'identity',
  } as const;
  const cell = readCell(read);
  return cell === undefined ? { kind: 'mlp', ...common } : { kind: 'gru', ...common, cell };
}

type Read = (name: string) => Float32Array | undefined;

function readNormalizer(read: Read): Normalizer | undefined {
  const mean = read('normalizer.mean');
  const std = read('normalizer.std');
  const clip = read('normalizer.upper')?.[0];
  if (mean === undefined || std === undefined) return undefined;
  return { mean, std, ...(clip !== undefined && { clip }) };
}

function readCell(read: Read) {
  const inputWeight = read('cell.input.weight');
  const inputBias = read('cell.input.bias');
  const hiddenWeight = read('cell.hidden.weight');
  const hiddenBias = read('cell.hidden.bias');
  if (!inputWeight || !inputBias || !hiddenWeight || !hiddenBias) return undefined;
  return { inputWeight, inputBias, hiddenWeight, hiddenBias };
}

/** Little endian, from wherever in the file they stand. */
function toFloats(raw: Uint8Array): Float32Array {
  // A copy, of whatever it is a view of.
  const own = Uint8Array.from(raw);
  return new Float32Array(own.buffer, 0, Math.floor(own.length / 4));
}
