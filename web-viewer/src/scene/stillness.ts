/** Tells whether anything has changed since the last look: a picture that would be the same need not be drawn. */
export class Stillness {
  #last: readonly unknown[] = [];

  /** @param state everything that a picture depends on, in the same order each time */
  isStill(state: readonly unknown[]): boolean {
    const last = this.#last;
    this.#last = state;
    return state.length === last.length && state.every((value, i) => Object.is(value, last[i]));
  }
}
