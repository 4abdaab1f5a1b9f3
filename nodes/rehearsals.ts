/** [ms] that a timer of Node may fire late */
const LATENESS_MS = 1;
/** [ms] Ticks that are closer to one another need none; of those further apart nobody knows when they come. */
const SHORTEST_MS = 2;
const LONGEST_MS = 1000;
/** [1] by which two intervals in a row may differ where ticks come regularly */
const TOLERANCE = 0.25;
/** [1] of the interval: what takes longer may be in the way of the next message, which may come sooner */
const LARGEST_SHARE = 0.125;

/** Rehearses shortly before somebody else's next message makes a tick, as far as ticks come regularly by the machine's clock. */
export class Rehearsals {
  readonly #rehearse: () => void;
  readonly #readClockMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = Number.NaN;
  #intervalMs = Number.NaN;
  /** [ms] that a rehearsal took, the longer ones of late; not known at first */
  #lengthMs = 0.25;

  constructor(rehearse: () => void, readClockMs = () => performance.now()) {
    this.#rehearse = rehearse;
    this.#readClockMs = readClockMs;
  }

  /** To be called when a tick has ended. */
  noteTick(): void {
    clearTimeout(this.#timer);
    const nowMs = this.#readClockMs();
    const before = this.#intervalMs;
    const intervalMs = nowMs - this.#lastMs;
    this.#intervalMs = intervalMs;
    this.#lastMs = nowMs;
    this.#lengthMs *= 0.95;
    const isRegular = Math.abs(intervalMs - before) <= TOLERANCE * before;
    if (!isRegular || intervalMs < SHORTEST_MS || intervalMs > LONGEST_MS) return;
    if (this.#lengthMs > LARGEST_SHARE * intervalMs) return;
    const leadMs = LATENESS_MS + 2 * this.#lengthMs;
    this.#timer = setTimeout(() => this.#run(), intervalMs - leadMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    const startMs = this.#readClockMs();
    this.#rehearse();
    this.#lengthMs = Math.max(this.#lengthMs, this.#readClockMs() - startMs);
  }
}
