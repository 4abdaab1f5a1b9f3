/** One thing to do. */
export interface Job {
  run(): void;
}

/** [1] jobs in one turn of the event loop, so that nodes that answer one another for ever leave room for input and output */
const MAX_JOBS_PER_TURN = 1024;

/**
 * Runs jobs one after another in the order they were posted, never inside the caller that posts
 * them. This order is the whole scheduler: the same posts give the same run.
 */
export class Executor {
  #jobs: Job[] = [];
  #next = 0;
  #isScheduled = false;
  #isStopped = false;
  #waiting: (() => void)[] = [];
  readonly #onFault: (error: unknown) => void;

  /** @param onFault told what a job threw; the other jobs run on. Must not throw. */
  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  post(job: Job): void {
    if (this.#isStopped) return;
    this.#jobs.push(job);
    this.#schedule();
  }

  /**
   * Resolves when nothing is left to do, jobs posted by jobs included.
   * @param maxTurns gives up after so many turns of the event loop
   */
  async settled(maxTurns = Number.POSITIVE_INFINITY): Promise<void> {
    for (let turn = 0; turn < maxTurns; turn++) {
      // A turn in between lets promises that the last jobs resolved post what follows from them.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#jobs.length === 0) return;
      if (maxTurns === Number.POSITIVE_INFINITY) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
  }

  /** Forgets what is left and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#jobs = [];
    this.#next = 0;
    this.#wake();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#runTurn());
  }

  #runTurn(): void {
    for (let i = 0; i < MAX_JOBS_PER_TURN && this.#next < this.#jobs.length; i++) {
      const job = this.#jobs[this.#next++]!;
      try {
        job.run();
      } catch (error) {
        this.#onFault(error);
      }
    }
    this.#isScheduled = false;
    if (this.#next < this.#jobs.length) {
      this.#jobs.splice(0, this.#next);
      this.#next = 0;
      this.#schedule();
      return;
    }
    this.#jobs.length = 0;
    this.#next = 0;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
