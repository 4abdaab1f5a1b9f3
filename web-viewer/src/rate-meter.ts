/**
 * Rate of something counted against wall time, over the last few seconds: frames per second,
 * or simulated seconds per second.
 */
export class RateMeter {
  readonly #windowMs: number;
  readonly #marks: { readonly wallMs: number; readonly amount: number }[] = [];

  constructor(windowMs = 2500) {
    this.#windowMs = windowMs;
  }

  /** @param amount running total; one that shrinks starts the measurement afresh */
  mark(wallMs: number, amount: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && amount < last.amount) this.#marks.length = 0;
    this.#marks.push({ wallMs, amount });
    while (this.#marks.length > 2 && wallMs - this.#marks[0]!.wallMs > this.#windowMs) {
      this.#marks.shift();
    }
  }

  /** [1/s] NaN until it is known */
  get perSecond(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.wallMs - first.wallMs < 100) {
      return Number.NaN;
    }
    return (1000 * (last.amount - first.amount)) / (last.wallMs - first.wallMs);
  }

  clear(): void {
    this.#marks.length = 0;
  }
}
