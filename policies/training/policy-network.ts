import type { Activation, DenseLayer, Normalizer } from '../onnx/mlp-graph.ts';

/** Feed-forward: z = normalise(obs), dense layers with activations between them, head. */
export interface MlpNetwork {
  readonly kind: 'mlp';
  readonly normalizer: Normalizer;
  readonly layers: readonly DenseLayer[];
  readonly activation: Activation;
  readonly head: 'identity' | 'tanh';
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
  readonly head: 'identity' | 'tanh';
}

/** A trained policy as plain numbers: what is exported, and what runs in TypeScript while it is being trained. */
export type PolicyNetwork = MlpNetwork | GruNetwork;
