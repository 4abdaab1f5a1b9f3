import type { Numbers } from '../../sim/math/vec3.ts';
import { checkNetwork } from './check-network.ts';
import { IR_VERSION, OPSET } from './graph-version.ts';
import { encodeModel, type OnnxConstant, type OnnxInput, type OnnxNode } from './model-proto.ts';
import type {
  Activation,
  DenseLayer,
  GraphNetwork,
  GruCell,
  Normalizer,
  ResidualNetwork,
} from './policy-network.ts';

const ACTIVATION_OP = { tanh: 'Tanh', elu: 'Elu', relu: 'Relu' } as const satisfies Record<
  Activation,
  string
>;

export interface PolicyGraphSpec {
  readonly network: GraphNetwork | ResidualNetwork;
  readonly inputName: string;
  readonly outputName: string;
}

/** A recurrent tensor pair of a graph, [batch, width] each. */
export interface RecurrentTensor {
  readonly input: string;
  readonly output: string;
  readonly width: number;
}

export interface PolicyGraph {
  /** Of the ONNX model. Same numbers, same bytes. */
  readonly bytes: Uint8Array;
  readonly numObs: number;
  readonly numActions: number;
  readonly recurrent: readonly RecurrentTensor[];
}

/**
 * The whole policy as one float32 ONNX graph `[batch, numObs] → [batch, numActions]` with a free batch dimension. What a
 * recurrent one remembers goes in and comes out beside it.
 * @throws RangeError on sizes that do not chain, a std that is not positive, or a weight that is not finite in float32
 */
export function makePolicyGraph({ network, inputName, outputName }: PolicyGraphSpec): PolicyGraph {
  if (inputName === outputName) {
    throw new RangeError(`makePolicyGraph: input and output are both named '${inputName}'`);
  }
  const writer = new PolicyGraphWriter(inputName);
  const { numObs, numActions } = checkNetwork(network);
  writer.write(network, '', outputName);
  const bytes = encodeModel({
    name: 'policy',
    irVersion: IR_VERSION,
    opset: OPSET,
    producerName: 'zerogap',
    nodes: writer.nodes,
    constants: writer.constants,
    inputs: [{ name: inputName, shape: ['batch', numObs] }, ...writer.listStates('input')],
    outputs: [{ name: outputName, shape: ['batch', numActions] }, ...writer.listStates('output')],
  });
  return { bytes, numObs, numActions, recurrent: writer.recurrent };
}

/** Collects nodes and weights. Names within a network begin with its prefix. */
class PolicyGraphWriter {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly recurrent: RecurrentTensor[] = [];
  readonly #inputName: string;

  constructor(inputName: string) {
    this.#inputName = inputName;
  }

  listStates(side: 'input' | 'output'): OnnxInput[] {
    return this.recurrent.map((state) => ({ name: state[side], shape: ['batch', state.width] }));
  }

  write(network: GraphNetwork | ResidualNetwork, prefix: string, outputName: string): void {
    if (network.kind !== 'residual') {
      this.#writeNetwork(network, prefix, outputName);
      return;
    }
    const { base, correction, scale } = network;
    const name = (part: string) => `${prefix}${part}`;
    this.write(base, name('base.'), name('base.actions'));
    this.#writeNetwork(correction, name('correction.'), name('correction.actions'));
    const factor = this.#constant(name('correction.scale'), [scale.length], scale);
    const inputs = [name('correction.actions'), factor];
    const scaled = this.#emit('Mul', inputs, name('correction.scaled'));
    this.#emit('Add', [name('base.actions'), scaled], outputName);
  }

  #writeNetwork(network: GraphNetwork, prefix: string, outputName: string): void {
    const { normalizer, layers, activation, head } = network;
    let value = this.#writeNormalizer(normalizer, prefix);
    if (network.kind === 'gru') value = this.#writeCell(value, network.cell, prefix);
    layers.forEach((layer, i) => {
      const isLast = i === layers.length - 1;
      const linear = isLast && head === 'identity' ? outputName : `${prefix}layer${i}.linear`;
      value = this.#writeDense(value, layer, `${prefix}layer${i}`, linear);
      if (!isLast) value = this.#emit(ACTIVATION_OP[activation], [value], `${prefix}layer${i}.out`);
    });
    if (head === 'tanh') this.#emit('Tanh', [value], outputName);
  }

  #writeNormalizer(normalizer: Normalizer | undefined, prefix: string): string {
    if (normalizer === undefined) return this.#inputName;
    const { mean, std, clip } = normalizer;
    const name = (part: string) => `${prefix}normalizer.${part}`;
    const middle = this.#constant(name('mean'), [mean.length], mean);
    const centred = this.#emit('Sub', [this.#inputName, middle], `${prefix}centred`);
    const width = this.#constant(name('std'), [std.length], std);
    const normalized = this.#emit('Div', [centred, width], `${prefix}normalized`);
    if (clip === undefined) return normalized;
    const lower = this.#constant(name('lower'), [], [-clip]);
    const upper = this.#constant(name('upper'), [], [clip]);
    return this.#emit('Clip', [normalized, lower, upper], `${prefix}clipped`);
  }

  /** One step of the unit: h' = n + u · (h − n), see GruCell. */
  #writeCell(input: string, cell: GruCell, prefix: string): string {
    const width = cell.hiddenBias.length / 3;
    const name = (part: string) => `${prefix}cell.${part}`;
    const state = `${prefix}state`;
    const nextState = `${prefix}nextState`;
    const seen = { weight: cell.inputWeight, bias: cell.inputBias };
    const kept = { weight: cell.hiddenWeight, bias: cell.hiddenBias };
    this.#writeDense(input, seen, name('input'), name('input.gates'));
    this.#writeDense(state, kept, name('hidden'), name('hidden.gates'));
    for (const side of ['input', 'hidden']) {
      const outputs = ['update', 'reset', 'new'].map((gate) => name(`${side}.${gate}`));
      const attributes = { axis: { int: 1 } };
      this.nodes.push({ op: 'Split', inputs: [name(`${side}.gates`)], outputs, attributes });
    }
    for (const gate of ['update', 'reset']) {
      const inputs = [name(`input.${gate}`), name(`hidden.${gate}`)];
      this.#emit('Sigmoid', [this.#emit('Add', inputs, name(`${gate}.sum`))], name(gate));
    }
    const gated = this.#emit('Mul', [name('reset'), name('hidden.new')], name('gated'));
    const sum = this.#emit('Add', [name('input.new'), gated], name('new.sum'));
    const proposed = this.#emit('Tanh', [sum], name('new'));
    const way = this.#emit('Sub', [state, proposed], name('way'));
    const back = this.#emit('Mul', [name('update'), way], name('back'));
    this.recurrent.push({ input: state, output: nextState, width });
    return this.#emit('Add', [proposed, back], nextState);
  }

  #writeDense(input: string, { weight, bias }: DenseLayer, name: string, output: string): string {
    const shape = [weight.length / bias.length, bias.length];
    const inputs = [
      input,
      this.#constant(`${name}.weight`, shape, weight),
      this.#constant(`${name}.bias`, [bias.length], bias),
    ];
    return this.#emit('Gemm', inputs, output);
  }

  #emit(op: string, inputs: readonly string[], output: string): string {
    this.nodes.push({ op, inputs, outputs: [output] });
    return output;
  }

  #constant(name: string, shape: readonly number[], data: Numbers): string {
    this.constants.push({ name, shape, data: Float32Array.from(data) });
    return name;
  }
}
