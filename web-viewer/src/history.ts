import type { FrameLayout, Plot } from '../protocol.ts';

/** [s] length of the plots' window */
export const HISTORY_S = 20;

/** Columns for a chart: x in seconds before the newest sample, then one per series. */
export type Columns = (number | null)[][];

/**
 * The last seconds of every plotted number of every robot, so that selecting a robot shows its
 * past at once. A ring per robot, allocated here and never again.
 */
export class History {
  readonly #capacity: number;
  readonly #times: Float64Array;
  readonly #values: Float32Array;
  /** [numRobots, numSeries] index into a frame; −1 where the robot lacks the field */
  readonly #sources: readonly (readonly number[])[];
  readonly #firstSeries: readonly number[];
  readonly #numSeries: number;
  #count = 0;
  #next = 0;

  constructor(plots: readonly Plot[], layout: FrameLayout, rateHz: number) {
    this.#capacity = Math.max(2, Math.ceil(HISTORY_S * rateHz));
    const series = plots.flatMap((plot) => plot.series);
    this.#numSeries = series.length;
    let first = 0;
    this.#firstSeries = plots.map((plot) => {
      first += plot.series.length;
      return first - plot.series.length;
    });
    this.#sources = layout.offsets.map((offsets) =>
      series.map(({ field, component }) => (offsets.get(field) ?? -1 - component) + component),
    );
    this.#times = new Float64Array(this.#capacity);
    this.#values = new Float32Array(this.#capacity * this.#sources.length * this.#numSeries);
  }

  push(timeS: number, frame: Float32Array): void {
    if (this.#count > 0 && timeS < this.#newestS()) this.#count = 0;
    const row = this.#next;
    this.#times[row] = timeS;
    let k = row * this.#sources.length * this.#numSeries;
    for (const robot of this.#sources) {
      for (const source of robot) this.#values[k++] = source < 0 ? Number.NaN : frame[source]!;
    }
    this.#next = (row + 1) % this.#capacity;
    this.#count = Math.min(this.#count + 1, this.#capacity);
  }

  /** Copies one plot of one robot, oldest first; unknown numbers become gaps. */
  copyColumns(plot: number, numSeries: number, robot: number): Columns {
    const columns: Columns = Array.from({ length: numSeries + 1 }, () => []);
    if (this.#count === 0) return columns;
    const newestS = this.#newestS();
    const first = this.#firstSeries[plot]!;
    for (let i = this.#count; i > 0; i--) {
      const row = (this.#next - i + this.#capacity) % this.#capacity;
      const age = this.#times[row]! - newestS;
      if (age < -HISTORY_S) continue;
      columns[0]!.push(age);
      const start = (row * this.#sources.length + robot) * this.#numSeries + first;
      for (let s = 0; s < numSeries; s++) {
        const value = this.#values[start + s]!;
        columns[s + 1]!.push(Number.isFinite(value) ? value : null);
      }
    }
    return columns;
  }

  #newestS(): number {
    return this.#times[(this.#next - 1 + this.#capacity) % this.#capacity]!;
  }
}
