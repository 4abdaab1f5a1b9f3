/**
 * Weights of a network averaged over the rounds behind it, the last ones counting most: B. Polyak and A. Juditsky (1992).
 * What learning by samples jitters about is steadier than where it stands after any one round: for policies,
 * E. Nikishin et al., "Improving stability in deep reinforcement learning with weight averaging" (2018).
 */
export class WeightAverage {
  /** [1] rounds after which a round counts 1/e of the last */
  readonly #rounds: number;
  /** [count] */
  #sum: Float64Array | undefined;
  #weight = 0;

  /** @param rounds [1] > 0 */
  constructor(rounds: number) {
    this.#rounds = rounds;
  }

  /** Takes in the weights that a round ended with. */
  update(weights: Float32Array): void {
    const keep = Math.exp(-1 / this.#rounds);
    const sum = this.#sum ?? new Float64Array(weights.length);
    for (let k = 0; k < weights.length; k++) sum[k] = keep * sum[k]! + weights[k]!;
    this.#sum = sum;
    this.#weight = keep * this.#weight + 1;
  }

  /** The average; before the first round `weights` themselves. */
  compute(weights: Float32Array): Float32Array {
    const sum = this.#sum;
    if (sum === undefined) return weights.slice();
    return Float32Array.from(sum, (value) => value / this.#weight);
  }

  /** [count + 1] the weight of all rounds, sums: what `restore` takes. @param count of the weights */
  copyState(count: number): Float64Array {
    const state = new Float64Array(count + 1);
    state[0] = this.#weight;
    if (this.#sum !== undefined) state.set(this.#sum, 1);
    return state;
  }

  restore(state: Float64Array): void {
    this.#weight = state[0]!;
    this.#sum = this.#weight === 0 ? undefined : state.slice(1);
  }
}
