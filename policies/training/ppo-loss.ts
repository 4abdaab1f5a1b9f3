import type { Expression } from '../onnx/expression.ts';
import type { GaussianExpression } from './gaussian.ts';
import { computeEntropy, computeKlDivergence, computeLogProbability } from './gaussian.ts';
import type { PpoSettings } from './ppo-config.ts';

/*
 * The loss of J. Schulman et al., "Proximal policy optimization algorithms" (2017), equation 9: the clipped surrogate, the
 * critic's squared error, and the entropy. Policy and critic share no weights, so theirs are two losses.
 */

/** What the policy's loss is made of, for one minibatch. */
export interface PolicyLossInputs {
  /** [rows, numActions] of the policy that is being learnt */
  readonly mean: Expression;
  readonly logStd: Expression;
  /** What it would say of each row by what it does in the row's mirror image; absent: images are not learnt from. */
  readonly mirrored?: GaussianExpression | undefined;
  /** [rows, numActions] */
  readonly action: Expression;
  /** As they were when the round began: [rows, numActions], [numActions], [rows] */
  readonly oldMean: Expression;
  readonly oldLogStd: Expression;
  readonly oldLogProbability: Expression;
  /** [rows] */
  readonly advantage: Expression;
  /** [] */
  readonly entropyWeight: Expression;
}

/** What the critic's loss is made of, [rows] each. */
export interface ValueLossInputs {
  /** Of the critic that is being learnt. */
  readonly value: Expression;
  /** As it was when the round began. */
  readonly oldValue: Expression;
  readonly return: Expression;
}

/** What the policy's weights answer for. */
export function writePolicyLoss(inputs: PolicyLossInputs, { clip }: Pick<PpoSettings, 'clip'>) {
  const { mean, logStd, mirrored, oldMean, oldLogStd } = inputs;
  const seen = writeSurrogate({ mean, logStd }, inputs, clip);
  const { ratio, clipped } = seen;
  const surrogate =
    mirrored === undefined
      ? seen.surrogate
      : seen.surrogate.add(writeSurrogate(mirrored, inputs, clip).surrogate).mul(0.5);
  const entropy = computeEntropy(logStd);
  const { graph } = ratio;
  const from = { mean: oldMean, logStd: oldLogStd };
  return {
    loss: surrogate.sub(entropy.mul(inputs.entropyWeight)),
    surrogate,
    entropy,
    kl: computeKlDivergence(from, { mean, logStd }).mean(),
    clipShare: graph.full(ratio.shape, 1).where('Greater', ratio.sub(clipped).square(), 0).mean(),
  };
}

/** Equation 7: what the new policy would have earned, as far as it may leave the old one. */
function writeSurrogate(
  { mean, logStd }: GaussianExpression,
  { action, advantage, oldLogProbability }: PolicyLossInputs,
  clip: number,
) {
  const ratio = computeLogProbability(mean, logStd, action).sub(oldLogProbability).exp();
  const clipped = ratio.clip(1 - clip, 1 + clip);
  const surrogate = ratio.mul(advantage).min(clipped.mul(advantage)).mean().neg();
  return { ratio, clipped, surrogate };
}

/**
 * What the critic's weights answer for: half the mean squared error; of a clipped value the worse of the two, so that a step
 * too far earns nothing.
 */
export function writeValueLoss(
  { value, oldValue, return: earned }: ValueLossInputs,
  { valueClip }: Pick<PpoSettings, 'valueClip'>,
): Expression {
  const error = value.sub(earned).square();
  if (valueClip === undefined) return error.mean().mul(0.5);
  const near = oldValue.add(value.sub(oldValue).clip(-valueClip, valueClip));
  return error.max(near.sub(earned).square()).mean().mul(0.5);
}
