import type { Logger } from '../port.ts';

/** [1] different errors that one node reports; an error with a number in it could go on for ever */
const MAX_REPORTS = 100;

/** Keeps what a callback throws from going further; logs each (source, message) once. */
export class CallbackGuard {
  readonly #logger: Logger;
  readonly #reported = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs a callback. A promise that it returns is watched too. */
  run<Args extends readonly unknown[]>(
    source: string,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): void {
    try {
      const result = callback(...args);
      if (result instanceof Promise) result.catch((error) => this.report(source, error));
    } catch (error) {
      this.report(source, error);
    }
  }

  report(source: string, error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const key = `${source}\n${error instanceof Error ? error.message : message}`;
    if (this.#reported.has(key) || this.#reported.size > MAX_REPORTS) return;
    this.#reported.add(key);
    if (this.#reported.size > MAX_REPORTS) {
      this.#logger.error(
        `more than ${MAX_REPORTS} different errors in callbacks; no more are reported`,
      );
      return;
    }
    this.#logger.error(`${source}: the callback threw; reported once. ${message}`);
  }
}
