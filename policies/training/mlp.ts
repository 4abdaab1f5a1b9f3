import { clamp, type Numbers } from '../../sim/math/vec3.ts';
import type { Activation, DenseLayer, Normalizer } from '../onnx/mlp-graph.ts';

/** A trained network as plain numbers: what the exporter writes, and what this file can run. */
export interface Mlp {
  readonly normalizer: Normalizer;
  readonly layers: readonly DenseLayer[];
  readonly activation: Activation;
  readonly head: 'identity';
}

const ACTIVATIONS: Readonly<Record<Activation, (x: number) => number>> = {
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
};

/**
 * The network in TypeScript, for rollouts while it is being trained; the tests hold it to ONNX.
 * Writes output rows [numRows, numOut] from input rows [numRows, numIn]. Allocates nothing per call.
 */
export function makeMlpForward(
  mlp: Mlp,
): (out: Float32Array, input: Float32Array, numRows: number) => void {
  const { mean, std, clip = Number.POSITIVE_INFINITY } = mlp.normalizer;
  const numIn = mean.length;
  const numOut = mlp.layers.at(-1)!.bias.length;
  const widths = [numIn, ...mlp.layers.map((layer) => layer.bias.length)];
  const values = widths.map((width) => new Float64Array(width));
  const activate = ACTIVATIONS[mlp.activation];
  return (out, input, numRows) => {
    for (let row = 0; row < numRows; row++) {
      const first = values[0]!;
      for (let k = 0; k < numIn; k++) {
        first[k] = clamp((input[row * numIn + k]! - mean[k]!) / std[k]!, -clip, clip);
      }
      for (let i = 0; i < mlp.layers.length; i++) {
        const y = values[i + 1]!;
        writeDense(y, mlp.layers[i]!, values[i]!);
        if (i === mlp.layers.length - 1) continue;
        for (let j = 0; j < y.length; j++) y[j] = activate(y[j]!);
      }
      const last = values.at(-1)!;
      for (let k = 0; k < numOut; k++) out[row * numOut + k] = last[k]!;
    }
  };
}

function writeDense(y: Float64Array, layer: DenseLayer, x: Numbers): void {
  const numOut = y.length;
  for (let j = 0; j < numOut; j++) y[j] = layer.bias[j]!;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    for (let j = 0; j < numOut; j++) y[j]! += value * layer.weight[i * numOut + j]!;
  }
}
