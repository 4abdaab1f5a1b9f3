export interface AdvantageInputs {
  /** [numSteps, numEnvs] */
  readonly reward: Float32Array;
  /** [numSteps, numEnvs] value of the state that was acted in */
  readonly value: Float32Array;
  /** [numSteps, numEnvs] value of the state that followed, in the same episode: 0 where the task ended it */
  readonly nextValue: Float32Array;
  /** [numSteps, numEnvs] 1 where the episode ended or was cut short */
  readonly isEnd: Uint8Array;
  readonly numEnvs: number;
  readonly discount: number;
  readonly lambda: number;
}

/**
 * Generalised advantage estimation, J. Schulman et al. (2016), equation 16: with δ = r + γ·V' − V, the advantage is
 * A = δ + γλ·A of the next step, within an episode.
 * @param out [numSteps, numEnvs]
 */
export function writeAdvantages(out: Float32Array, inputs: AdvantageInputs): void {
  const { reward, value, nextValue, isEnd, numEnvs, discount, lambda } = inputs;
  for (let env = 0; env < numEnvs; env++) {
    let advantage = 0;
    for (let i = reward.length - numEnvs + env; i >= 0; i -= numEnvs) {
      const delta = reward[i]! + discount * nextValue[i]! - value[i]!;
      advantage = delta + (isEnd[i] === 1 ? 0 : discount * lambda * advantage);
      out[i] = advantage;
    }
  }
}

/** Shifts and scales to mean 0 and standard deviation 1, in place. */
export function standardize(values: Float32Array): void {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2 / values.length;
  const scale = 1 / (Math.sqrt(variance) + 1e-8);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) * scale;
}
