/** Rows of `width` numbers for every robot, one row per frame of its episode; room doubles where it runs out. */
export class FrameRows {
  readonly #width: number;
  /** [numRobots] of [capacity, width] */
  readonly #rows: Float32Array[];

  /** @param capacity frames that there is room for at first */
  constructor(numRobots: number, width: number, capacity: number) {
    this.#width = width;
    this.#rows = Array.from({ length: numRobots }, () => new Float32Array(capacity * width));
  }

  /** The array in which the frame's row begins at `frame · width`; good until the next call. */
  open(robot: number, frame: number): Float32Array {
    const rows = this.#rows[robot]!;
    if ((frame + 1) * this.#width <= rows.length) return rows;
    const longer = new Float32Array(2 * rows.length);
    longer.set(rows);
    this.#rows[robot] = longer;
    return longer;
  }

  /** The first frames; borrowed until the robot's next episode. */
  view(robot: number, numFrames: number): Float32Array {
    return this.#rows[robot]!.subarray(0, numFrames * this.#width);
  }
}
