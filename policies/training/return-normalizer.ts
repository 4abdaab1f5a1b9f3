import { RunningNormalizer } from './running-normalizer.ts';

/**
 * Scales rewards so that returns vary by about 1, whatever unit a task pays in: each reward is divided by the standard
 * deviation, over all environments and steps so far, of the discounted sum of the rewards before it. Their mean is left
 * alone, since taking it off would change what an early end of an episode is worth.
 */
export class ReturnNormalizer {
  readonly #statistics = new RunningNormalizer(1);
  readonly #discount: number;
  /** [numEnvs] Σ discountᵏ · reward k steps ago, in this episode */
  readonly #sums: Float64Array;

  constructor(numEnvs: number, discount: number) {
    this.#sums = new Float64Array(numEnvs);
    this.#discount = discount;
  }

  /** What a reward is divided by. */
  get scale(): number {
    return this.#statistics.copyNormalizer(Number.POSITIVE_INFINITY).std[0]!;
  }

  /** Episodes began in these environments. @param mask [numEnvs]; absent: in all */
  forget(mask?: Uint8Array): void {
    for (let env = 0; env < this.#sums.length; env++) {
      if (mask === undefined || mask[env] === 1) this.#sums[env] = 0;
    }
  }

  /** @param reward, isEnd [numSteps, numEnvs] */
  update(reward: Float32Array, isEnd: Uint8Array): void {
    const numEnvs = this.#sums.length;
    const returns = new Float32Array(reward.length);
    for (let i = 0; i < reward.length; i++) {
      const env = i % numEnvs;
      const sum = this.#discount * this.#sums[env]! + reward[i]!;
      returns[i] = sum;
      this.#sums[env] = isEnd[i] === 1 ? 0 : sum;
    }
    this.#statistics.update(returns);
  }

  copyState(): Float64Array {
    return this.#statistics.copyState();
  }

  restore(state: Float64Array): void {
    this.#statistics.restore(state);
  }
}
