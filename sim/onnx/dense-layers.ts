import { UserError } from '../errors.ts';
import {
  type DecodedModel,
  type DecodedNode,
  type DecodedTensor,
  decodeModel,
  FLOAT32,
} from './decode-model.ts';

export const ACTIVATIONS = ['none', 'relu', 'elu', 'tanh', 'softsign', 'sigmoid'] as const;

/** activation(weight · x + bias) */
export interface DenseLayer {
  /** [outputs, inputs] row-major */
  readonly weight: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
  readonly activation: (typeof ACTIVATIONS)[number];
}

const ACTIVATION_OF: Readonly<Record<string, DenseLayer['activation']>> = {
  Relu: 'relu',
  Elu: 'elu',
  Tanh: 'tanh',
  Softsign: 'softsign',
  Sigmoid: 'sigmoid',
};
const UNDERSTOOD = `a chain of Gemm, or MatMul and Add, with ${Object.keys(ACTIVATION_OF).join(', ')} between`;

/**
 * Reads a fully connected network out of an ONNX file: one float32 input, one output, and a chain of Gemm, or MatMul and
 * Add, with activations between them.
 * @throws UserError for anything else, naming the node
 */
export function readDenseLayers(bytes: Uint8Array, where: string): readonly DenseLayer[] {
  const model = decodeModel(bytes, where);
  const constants = new Map(model.graph.initializer.map((tensor) => [tensor.name, tensor]));
  const reader = new ChainReader(where, constants);
  reader.read(model);
  return reader.layers;
}

class ChainReader {
  readonly layers: DenseLayer[] = [];
  readonly #where: string;
  readonly #constants: ReadonlyMap<string, DecodedTensor>;

  constructor(where: string, constants: ReadonlyMap<string, DecodedTensor>) {
    this.#where = where;
    this.#constants = constants;
  }

  read({ graph }: DecodedModel): void {
    const inputs = graph.input.filter(({ name }) => !this.#constants.has(name));
    const first = inputs[0];
    if (inputs.length !== 1 || first === undefined || graph.output.length !== 1) {
      throw this.#refuse(
        'the graph',
        `it has ${inputs.length} inputs and ${graph.output.length} outputs`,
        'one of each',
      );
    }
    let value = first.name;
    const waiting = new Set(graph.node);
    while (value !== graph.output[0]!.name) {
      const node = [...waiting].find(({ input }) => input.includes(value));
      if (node === undefined) {
        throw this.#refuse('the graph', `nothing follows '${value}'`, UNDERSTOOD);
      }
      waiting.delete(node);
      this.#take(node, value);
      value = node.output[0]!;
    }
    const left = [...waiting][0];
    if (left !== undefined)
      throw this.#refuse(describe(left), 'it is not on the chain', UNDERSTOOD);
    if (this.layers.length === 0) throw this.#refuse('the graph', 'it has no layers', UNDERSTOOD);
  }

