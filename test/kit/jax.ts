// Another automatic differentiation, to hold ours to. The order of the two lines matters.
import './jax-environment.ts';
import { numpy as np, valueAndGrad } from '@jax-js/jax';
import type { Activation } from '../../policies/onnx/policy-network.ts';

export interface JaxLayer {
  /** [numIn, numOut] row-major */
  readonly weight: Float32Array;
  /** [numOut] */
  readonly bias: Float32Array;
}

type Layers = { weight: np.Array; bias: np.Array }[];

/** jax-js moves what it is given: every use but the last takes `.ref`. */
const ACTIVATIONS = {
  tanh: (x: np.Array) => np.tanh(x),
  relu: (x: np.Array) => np.maximum(x, 0),
  elu: (x: np.Array) => np.where(np.greater(x.ref, 0), x.ref, np.expm1(np.minimum(x, 0))),
} as const satisfies Record<Activation, (x: np.Array) => np.Array>;

/**
 * Mean squared error of a multilayer perceptron, and its gradients by layer.
 * @param inputs [rows, numIn]
 * @param targets [rows, numOut]
 */
export async function computeJaxGradients(
  layers: readonly JaxLayer[],
  activation: Activation,
  inputs: Float32Array,
  targets: Float32Array,
): Promise<{ loss: number; gradients: JaxLayer[] }> {
  const table = (data: Float32Array, width: number) =>
    np.array(data.slice()).reshape([data.length / width, width]);
  const parameters = layers.map(({ weight, bias }) => ({
    weight: table(weight, bias.length),
    bias: np.array(bias.slice()),
  }));
  const numIn = layers[0]!.weight.length / layers[0]!.bias.length;
  const [loss, gradients] = valueAndGrad(makeLoss(activation))(
    parameters,
    table(inputs, numIn),
    table(targets, layers.at(-1)!.bias.length),
  );
  return {
    loss: (await loss.data())[0]!,
    gradients: await Promise.all(
      gradients.map(async ({ weight, bias }) => ({
        weight: Float32Array.from(await weight.data()),
        bias: Float32Array.from(await bias.data()),
      })),
    ),
  };
}

function makeLoss(activation: Activation) {
  return (parameters: Layers, inputs: np.Array, targets: np.Array): np.Array => {
    let value = inputs;
    parameters.forEach(({ weight, bias }, i) => {
      value = np.dot(value, weight).add(bias);
      if (i < parameters.length - 1) value = ACTIVATIONS[activation](value);
    });
    return np.square(value.sub(targets)).mean();
  };
}
