import { clamp, type Numbers } from '../../sim/math/vec3.ts';
import type {
  Activation,
  DenseLayer,
  GruCell,
  MlpNetwork,
  Normalizer,
  PolicyNetwork,
  ResidualNetwork,
  WholeNetwork,
} from '../onnx/policy-network.ts';

const ACTIVATIONS: Readonly<Record<Activation, (x: number) => number>> = {
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
};

/** Writes output rows [numRows, numOut] from input rows [numRows, numIn]. Allocates nothing. */
export type RowsForward = (out: Float32Array, input: Float32Array, numRows: number) => void;

/** A policy in TypeScript: teachers and clones in training, and what the tests hold ONNX to. */
export interface Forward {
  /** All rows; what a recurrent policy remembers of each goes on. */
  readonly run: RowsForward;
  /** Forgets what one row remembers: its episode begins. */
  reset(row: number): void;
}

/** @param numRows that it is made for, at most */
export function makeForward(network: WholeNetwork, numRows: number): Forward {
  if (network.kind === 'residual') return makeResidualForward(network, numRows);
  if (network.kind === 'mlp') return { run: makeMlpForward(network), reset() {} };
  const numState = network.cell.hiddenBias.length / 3;
  const states = Array.from({ length: numRows }, () => new Float64Array(numState));
  const numIn = network.normalizer.mean.length;
  const input = new Float64Array(numIn);
  const stepCell = makeCellStep(network.cell);
  const writeHead = makeHead(network);
  return {
    run(out, observation, count) {
      for (let row = 0; row < count; row++) {
        writeNormalized(input, observation, row * numIn, network.normalizer);
        stepCell(states[row]!, input);
        writeHead(out, row, states[row]!);
      }
    },
    reset(row) {
      states[row]!.fill(0);
    },
  };
}

function makeResidualForward(network: ResidualNetwork, numRows: number): Forward {
  const { scale } = network;
  const base = makeForward(network.base, numRows);
  const correction = makeForward(network.correction, numRows);
  const corrected = new Float32Array(numRows * scale.length);
  return {
    run(out, observation, count) {
      base.run(out, observation, count);
      correction.run(corrected, observation, count);
      for (let i = 0; i < count * scale.length; i++) {
        out[i]! += scale[i % scale.length]! * corrected[i]!;
      }
    },
    reset(row) {
      base.reset(row);
      correction.reset(row);
    },
  };
}

/** As {@link makeForward}, of a policy that remembers nothing. */
export function makeMlpForward(network: MlpNetwork): RowsForward {
  const numIn = network.normalizer.mean.length;
  const input = new Float64Array(numIn);
  const writeHead = makeHead(network);
  return (out, observation, numRows) => {
    for (let row = 0; row < numRows; row++) {
      writeNormalized(input, observation, row * numIn, network.normalizer);
      writeHead(out, row, input);
    }
  };
}

/** The layers and the head of one row. */
function makeHead({ layers, activation, head }: PolicyNetwork) {
  const values = layers.map((layer) => new Float64Array(layer.bias.length));
  const activate = ACTIVATIONS[activation];
  const last = values.at(-1)!;
  return (out: Float32Array, row: number, input: Numbers): void => {
    for (let i = 0; i < layers.length; i++) {
      const y = values[i]!;
      writeDense(y, layers[i]!, i === 0 ? input : values[i - 1]!);
      if (i < layers.length - 1) for (let j = 0; j < y.length; j++) y[j] = activate(y[j]!);
    }
    for (let k = 0; k < last.length; k++) {
      out[row * last.length + k] = head === 'tanh' ? Math.tanh(last[k]!) : last[k]!;
    }
  };
}

/** One step of the unit in place, see GruCell. */
function makeCellStep(cell: GruCell): (state: Float64Array, input: Float64Array) => void {
  const width = cell.hiddenBias.length / 3;
  const seen = new Float64Array(3 * width);
  const kept = new Float64Array(3 * width);
  return (state, input) => {
    writeDense(seen, { weight: cell.inputWeight, bias: cell.inputBias }, input);
    writeDense(kept, { weight: cell.hiddenWeight, bias: cell.hiddenBias }, state);
    for (let k = 0; k < width; k++) {
      const update = sigmoid(seen[k]! + kept[k]!);
      const reset = sigmoid(seen[width + k]! + kept[width + k]!);
      const proposed = Math.tanh(seen[2 * width + k]! + reset * kept[2 * width + k]!);
      state[k] = proposed + update * (state[k]! - proposed);
    }
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function writeNormalized(
  out: Float64Array,
  observation: Float32Array,
  offset: number,
  { mean, std, clip = Number.POSITIVE_INFINITY }: Normalizer,
): void {
  for (let k = 0; k < out.length; k++) {
    out[k] = clamp((observation[offset + k]! - mean[k]!) / std[k]!, -clip, clip);
  }
}

function writeDense(y: Float64Array, layer: DenseLayer, x: Numbers): void {
  const numOut = y.length;
  for (let j = 0; j < numOut; j++) y[j] = layer.bias[j]!;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    for (let j = 0; j < numOut; j++) y[j]! += value * layer.weight[i * numOut + j]!;
  }
}
