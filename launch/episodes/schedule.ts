import type { Shard } from '../../sim/episode/plan.ts';

/**
 * Hands out shards in their order and finds where each begins in the dataset: frames are numbered through, so a
 * shard's first frame is known when all shards before it have been simulated.
 */
export class Schedule {
  readonly #shards: readonly Shard[];
  #numTaken: number;
  /** The first shard whose number of frames is not known. */
  #unknown: number;
  /** Of that shard. */
  #firstFrame: number;
  /** Shards that know how many frames they have and not yet where they begin. */
  readonly #waiting = new Map<
    number,
    { readonly numFrames: number; readonly tell: (firstFrame: number | undefined) => void }
  >();
  /** The first shard that was given up, and will never know its frames. */
  #gap = Number.POSITIVE_INFINITY;

  /**
   * @param numDone shards at the beginning that are written already
   * @param firstFrame [1] frames in them
   */
  constructor(shards: readonly Shard[], numDone = 0, firstFrame = 0) {
    this.#shards = shards;
    this.#numTaken = numDone;
    this.#unknown = numDone;
    this.#firstFrame = firstFrame;
  }

  /** The next shard to simulate; undefined when all have been handed out. */
  take(): Shard | undefined {
    return this.#shards[this.#numTaken] && this.#shards[this.#numTaken++];
  }

  /** Whether a shard that is simulated now could be written at once. */
  isNext(shard: number): boolean {
    return shard === this.#unknown;
  }

  /**
   * Takes note that a shard has been simulated.
   * @returns its first frame, once it is known; undefined if a shard before it was given up
   */
  number(shard: number, numFrames: number): Promise<number | undefined> {
    return new Promise((tell) => {
      this.#waiting.set(shard, { numFrames, tell });
      this.#tellWhoCanKnow();
    });
  }

  /** Takes note that a shard will not be simulated, so that no later one can be written. */
  giveUp(shard: number): void {
    this.#gap = Math.min(this.#gap, shard);
    this.#tellWhoCanKnow();
  }

  #tellWhoCanKnow(): void {
    for (;;) {
      const next = this.#waiting.get(this.#unknown);
      if (next === undefined) break;
      this.#waiting.delete(this.#unknown);
      next.tell(this.#firstFrame);
      this.#firstFrame += next.numFrames;
      this.#unknown++;
    }
    for (const [shard, { tell }] of this.#waiting) {
      if (shard < this.#gap) continue;
      this.#waiting.delete(shard);
      tell(undefined);
    }
  }
}
