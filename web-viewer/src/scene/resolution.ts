/** [s] a picture that takes longer than this on average asks for fewer pixels */
const SLOW_S = 1 / 24;
/** [s] pictures faster than this may have more */
const FAST_S = 1 / 50;
const PICTURES_PER_DECISION = 40;
const MIN_RATIO = 0.5;

/**
 * Chooses how many pixels to draw per CSS pixel: a machine without a graphics card shows a coarser
 * picture rather than a jerky one, and keeps time for the data.
 */
export class AdaptiveResolution {
  #ratio: number;
  readonly #best: number;
  #pictures = 0;
  #seconds = 0;

  constructor(best: number) {
    this.#best = best;
    this.#ratio = best;
  }

  get ratio(): number {
    return this.#ratio;
  }

  /** Feed with the wall time between pictures; tells whether the ratio has changed. */
  observe(wallDt: number): boolean {
    this.#seconds += wallDt;
    if (++this.#pictures < PICTURES_PER_DECISION) return false;
    const mean = this.#seconds / this.#pictures;
    this.#pictures = 0;
    this.#seconds = 0;
    const before = this.#ratio;
    if (mean > SLOW_S) this.#ratio = Math.max(MIN_RATIO, this.#ratio * 0.75);
    else if (mean < FAST_S) this.#ratio = Math.min(this.#best, this.#ratio * 1.2);
    return this.#ratio !== before;
  }
}
