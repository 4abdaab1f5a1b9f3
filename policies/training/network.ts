import type { Rng } from '../../sim/math/rng.ts';
import type { Activation, DenseLayer } from '../onnx/policy-network.ts';
import { jit, numpy as np, tree, valueAndGrad } from './jax.ts';

type Array = np.Array;
/** jax-js moves what it is given: every use but the last takes `.ref`. */
type Layer = { weight: Array; bias: Array };
export type NetworkParameters = Layer[];

export interface RegressionOptions {
  /** [numIn, hidden …, numOut] */
  readonly sizes: readonly number[];
  readonly activation: Activation;
  readonly rng: Rng;
}

const ACTIVATIONS = {
  tanh: (x: Array) => np.tanh(x),
  relu: (x: Array) => np.maximum(x, 0),
  elu: (x: Array) => np.where(np.greater(x.ref, 0), x.ref, np.expm1(np.minimum(x, 0))),
} as const satisfies Record<Activation, (x: Array) => Array>;

/** Adam, D. P. Kingma and J. Ba (2015), with their constants. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * A multilayer perceptron under regression by Adam. Single-threaded WebAssembly: the same calls give
 * the same bits on the same machine and version; another processor may round otherwise.
 */
export class Regression {
  readonly #step: ReturnType<typeof makeStep>;
  readonly #loss: (p: NetworkParameters, x: Array, y: Array) => Array;
  readonly #sizes: readonly number[];
  #parameters: NetworkParameters;
  #moments: [NetworkParameters, NetworkParameters];
  #numSteps = 0;

  constructor({ sizes, activation, rng }: RegressionOptions) {
    const loss = makeLoss(activation);
    this.#sizes = sizes;
    this.#step = makeStep(loss);
    this.#loss = jit(loss);
    this.#parameters = makeParameters(sizes, rng);
    const zeros = () => tree.map((a: Array) => np.zeros(a.shape), tree.ref(this.#parameters));
    this.#moments = [zeros() as NetworkParameters, zeros() as NetworkParameters];
  }

  /** One step of Adam on one minibatch; returns the mean squared error before it. */
  async step(inputs: Float32Array, targets: Float32Array, learningRate: number): Promise<number> {
    this.#numSteps++;
    // Both moments start at zero; this undoes that (Kingma and Ba, section 3).
    const unbias = Math.sqrt(1 - BETA2 ** this.#numSteps) / (1 - BETA1 ** this.#numSteps);
    const [parameters, first, second, loss] = this.#step(
      this.#parameters,
      this.#moments[0],
      this.#moments[1],
      this.#makeRows(inputs, this.#sizes[0]!),
      this.#makeRows(targets, this.#sizes.at(-1)!),
      np.array(new Float32Array([learningRate * unbias])),
    );
    this.#parameters = parameters;
    this.#moments = [first, second];
    return (await loss.data())[0]!;
  }

  /** Mean squared error on rows that are not learnt from. */
  async computeLoss(inputs: Float32Array, targets: Float32Array): Promise<number> {
    const loss = this.#loss(
      tree.ref(this.#parameters),
      this.#makeRows(inputs, this.#sizes[0]!),
      this.#makeRows(targets, this.#sizes.at(-1)!),
    );
    return (await loss.data())[0]!;
  }

  /** The weights as they are now. */
  async copyLayers(): Promise<DenseLayer[]> {
    return Promise.all(
      this.#parameters.map(async ({ weight, bias }) => ({
        weight: Float32Array.from(await weight.ref.data()),
        bias: Float32Array.from(await bias.ref.data()),
      })),
    );
  }

  /** Gives the memory back; nothing may be called after it. */
  free(): void {
    tree.dispose(this.#parameters);
    for (const moment of this.#moments) tree.dispose(moment);
  }

  #makeRows(rows: Float32Array, width: number): Array {
    return np.array(rows).reshape([rows.length / width, width]);
  }
}

/** Weights uniform with variance 1/numIn (Y. LeCun et al., "Efficient BackProp", 1998), biases zero. */
function makeParameters(sizes: readonly number[], rng: Rng): NetworkParameters {
  return sizes.slice(1).map((numOut, i) => {
    const numIn = sizes[i]!;
    const reach = Math.sqrt(3 / numIn);
    const weight = Float32Array.from({ length: numIn * numOut }, () => rng.uniform(-reach, reach));
    return { weight: np.array(weight).reshape([numIn, numOut]), bias: np.zeros([numOut]) };
  });
}

/** Mean squared error of the network's output. Exported for the test against finite differences. */
export function makeLoss(
  activation: Activation,
): (parameters: NetworkParameters, inputs: Array, targets: Array) => Array {
  const activate = ACTIVATIONS[activation];
  return (parameters, inputs, targets) => {
    let value = inputs;
    parameters.forEach(({ weight, bias }, i) => {
      value = np.dot(value, weight).add(bias);
      if (i < parameters.length - 1) value = activate(value);
    });
    return np.square(value.sub(targets)).mean();
  };
}

function makeStep(loss: ReturnType<typeof makeLoss>) {
  return jit(
    (
      parameters: NetworkParameters,
      first: NetworkParameters,
      second: NetworkParameters,
      inputs: Array,
      targets: Array,
      rate: Array,
    ): [NetworkParameters, NetworkParameters, NetworkParameters, Array] => {
      const [error, gradient] = valueAndGrad(loss)(tree.ref(parameters), inputs, targets);
      const m = mapLayers((a, g) => a.mul(BETA1).add(g.mul(1 - BETA1)), first, tree.ref(gradient));
      const v = mapLayers(
        (a, g) => a.mul(BETA2).add(np.square(g).mul(1 - BETA2)),
        second,
        gradient,
      );
      const step = mapLayers(
        (a, b) => a.div(np.sqrt(b).add(EPSILON)).mul(rate.ref),
        tree.ref(m),
        tree.ref(v),
      );
      rate.dispose();
      return [mapLayers((p, s) => p.sub(s), parameters, step), m, v, error];
    },
  );
}

function mapLayers(
  combine: (a: Array, b: Array) => Array,
  a: NetworkParameters,
  b: NetworkParameters,
): NetworkParameters {
  return a.map((layer, i) => ({
    weight: combine(layer.weight, b[i]!.weight),
    bias: combine(layer.bias, b[i]!.bias),
  }));
}
