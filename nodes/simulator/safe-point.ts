/**
 * Lets services act on a world only between two of its steps, one after another, in the order they came. While
 * nobody steps they act at once.
 */
export class SafePoint {
  readonly #waiting: (() => Promise<void>)[] = [];
  #working: Promise<void> = Promise.resolve();
  #isOpen = true;
  #onTask: (() => void) | undefined;

  /** Resolves with what the task returns, when it has run. */
  act<T>(task: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(async () => {
        try {
          resolve(await task());
        } catch (error) {
          reject(error);
        }
      });
      if (this.#isOpen) void this.work();
      else this.#onTask?.();
    });
  }

  /** From now on tasks wait for {@link work}. @param onTask told of each that comes */
  close(onTask: () => void): void {
    this.#isOpen = false;
    this.#onTask = onTask;
  }

  /** From now on tasks run at once; those that wait do so now. */
  async open(): Promise<void> {
    this.#isOpen = true;
    this.#onTask = undefined;
    await this.work();
  }

  /** Runs what waits. @returns whether there was anything */
  async work(): Promise<boolean> {
    const hasWork = this.#waiting.length > 0;
    this.#working = this.#working.then(() => this.#drain());
    await this.#working;
    return hasWork;
  }

  async #drain(): Promise<void> {
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      await task();
    }
  }
}
