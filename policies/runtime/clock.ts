import { performance } from 'node:perf_hooks';

/**
 * A point in time in a cell of its own: a bare number that goes from function to function may cost an
 * allocation each time, and the loop must not make garbage.
 */
export interface Instant {
  /** [s] since any fixed point */
  timeS: number;
}

/** The doorway to time. Loops know a clock only: the machine's, a simulator's, or a test's. */
export interface LoopClock {
  writeNow(out: Instant): void;
}

/** For a loop that has a thread to itself. */
export interface BlockingClock extends LoopClock {
  /** Blocks the thread until the time is reached or somebody stops the clock. */
  waitUntil(instant: Readonly<Instant>): WaitResult;
  /** As waitUntil, but ends as late as a sleep does, and keeps no processor busy. */
  sleepUntil(instant: Readonly<Instant>): WaitResult;
}
export type WaitResult = 'reached' | 'stopped';

// performance.now() counts from the start of its thread; both clocks are CLOCK_MONOTONIC, so one
// offset, taken once, makes all threads of the process agree.
const threadStartS = Number(process.hrtime.bigint()) / 1e9 - performance.now() / 1e3;

/** Monotonic time, the same in all threads of this process. [s] */
export function readWallClockS(): number {
  return threadStartS + performance.now() / 1e3;
}

/** One word that any thread may set to end another thread's wait for good. */
export function makeStopFlag(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

export function raiseStopFlag(stop: Int32Array): void {
  Atomics.store(stop, 0, 1);
  Atomics.notify(stop, 0);
}

/**
 * The machine's clock for a thread of its own, which it blocks: sleeps to shortly before the time, then
 * spins, because a sleep alone wakes tens of microseconds late.
 * @param spinS [s] how long before the time the sleep ends
 */
export function makeWallClock(stop: Int32Array, spinS: number): BlockingClock {
  return {
    writeNow(out) {
      out.timeS = readWallClockS();
    },
    waitUntil({ timeS }) {
      for (;;) {
        if (Atomics.load(stop, 0) !== 0) return 'stopped';
        const leftS = timeS - readWallClockS();
        if (leftS <= 0) return 'reached';
        if (leftS > spinS) Atomics.wait(stop, 0, 0, (leftS - spinS) * 1e3);
      }
    },
    sleepUntil({ timeS }) {
      const leftS = timeS - readWallClockS();
      if (leftS > 0) Atomics.wait(stop, 0, 0, leftS * 1e3);
      return Atomics.load(stop, 0) === 0 ? 'reached' : 'stopped';
    },
  };
}

/**
 * [s] less than which is no difference between two times: whoever tells time rounds it, to nanoseconds at best, as doubles
 * to 0.2 µs where it counts from 1970
 */
const ROUNDING_S = 1e-6;

/** Simulated time. Who follows it is called within the advance, so that nothing else of this thread runs in between. */
export class SimClock implements LoopClock {
  #nowS: number;
  readonly #followers = new Set<() => void>();

  constructor(startS = 0) {
    this.#nowS = startS;
  }

  /** [s] */
  get nowS(): number {
    return this.#nowS;
  }

  /** Moves time forward, and returns when everybody has done what was due. @throws RangeError if time would go back */
  advanceTo(timeS: number): void {
    if (!(timeS >= this.#nowS - ROUNDING_S)) {
      throw new RangeError(`simulated time went back from ${this.#nowS} s to ${timeS} s`);
    }
    this.#nowS = timeS;
    for (const follower of this.#followers) follower();
  }

  /** @param follower called after every advance; must not throw @returns what ends the calls */
  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  isReached({ timeS }: Readonly<Instant>): boolean {
    return this.#nowS >= timeS - ROUNDING_S;
  }

  writeNow(out: Instant): void {
    out.timeS = this.#nowS;
  }
}
