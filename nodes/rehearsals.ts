/** [ms] that a rehearsal begins before the tick: a timer of Node fires up to a millisecond late */
const LEAD_MS = 1.5;
/** [ms] Ticks that are closer to one another need none; of those further apart nobody knows when they come. */
const SHORTEST_MS = 2;
const LONGEST_MS = 1000;
/** [1] by which two intervals in a row may differ where ticks come regularly */
const TOLERANCE = 0.25;

/** Rehearses shortly before somebody else's next message makes a tick, as far as ticks come regularly by the machine's clock. */
export class Rehearsals {
  readonly #rehearse: () => void;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = Number.NaN;
  #intervalMs = Number.NaN;

  constructor(rehearse: () => void) {
    this.#rehearse = rehearse;
  }

  /** @param nowMs when a tick ended, by performance.now() */
  noteTick(nowMs: number): void {
    clearTimeout(this.#timer);
    const before = this.#intervalMs;
    const intervalMs = nowMs - this.#lastMs;
    this.#intervalMs = intervalMs;
    this.#lastMs = nowMs;
    const isRegular = Math.abs(intervalMs - before) <= TOLERANCE * before;
    if (!isRegular || intervalMs < SHORTEST_MS || intervalMs > LONGEST_MS) return;
    this.#timer = setTimeout(this.#rehearse, intervalMs - LEAD_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
