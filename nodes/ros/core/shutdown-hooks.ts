import type { LogSink } from './log.ts';

/** [ms] what one hook is given: a robot must be told to stop, and the process must end */
const HOOK_TIMEOUT_MS = 2000;

/** What a context does before its nodes end. */
export class ShutdownHooks {
  readonly #hooks: (() => void | Promise<void>)[] = [];
  readonly #log: LogSink;

  constructor(log: LogSink) {
    this.#log = log;
  }

  /** Returns how to take the hook back. */
  add(hook: () => void | Promise<void>): () => void {
    this.#hooks.push(hook);
    return () => {
      const at = this.#hooks.lastIndexOf(hook);
      if (at >= 0) this.#hooks.splice(at, 1);
    };
  }

  /** Runs all of them, last one first. One that throws or hangs is logged, and keeps no other from running. */
  async run(): Promise<void> {
    for (let hook = this.#hooks.pop(); hook !== undefined; hook = this.#hooks.pop()) {
      try {
        await withTimeout(hook());
      } catch (error) {
        this.#log(
          'error',
          '/',
          `a shutdown hook failed: ${error instanceof Error ? error.stack : error}`,
        );
      }
    }
  }
}

async function withTimeout(work: void | Promise<void>): Promise<void> {
  let handle: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    handle = setTimeout(
      () => reject(new Error(`it has not ended within ${HOOK_TIMEOUT_MS} ms`)),
      HOOK_TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(handle);
  }
}
