import type { Numbers } from '../../sim/math/vec3.ts';

export type Activation = 'tanh' | 'elu' | 'relu';
export type Head = 'identity' | 'tanh';

/** y = x · weight + bias */
export interface DenseLayer {
  /** [numIn, numOut] row-major */
  readonly weight: Numbers;
  /** [numOut] */
  readonly bias: Numbers;
}

/** z = clip((x − mean) / std, ±clip) */
export interface Normalizer {
  /** [numObs] */
  readonly mean: Numbers;
  /** [numObs] @range > 0 */
  readonly std: Numbers;
  /** [-] symmetric, after division; absent = no clip */
  readonly clip?: number;
}

/** Feed-forward: z = normalise(obs), dense layers with activations between them, head. */
export interface MlpNetwork {
  readonly kind: 'mlp';
  readonly normalizer: Normalizer;
  readonly layers: readonly DenseLayer[];
  /** Between layers; the last layer is followed by `head` alone. */
  readonly activation: Activation;
  /** What the action distribution's mean goes through. */
  readonly head: Head;
}

/**
 * Gated recurrent unit (K. Cho et al., 2014) with the reset gate after the product, as in cuDNN, PyTorch and ONNX's
 * `linear_before_reset = 1`. Columns of the matrices: update, reset and new gate, numHidden each.
 */
export interface GruCell {
  /** [numIn, 3 numHidden] row-major */
  readonly inputWeight: Float32Array;
  /** [numHidden, 3 numHidden] row-major */
  readonly hiddenWeight: Float32Array;
  /** [3 numHidden] */
  readonly inputBias: Float32Array;
  /** [3 numHidden] */
  readonly hiddenBias: Float32Array;
}

/** Recurrent: z = normalise(obs), h = cell(z, h), dense layers on h, head. The state starts at zero. */
export interface GruNetwork {
  readonly kind: 'gru';
  readonly normalizer: Normalizer;
  readonly cell: GruCell;
  readonly layers: readonly DenseLayer[];
  readonly activation: Activation;
  readonly head: Head;
}

/** A trained policy as plain numbers: what is exported. */
export type PolicyNetwork = MlpNetwork | GruNetwork;

/** A policy that was trained to correct another, which stays as it is: actions = base(obs) + scale · correction(obs). */
export interface ResidualNetwork {
  readonly kind: 'residual';
  readonly base: WholeNetwork;
  readonly correction: PolicyNetwork;
  /** [numActions] raw action per unit of the correction */
  readonly scale: Numbers;
}

/** What the file of a policy holds. */
export type WholeNetwork = PolicyNetwork | ResidualNetwork;

/** Whether any part of it remembers what was before. */
export function isRecurrent(network: WholeNetwork): boolean {
  if (network.kind !== 'residual') return network.kind === 'gru';
  return isRecurrent(network.base) || isRecurrent(network.correction);
}

type Unnormalized<Network> = Omit<Network, 'normalizer'> & { readonly normalizer?: Normalizer };
/** As {@link PolicyNetwork}; one that takes observations as they are has no normaliser. */
export type GraphNetwork = Unnormalized<MlpNetwork> | Unnormalized<GruNetwork>;
