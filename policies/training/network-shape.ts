import type { Rng } from '../../sim/math/rng.ts';
import { concat, type Expression } from '../onnx/expression.ts';
import type { Activation, DenseLayer, Normalizer, PolicyNetwork } from '../onnx/policy-network.ts';
import {
  getPiece,
  type ParameterLayout,
  type ParameterShape,
  type Pieces,
  viewParameters,
} from './parameters.ts';

/** A network without its weights. Its parameters are called `<name>.layer0.weight`, … */
export interface NetworkShape {
  readonly name: string;
  readonly numIn: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly numOut: number;
  readonly activation: Activation;
  /** Numbers of a recurrent state in front of the layers; absent: feed-forward. */
  readonly numState?: number | undefined;
}

/** Widths from the first layer's input to the output. */
function listWidths({ numIn, hidden, numOut, numState }: NetworkShape): number[] {
  return [numState ?? numIn, ...hidden, numOut];
}

export function listParameters(network: NetworkShape): ParameterShape[] {
  const { name, numIn, numState } = network;
  const widths = listWidths(network);
  const layers = widths.slice(1).flatMap((numOut, i) => [
    { name: `${name}.layer${i}.weight`, shape: [widths[i]!, numOut] },
    { name: `${name}.layer${i}.bias`, shape: [numOut] },
  ]);
  if (numState === undefined) return layers;
  return [
    { name: `${name}.cell.inputWeight`, shape: [numIn, 3 * numState] },
    { name: `${name}.cell.hiddenWeight`, shape: [numState, 3 * numState] },
    { name: `${name}.cell.inputBias`, shape: [3 * numState] },
    { name: `${name}.cell.hiddenBias`, shape: [3 * numState] },
    ...layers,
  ];
}

/**
 * Random weights in place: uniform with variance 1/numIn (Y. LeCun et al., "Efficient BackProp", 1998), biases zero.
 * @param outputScale of the last layer: a hundredth makes a policy start near its mean action (M. Andrychowicz et
 *   al., "What matters in on-policy reinforcement learning?", 2021, section 3.2)
 */
export function initializeNetwork(
  vector: Float32Array,
  layout: ParameterLayout,
  network: NetworkShape,
  { outputScale, rng }: { readonly outputScale: number; readonly rng: Rng },
): void {
  const last = `${network.name}.layer${network.hidden.length}.weight`;
  for (const { name, shape } of listParameters(network)) {
    const view = viewParameters(vector, layout, name);
    if (shape.length === 1) {
      view.fill(0);
      continue;
    }
    const reach = Math.sqrt(3 / shape[0]!) * (name === last ? outputScale : 1);
    for (let i = 0; i < view.length; i++) view[i] = rng.uniform(-reach, reach);
  }
}

/** Dense layers with activations between them. @param input [rows, numIn], of a recurrent network its state */
export function writeLayers(input: Expression, network: NetworkShape, pieces: Pieces): Expression {
  const { name, hidden, activation } = network;
  let value = input;
  for (let i = 0; i <= hidden.length; i++) {
    const weight = getPiece(pieces, `${name}.layer${i}.weight`);
    value = value.dense(weight, getPiece(pieces, `${name}.layer${i}.bias`));
    if (i < hidden.length) value = value[activation]();
  }
  return value;
}

/**
 * The states of a gated recurrent unit, see GruCell, one after another.
 * @param inputs [numSteps · rows, numIn], step by step
 * @param state [rows, numState] before the first
 * @param goesOn [numSteps · rows, 1] 0 where an episode begins and the state is to be zero, else 1
 * @returns [numSteps · rows, numState]
 */
export function writeStates(
  inputs: Expression,
  state: Expression,
  goesOn: Expression,
  { network, pieces }: { readonly network: NetworkShape; readonly pieces: Pieces },
): Expression {
  const rows = state.shape[0]!;
  const width = state.shape[1]!;
  const steps = Array.from({ length: inputs.shape[0]! / rows }, () => rows);
  const piece = (part: string) => getPiece(pieces, `${network.name}.cell.${part}`);
  const gates = inputs.dense(piece('inputWeight'), piece('inputBias')).split(0, steps);
  const masks = goesOn.split(0, steps);
  const states: Expression[] = [];
  let h = state;
  gates.forEach((gate, t) => {
    h = h.mul(masks[t]!);
    const [updateIn, resetIn, newIn] = gate.split(1, [width, width, width]);
    const product = h.dense(piece('hiddenWeight'), piece('hiddenBias'));
    const [updateState, resetState, newState] = product.split(1, [width, width, width]);
    const update = updateIn!.add(updateState!).sigmoid();
    const reset = resetIn!.add(resetState!).sigmoid();
    const proposed = newIn!.add(reset.mul(newState!)).tanh();
    h = proposed.add(update.mul(h.sub(proposed)));
    states.push(h);
  });
  return concat(states, 0);
}

/** (x − mean) / std, clipped. @param mean, std [width] */
export function writeNormalized(
  input: Expression,
  { mean, std, clip }: { mean: Expression; std: Expression; clip: number },
): Expression {
  return input.sub(mean).div(std).clip(-clip, clip);
}

/** The dense layers as plain numbers, copied. */
export function copyLayers(
  vector: Float32Array,
  layout: ParameterLayout,
  network: NetworkShape,
): DenseLayer[] {
  const copy = (part: string) => viewParameters(vector, layout, `${network.name}.${part}`).slice();
  return listWidths(network)
    .slice(1)
    .map((_, i) => ({ weight: copy(`layer${i}.weight`), bias: copy(`layer${i}.bias`) }));
}

/** The network as plain numbers, copied. */
export function copyNetwork(
  vector: Float32Array,
  layout: ParameterLayout,
  network: NetworkShape,
  normalizer: Normalizer,
): PolicyNetwork {
  const copy = (part: string) => viewParameters(vector, layout, `${network.name}.${part}`).slice();
  const shared = {
    normalizer,
    layers: copyLayers(vector, layout, network),
    activation: network.activation,
    head: 'identity',
  } as const;
  if (network.numState === undefined) return { kind: 'mlp', ...shared };
  return {
    kind: 'gru',
    ...shared,
    cell: {
      inputWeight: copy('cell.inputWeight'),
      hiddenWeight: copy('cell.hiddenWeight'),
      inputBias: copy('cell.inputBias'),
      hiddenBias: copy('cell.hiddenBias'),
    },
  };
}
