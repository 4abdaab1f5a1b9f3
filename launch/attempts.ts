import type { Attempt } from '../sim/referee.ts';

/** Counts how attempts at a task went; memory does not grow with their number. */
export class AttemptTally {
  readonly #ends = new Map<string, number>();
  readonly #sums = new Map<string, { sum: number; count: number }>();
  #attempts = 0;
  #successes = 0;
  #byHand = 0;

  add({ isByHand, reason, success, lengthS, metrics }: Attempt): void {
    if (isByHand) {
      this.#byHand++;
      return;
    }
    this.#attempts++;
    if (success) this.#successes++;
    this.#ends.set(reason, (this.#ends.get(reason) ?? 0) + 1);
    for (const [name, value] of Object.entries({ lengthS, ...metrics })) {
      const entry = this.#sums.get(name) ?? { sum: 0, count: 0 };
      entry.sum += value;
      entry.count++;
      this.#sums.set(name, entry);
    }
  }

  summarize() {
    return {
      count: this.#attempts,
      successRate: this.#attempts === 0 ? null : this.#successes / this.#attempts,
      ends: Object.fromEntries([...this.#ends].sort((a, b) => b[1] - a[1])),
      /** Means over the episodes that have the number. */
      metrics: Object.fromEntries(
        [...this.#sums].map(([name, { sum, count }]) => [name, sum / count]),
      ),
      /** Episodes in which somebody asked for something else; counted in none of the above. */
      byHand: this.#byHand,
    };
  }
}
