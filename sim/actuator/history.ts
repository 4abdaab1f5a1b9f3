/** [steps] Rounding of an age divided by a timestep stays below this. */
const STEP_TOLERANCE = 1e-6;

/**
 * The last values of a number of signals, one per physics step, to be read at any age: between steps on a straight
 * line. Signals are rows; all are stepped together.
 */
export class History {
  readonly #numRows: number;
  readonly #maxAgeS: number;
  /** [capacity, numRows] a ring of steps */
  #values = new Float64Array(0);
  #capacity = 0;
  /** Slot of the step now. */
  #now = 0;
  #dt = Number.NaN;
  /** [numRows] 1 for rows whose past is to be filled with their next value */
  readonly #isFresh: Uint8Array;

  /** @param maxAgeS [s] the oldest that is ever read */
  constructor(numRows: number, maxAgeS: number) {
    this.#numRows = numRows;
    this.#maxAgeS = maxAgeS;
    this.#isFresh = new Uint8Array(numRows).fill(1);
  }

  /** The row's past becomes what it is at the next step. */
  reset(row: number): void {
    this.#isFresh[row] = 1;
  }

  /** Begins a step of `dt`; a timestep other than the last one's makes all pasts start anew. */
  step(dt: number): void {
    if (dt !== this.#dt) {
      this.#dt = dt;
      this.#capacity = Math.ceil(this.#maxAgeS / dt) + 2;
      this.#values = new Float64Array(this.#capacity * this.#numRows);
      this.#isFresh.fill(1);
    }
    this.#now = (this.#now + 1) % this.#capacity;
  }

  /** Sets a row's value of this step. */
  write(row: number, value: number): void {
    this.#values[this.#now * this.#numRows + row] = value;
    if (this.#isFresh[row] === 0) return;
    this.#isFresh[row] = 0;
    for (let slot = 0; slot < this.#capacity; slot++) {
      this.#values[slot * this.#numRows + row] = value;
    }
  }

  /** @param ageS [s] @range 0, maxAgeS before this step */
  read(row: number, ageS: number): number {
    const steps = ageS / this.#dt;
    const whole = Math.floor(steps + STEP_TOLERANCE);
    const newer = this.#at(row, whole);
    const share = steps - whole;
    if (share < STEP_TOLERANCE) return newer;
    return newer + share * (this.#at(row, whole + 1) - newer);
  }

  #at(row: number, steps: number): number {
    const slot = (this.#now - steps + this.#capacity) % this.#capacity;
    return this.#values[slot * this.#numRows + row]!;
  }
}
