/**
 * Follows the stamps of a topic that says something at every period, and counts the periods in which it said nothing.
 * Stamps are those of the periods' beginnings; they may come twice, and out of order within `window` periods.
 */
export class StampStream {
  readonly #periodS: number;
  /** Periods that are still open: heard or not, by number. */
  readonly #heard = new Set<number>();
  #first = Number.NaN;
  #closed = Number.NaN;
  #last = Number.NaN;
  numHeard = 0;
  /** Stamps that came again. */
  numRepeated = 0;
  numMissing = 0;

  constructor(periodS: number) {
    this.#periodS = periodS;
  }

  /** Periods from the first that was heard to the newest. */
  get numPeriods(): number {
    return Number.isNaN(this.#first) ? 0 : this.#last - this.#first + 1;
  }

  /** @param stampS on the clock of the periods */
  note(stampS: number): void {
    const period = Math.round(stampS / this.#periodS);
    if (Number.isNaN(this.#first)) {
      this.#first = period;
      this.#closed = period - 1;
      this.#last = period;
    }
    if (period <= this.#closed || this.#heard.has(period)) {
      this.numRepeated++;
      return;
    }
    this.#heard.add(period);
    this.numHeard++;
    this.#last = Math.max(this.#last, period);
    this.#close(this.#last - WINDOW);
  }

  /** Closes what is open: what has not come by now is missing. */
  end(): void {
    if (!Number.isNaN(this.#last)) this.#close(this.#last);
  }

  #close(until: number): void {
    while (this.#closed < until) {
      this.#closed++;
      if (!this.#heard.delete(this.#closed)) this.numMissing++;
    }
  }
}

/** [periods] */
const WINDOW = 100;
