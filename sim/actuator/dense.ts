import type { DenseLayer } from '../onnx/dense-layers.ts';

/**
 * Runs a fully connected network over a batch in plain loops: onnxruntime answers with a promise, which a physics
 * step cannot wait for. Sums are made in 64 bits and stored in 32, so outputs differ from onnxruntime's
 * in the last bits only.
 */
export class DenseNetwork {
  /** [maxBatch, inputs] written by the caller */
  readonly input: Float32Array;
  /** [maxBatch, outputs] */
  readonly output: Float32Array;
  readonly #layers: readonly DenseLayer[];
  /** Of layer i: what goes in, and at the end what comes out. */
  readonly #values: readonly Float32Array[];

  constructor(layers: readonly DenseLayer[], maxBatch: number) {
    const first = layers[0];
    if (first === undefined) throw new RangeError('DenseNetwork: needs at least one layer');
    this.#layers = layers;
    this.input = new Float32Array(maxBatch * (first.weight.length / first.bias.length));
    const hidden = layers.map(({ bias }) => new Float32Array(maxBatch * bias.length));
    this.#values = [this.input, ...hidden];
    this.output = hidden.at(-1)!;
  }

  /** @param batch rows of `input` to read, rows of `output` to write */
  run(batch: number): void {
    for (let i = 0; i < this.#layers.length; i++) {
      runLayer(this.#layers[i]!, this.#values[i]!, this.#values[i + 1]!, batch);
    }
  }
}

function runLayer(layer: DenseLayer, input: Float32Array, output: Float32Array, batch: number) {
  const { weight, bias } = layer;
  const numOut = bias.length;
  const numIn = weight.length / numOut;
  for (let row = 0; row < batch; row++) {
    for (let o = 0; o < numOut; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < numIn; i++) sum += weight[o * numIn + i]! * input[row * numIn + i]!;
      output[row * numOut + o] = sum;
    }
  }
  activate(layer.activation, output, batch * numOut);
}

function activate(kind: DenseLayer['activation'], x: Float32Array, count: number): void {
  switch (kind) {
    case 'none':
      return;
    case 'relu':
      for (let k = 0; k < count; k++) x[k] = Math.max(0, x[k]!);
      return;
    case 'elu':
      for (let k = 0; k < count; k++) x[k] = x[k]! > 0 ? x[k]! : Math.expm1(x[k]!);
      return;
    case 'tanh':
      for (let k = 0; k < count; k++) x[k] = Math.tanh(x[k]!);
      return;
    case 'softsign':
      for (let k = 0; k < count; k++) x[k] = x[k]! / (1 + Math.abs(x[k]!));
      return;
    case 'sigmoid':
      for (let k = 0; k < count; k++) x[k] = 1 / (1 + Math.exp(-x[k]!));
  }
}