  #take(node: DecodedNode, value: string): void {
    const activation = ACTIVATION_OF[node.opType];
    if (activation !== undefined) this.#setActivation(node, activation);
    else if (node.opType === 'Gemm') this.#takeGemm(node, value);
    else if (node.opType === 'MatMul') this.#takeMatMul(node, value);
    else if (node.opType === 'Add') this.#takeAdd(node, value);
    else throw this.#refuse(describe(node), 'the operator is not understood', UNDERSTOOD);
  }

  #setActivation(node: DecodedNode, activation: DenseLayer['activation']): void {
    const last = this.layers.at(-1);
    if (last === undefined || last.activation !== 'none') {
      throw this.#refuse(describe(node), 'the activation follows no layer', UNDERSTOOD);
    }
    const alpha = getAttribute(node, 'alpha', 'f', 1);
    if (activation === 'elu' && alpha !== 1) {
      throw this.#refuse(describe(node), `its alpha is ${alpha}`, 'alpha 1');
    }
    this.layers[this.layers.length - 1] = { ...last, activation };
  }

  #takeGemm(node: DecodedNode, value: string): void {
    const plain =
      node.input[0] === value &&
      getAttribute(node, 'alpha', 'f', 1) === 1 &&
      getAttribute(node, 'beta', 'f', 1) === 1 &&
      getAttribute(node, 'transA', 'i', 0) === 0;
    if (!plain) {
      throw this.#refuse(
        describe(node),
        'it is not x · W + b',
        'alpha 1, beta 1, transA 0, x first',
      );
    }
    const isTransposed = getAttribute(node, 'transB', 'i', 0) === 1;
    const { weight, numOut } = this.#readWeight(node, node.input[1], isTransposed);
    const bias =
      node.input[2] === undefined
        ? new Float32Array(numOut)
        : this.#readBias(node, node.input[2], numOut);
    this.#push(node, weight, bias);
  }

  #takeMatMul(node: DecodedNode, value: string): void {
    if (node.input[0] !== value) throw this.#refuse(describe(node), 'it is not x · W', 'x first');
    const { weight, numOut } = this.#readWeight(node, node.input[1], false);
    this.#push(node, weight, new Float32Array(numOut));
  }

  #takeAdd(node: DecodedNode, value: string): void {
    const last = this.layers.at(-1);
    if (last === undefined || last.activation !== 'none') {
      throw this.#refuse(describe(node), 'the sum follows no product', UNDERSTOOD);
    }
    const other = node.input[0] === value ? node.input[1] : node.input[0];
    const added = this.#readBias(node, other, last.bias.length);
    const bias = last.bias.map((number, k) => number + added[k]!);
    this.layers[this.layers.length - 1] = { ...last, bias };
  }

  #push(node: DecodedNode, weight: Float32Array, bias: Float32Array): void {
    const before = this.layers.at(-1)?.bias.length;
    const numIn = weight.length / bias.length;
    if (before !== undefined && before !== numIn) {
      throw this.#refuse(
        describe(node),
        `it takes ${numIn} numbers`,
        `${before}, as come out before`,
      );
    }
    this.layers.push({ weight, bias, activation: 'none' });
  }

  /** As [outputs, inputs], however it is stored. */
  #readWeight(node: DecodedNode, name: string | undefined, isTransposed: boolean) {
    const { dims, data } = this.#readConstant(node, name);
    const [rows, columns] = dims;
    if (rows === undefined || columns === undefined || dims.length !== 2) {
      throw this.#refuse(describe(node), `weight '${name}' is [${dims.join(', ')}]`, 'a matrix');
    }
    if (isTransposed) return { weight: data, numOut: rows };
    const weight = new Float32Array(data.length);
    for (let i = 0; i < rows; i++) {
      for (let o = 0; o < columns; o++) weight[o * rows + i] = data[i * columns + o]!;
    }
    return { weight, numOut: columns };
  }

  #readBias(node: DecodedNode, name: string | undefined, numOut: number): Float32Array {
    const { data, dims } = this.#readConstant(node, name);
    if (data.length === numOut) return data;
    throw this.#refuse(describe(node), `bias '${name}' is [${dims.join(', ')}]`, `[${numOut}]`);
  }

  #readConstant(node: DecodedNode, name: string | undefined) {
    const tensor = name === undefined ? undefined : this.#constants.get(name);
    if (tensor === undefined) {
      throw this.#refuse(describe(node), `'${name ?? ''}' is not a constant`, 'stored weights');
    }
    const count = tensor.dims.reduce((product, dim) => product * dim, 1);
    const data = copyFloats(tensor);
    const isWhole = tensor.dataType === FLOAT32 && data.length === count && count > 0;
    if (isWhole && data.every(Number.isFinite)) return { dims: tensor.dims, data };
    throw this.#refuse(
      describe(node),
      `constant '${tensor.name}' is of type ${tensor.dataType} with ${data.length} numbers`,
      `${count} finite float32 numbers in the file itself`,
    );
  }

  #refuse(what: string, problem: string, expected: string): UserError {
    return new UserError({
      where: this.#where,
      problem: `${what} cannot be read as a network: ${problem}`,
      expected,
      got: problem,
      remedy: 'Export a plain feed-forward network in float32; recurrent ones are not supported.',
    });
  }
}

function describe(node: DecodedNode): string {
  return node.name === '' ? `a ${node.opType} node` : `node '${node.name}' (${node.opType})`;
}

function getAttribute(node: DecodedNode, name: string, key: 'f' | 'i', absent: number): number {
  return node.attribute.find((attribute) => attribute.name === name)?.[key] ?? absent;
}

function copyFloats(tensor: DecodedTensor): Float32Array {
  if (tensor.rawData.length === 0) return Float32Array.from(tensor.floatData);
  const view = new DataView(
    tensor.rawData.buffer,
    tensor.rawData.byteOffset,
    tensor.rawData.byteLength,
  );
  const out = new Float32Array(Math.floor(tensor.rawData.byteLength / 4));
  for (let k = 0; k < out.length; k++) out[k] = view.getFloat32(4 * k, true);
  return out;
}
