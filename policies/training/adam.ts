import type { Expression } from '../onnx/expression.ts';

/** D. P. Kingma and J. Ba, "Adam" (2015), with their constants. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export interface AdamInputs {
  /** [numParameters] each */
  readonly parameters: Expression;
  readonly gradient: Expression;
  readonly firstMoment: Expression;
  readonly secondMoment: Expression;
  /** [] what computeAdamRate gives */
  readonly rate: Expression;
  /** [-] a gradient that is longer is shortened to it: R. Pascanu et al. (2013); absent: never */
  readonly maxGradientNorm?: number | undefined;
}

export interface AdamStep {
  readonly parameters: Expression;
  readonly firstMoment: Expression;
  readonly secondMoment: Expression;
  /** [] before it was shortened */
  readonly gradientNorm: Expression;
}

/** One step of Adam on all parameters as one vector. */
export function writeAdamStep(inputs: AdamInputs): AdamStep {
  const { parameters, gradient, firstMoment, secondMoment, rate, maxGradientNorm } = inputs;
  const gradientNorm = gradient.square().sum().sqrt();
  const clipped =
    maxGradientNorm === undefined
      ? gradient
      : gradient.mul(
          gradient.graph.constant(maxGradientNorm).div(gradientNorm.max(maxGradientNorm)),
        );
  const first = firstMoment.mul(BETA1).add(clipped.mul(1 - BETA1));
  const second = secondMoment.mul(BETA2).add(clipped.square().mul(1 - BETA2));
  return {
    parameters: parameters.sub(first.div(second.sqrt().add(EPSILON)).mul(rate)),
    firstMoment: first,
    secondMoment: second,
    gradientNorm,
  };
}

/** Both moments start at zero; this undoes that (section 2 of the paper). @param step 1 for the first */
export function computeAdamRate(learningRate: number, step: number): number {
  return (learningRate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step);
}
