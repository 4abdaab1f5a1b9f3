import type { Activation, Head, PolicyNetwork } from '../../policies/onnx/policy-network.ts';
import { Rng } from '../../sim/math/rng.ts';

export interface NetworkPlan {
  readonly kind: 'mlp' | 'gru';
  readonly numIn: number;
  readonly numState: number;
  readonly hidden: readonly number[];
  readonly numOut: number;
  readonly activation: Activation;
  readonly head: Head;
  readonly seed: number;
}

/** A network with random weights of the size that keeps sums at order 1. */
export function makeRandomNetwork(plan: NetworkPlan): PolicyNetwork {
  const { kind, numIn, numState, hidden, numOut, activation, head } = plan;
  const rng = new Rng(plan.seed);
  const draw = (count: number, size = 1) =>
    Float32Array.from({ length: count }, () => size * rng.normal(0, 1));
  const widths = [kind === 'gru' ? numState : numIn, ...hidden, numOut];
  const shared = {
    normalizer: { mean: draw(numIn), std: draw(numIn).map((x) => 0.1 + Math.abs(x)), clip: 5 },
    layers: widths.slice(1).map((width, i) => ({
      weight: draw(widths[i]! * width, 1 / Math.sqrt(widths[i]!)),
      bias: draw(width, 0.5),
    })),
    activation,
    head,
  };
  if (kind === 'mlp') return { kind, ...shared };
  return {
    kind,
    ...shared,
    cell: {
      inputWeight: draw(numIn * 3 * numState, 1 / Math.sqrt(numIn)),
      hiddenWeight: draw(numState * 3 * numState, 1 / Math.sqrt(numState)),
      inputBias: draw(3 * numState, 0.5),
      hiddenBias: draw(3 * numState, 0.5),
    },
  };
}
