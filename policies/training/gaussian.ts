import type { Rng } from '../../sim/math/rng.ts';
import type { Expression } from '../onnx/expression.ts';

/*
 * Independent normal distributions, one per number of an action, whose standard deviations do not depend on the state.
 */

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** The arrays of a sample: `action` and its log-density, both written. */
export interface GaussianSample {
  /** [numRows, numActions] */
  readonly mean: Float32Array;
  /** [numActions] */
  readonly logStd: Float32Array;
  /** [numRows, numActions] */
  readonly action: Float32Array;
  /** [numRows] */
  readonly logProbability: Float32Array;
}

/** Draws an action per row. */
export function writeSample(sample: GaussianSample, rng: Rng): void {
  const { mean, logStd, action, logProbability } = sample;
  const numActions = logStd.length;
  const std = logStd.map(Math.exp);
  for (let row = 0, i = 0; row < logProbability.length; row++) {
    let sum = 0;
    for (let k = 0; k < numActions; k++, i++) {
      const noise = rng.normal(0, 1);
      action[i] = mean[i]! + std[k]! * noise;
      sum -= 0.5 * noise * noise + logStd[k]! + HALF_LOG_2PI;
    }
    logProbability[row] = sum;
  }
}

/** [rows] log-density of each row of `action`. @param mean, action [rows, numActions] @param logStd [numActions] */
export function computeLogProbability(
  mean: Expression,
  logStd: Expression,
  action: Expression,
): Expression {
  const noise = action.sub(mean).div(logStd.exp());
  return noise.square().mul(-0.5).sub(logStd).sub(HALF_LOG_2PI).sum(1);
}

/** One number [nat]: ½ log(2πe σ²), summed over the action. */
export function computeEntropy(logStd: Expression): Expression {
  return logStd.add(HALF_LOG_2PI + 0.5).sum();
}

export interface GaussianExpression {
  /** [rows, numActions] */
  readonly mean: Expression;
  /** [numActions] */
  readonly logStd: Expression;
}

/** [rows] Kullback-Leibler divergence from `to` to `from`: log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²)/(2σ₂²) − ½, summed over the action. */
export function computeKlDivergence(from: GaussianExpression, to: GaussianExpression): Expression {
  const spread = from.logStd.exp().square().add(from.mean.sub(to.mean).square());
  return to.logStd
    .sub(from.logStd)
    .add(spread.div(to.logStd.exp().square()).mul(0.5))
    .sub(0.5)
    .sum(1);
}
