import { countOf, Expression } from './expression.ts';
import { IR_VERSION, OPSET } from './graph-version.ts';
import {
  encodeModel,
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxInput,
  type OnnxNode,
} from './model-proto.ts';

/**
 * From the loss's gradients with respect to a node's outputs to those with respect to its inputs: a thunk for each, so that
 * what nobody asks for is never written.
 */
export type BackwardRule = (
  gradients: readonly Expression[],
  outputs: readonly Expression[],
) => readonly (() => Expression)[];

interface NodeOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** Absent: what goes in counts as given, no gradient passes. */
  readonly backward?: BackwardRule;
}

/** One node, as gradients see it. */
export interface TapeEntry {
  readonly inputs: readonly Expression[];
  readonly outputs: readonly Expression[];
  readonly backward: BackwardRule | undefined;
}

/** An ONNX graph that is being written, node by node; expressions write themselves into it. All shapes are fixed. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxConstant>();
  readonly #inputs: (OnnxInput & { readonly shape: readonly number[] })[] = [];
  readonly #outputs: { readonly name: string; readonly shape: readonly number[] }[] = [];
  readonly #tape: TapeEntry[] = [];

  /** Nodes in the order in which they were written. */
  get tape(): readonly TapeEntry[] {
    return this.#tape;
  }

  /** What the caller feeds. */
  get inputs(): readonly (OnnxInput & { readonly shape: readonly number[] })[] {
    return this.#inputs;
  }

  /** What the caller gets. */
  get outputs(): readonly { readonly name: string; readonly shape: readonly number[] }[] {
    return this.#outputs;
  }

  input(name: string, shape: readonly number[], type: 'float32' | 'int32' = 'float32'): Expression {
    this.#inputs.push({ name, shape, type });
    return new Expression(this, name, shape);
  }

  output(name: string, value: Expression): void {
    this.#nodes.push({ op: 'Identity', inputs: [value.name], outputs: [name] });
    this.#outputs.push({ name, shape: value.shape });
  }

  /** One number, of shape []. */
  constant(value: number): Expression {
    return this.#constant(`number ${value}`, [], Float32Array.of(value));
  }

  /** Numbers that are always the same, row-major. */
  table(data: Float32Array, shape: readonly number[]): Expression {
    return this.#constant(`table ${this.#constants.size}`, shape, data);
  }

  /** A number as a constant, an expression as it is. */
  operand(value: Expression | number): Expression {
    return typeof value === 'number' ? this.constant(value) : value;
  }

  /** All the same number. */
  full(shape: readonly number[], value: number): Expression {
    return this.constant(value)
      .reshape(shape.map(() => 1))
      .expand(shape);
  }

  /** Sizes or indices, as operators take them. */
  integers(values: readonly number[]): Expression {
    const name = `integers ${values.join(' ')}`;
    return this.#constant(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  emit(
    op: string,
    inputs: readonly Expression[],
    shape: readonly number[],
    options: NodeOptions = {},
  ): Expression {
    return this.emitMany(op, inputs, [shape], options)[0]!;
  }

  emitMany(
    op: string,
    inputs: readonly Expression[],
    shapes: readonly (readonly number[])[],
    { attributes = {}, backward }: NodeOptions = {},
  ): Expression[] {
    const index = this.#nodes.length;
    const outputs = shapes.map((shape, k) => new Expression(this, `${op} ${index}.${k}`, shape));
    this.#nodes.push({
      op,
      inputs: inputs.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
      attributes,
    });
    this.#tape.push({ inputs, outputs, backward });
    return outputs;
  }

  /** The bytes of an ONNX model. */
  encode(): Uint8Array {
    return encodeModel({
      name: 'program',
      irVersion: IR_VERSION,
      opset: OPSET,
      producerName: 'zerogap',
      nodes: this.#nodes,
      constants: [...this.#constants.values()],
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
  }

  #constant(
    name: string,
    shape: readonly number[],
    data: Float32Array | BigInt64Array,
  ): Expression {
    if (data.length !== countOf(shape)) throw new RangeError(`constant '${name}': [${shape}]`);
    if (!this.#constants.has(name)) this.#constants.set(name, { name, shape, data });
    return new Expression(this, name, shape);
  }
}
