import type { Logger } from '../port.ts';

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
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#logger.error(`${source}: the callback threw; reported once. ${message}`);
  }
}
