import { makePolicyGraph } from './policy-graph.ts';
import type { Activation, DenseLayer, Head, Normalizer } from './policy-network.ts';

/** A feed-forward policy: normaliser, dense layers with activations between them, deterministic head. */
export interface MlpSpec {
  readonly normalizer?: Normalizer;
  readonly layers: readonly DenseLayer[];
  readonly activation: Activation;
  readonly head: Head;
  readonly inputName: string;
  readonly outputName: string;
}

/** The bytes of a feed-forward policy's graph, see makePolicyGraph. @throws as it does */
export function makeMlpModel({ inputName, outputName, ...network }: MlpSpec): Uint8Array {
  return makePolicyGraph({ network: { kind: 'mlp', ...network }, inputName, outputName }).bytes;
}
