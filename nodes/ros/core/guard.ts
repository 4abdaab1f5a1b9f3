import type { Logger } from '../port.ts';
import type { SystemClock } from './clock.ts';

/** [ms] what is thrown again within this time is counted, and told in one line at its end */
const QUIET_MS = 10_000;
/** [1] kinds of errors counted apart at once; further ones share a count */
const MAX_KINDS = 20;

interface Kind {
  numUntold: number;
  latest: string;
  cancel: () => void;
}

/**
 * Keeps what a callback throws from going further. The first error of a kind is logged at once, with
 * its stack; those that follow are counted, and told of every ten seconds until there are none: nothing
 * is hidden, and an error at 1 kHz is not 1000 lines a second.
 */
export class CallbackGuard {
  readonly #logger: Logger;
  readonly #clock: SystemClock;
  readonly #kinds = new Map<string, Kind>();
  #isOver = false;

  constructor(logger: Logger, clock: SystemClock) {
    this.#logger = logger;
    this.#clock = clock;
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
    const isFull = this.#kinds.size >= MAX_KINDS;
    const ownKey = `${source}\n${describeKind(error)}`;
    const key = isFull && !this.#kinds.has(ownKey) ? OTHERS : ownKey;
    const known = this.#kinds.get(key);
    const latest = error instanceof Error ? error.message : String(error);
    if (known !== undefined) {
      known.numUntold++;
      known.latest = `${source}: ${latest}`;
      return;
    }
    if (!this.#isOver) {
      const kind: Kind = { numUntold: 0, latest, cancel: () => {} };
      this.#kinds.set(key, kind);
      this.#waitQuietly(key, kind);
    }
    const stack = error instanceof Error ? (error.stack ?? latest) : latest;
    this.#logger.error(`${source}: the callback threw; more of this kind are counted. ${stack}`);
  }

  /** Tells what was counted and not told yet, and counts no more: call when the node goes. */
  end(): void {
    this.#isOver = true;
    for (const kind of this.#kinds.values()) {
      kind.cancel();
      this.#tell(kind);
    }
    this.#kinds.clear();
  }

  #waitQuietly(key: string, kind: Kind): void {
    kind.cancel = this.#clock.schedule(QUIET_MS, () => {
      if (kind.numUntold === 0) {
        // It has stopped: when it comes again it is news.
        this.#kinds.delete(key);
        return;
      }
      this.#tell(kind);
      this.#waitQuietly(key, kind);
    });
  }

  #tell(kind: Kind): void {
    if (kind.numUntold === 0) return;
    const times = kind.numUntold === 1 ? 'once' : `${kind.numUntold} times`;
    this.#logger.error(`callbacks threw ${times} more like the one reported; last ${kind.latest}`);
    kind.numUntold = 0;
  }
}

/** Key of the count that kinds share when there are too many. */
const OTHERS = 'others';

/** Class, code and message without its numbers, which would make every message another one. */
function describeKind(error: unknown): string {
  if (!(error instanceof Error)) return removeNumbers(String(error));
  const code = 'code' in error ? String(error.code) : '';
  return `${error.constructor.name}\n${code}\n${removeNumbers(error.message)}`;
}

function removeNumbers(text: string): string {
  return text.replace(/[-+]?(\d+\.?\d*(e[-+]?\d+)?|\bNaN\b|\bInfinity\b)/gi, '#');
}
