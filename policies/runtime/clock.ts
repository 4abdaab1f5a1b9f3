import { performance } from 'node:perf_hooks';

/**
 * A point in time in a cell of its own: a bare number that goes from function to function may cost an
 * allocation each time, and the loop must not make garbage.
 */
export interface Instant {
  /** [s] since any fixed point */
  timeS: number;
}

/**
 * The doorway to time. Loops know a {@link LoopClock} only: the machine's, a simulator's in another
 * thread, or a test's.
 */
export interface LoopClock {
  writeNow(out: Instant): void;
  /**
   * Waits until the time is reached or somebody stops the clock. A clock that blocks its thread
   * answers when it is done, one that does not answers with a promise.
   */
  waitUntil(instant: Readonly<Instant>): WaitResult | Promise<WaitResult>;
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
export function makeWallClock(stop: Int32Array, spinS: number): LoopClock {
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
  };
}

/**
 * Simulated time that one thread sets and one follows. Words: sequence of the time (odd while it is
 * being written), whole seconds, nanoseconds, and the sequence that the follower has seen when it went
 * to wait.
 */
const WORD = { sequence: 0, seconds: 1, nanoseconds: 2, waiting: 3, numWords: 4 } as const;
/** No sequence: the follower works, or has not begun. */
const NOT_WAITING = -1;

export interface SharedSimClock {
  /** To hand to the follower's thread. */
  readonly buffer: SharedArrayBuffer;
  nowS(): number;
  /** Moves time forward and wakes the follower. @throws RangeError if time would go back */
  advanceTo(timeS: number): void;
  /**
   * Blocks until the follower has done all that was due and waits for a later time: after this, what it
   * publishes depends on simulated time alone.
   * @returns false if it took longer than `timeoutMs`, as after a follower's end
   */
  waitForFollower(timeoutMs: number): boolean;
}

/** The setting end, for the simulator's thread. */
export function makeSharedSimClock(startS = 0): SharedSimClock {
  const buffer = new SharedArrayBuffer(WORD.numWords * 4);
  const words = new Int32Array(buffer);
  Atomics.store(words, WORD.waiting, NOT_WAITING);
  writeTime(words, startS);
  return {
    buffer,
    nowS: () => readTime(words),
    advanceTo(timeS) {
      const now = readTime(words);
      // Half a nanosecond is what a time loses in the shared words.
      if (!(timeS >= now - 0.5e-9)) {
        throw new RangeError(`simulated time went back from ${now} s to ${timeS} s`);
      }
      writeTime(words, timeS);
      Atomics.notify(words, WORD.sequence);
    },
    waitForFollower(timeoutMs) {
      const endS = readWallClockS() + timeoutMs / 1e3;
      for (;;) {
        // A wait that began before time moved carries an older sequence.
        const waiting = Atomics.load(words, WORD.waiting);
        if (waiting === Atomics.load(words, WORD.sequence)) return true;
        const leftMs = (endS - readWallClockS()) * 1e3;
        if (leftMs <= 0) return false;
        Atomics.wait(words, WORD.waiting, waiting, leftMs);
      }
    },
  };
}

/** The following end: blocks its thread until simulated time has come. */
export function makeSimClockFollower(buffer: SharedArrayBuffer, stop: Int32Array): LoopClock {
  const words = new Int32Array(buffer);
  return {
    writeNow(out) {
      out.timeS = readTime(words);
    },
    waitUntil({ timeS }) {
      for (;;) {
        if (Atomics.load(stop, 0) !== 0) return 'stopped';
        const sequence = Atomics.load(words, WORD.sequence);
        // Half a nanosecond is what a time loses in the shared words.
        if (readTime(words) >= timeS - 0.5e-9) {
          Atomics.store(words, WORD.waiting, NOT_WAITING);
          return 'reached';
        }
        Atomics.store(words, WORD.waiting, sequence);
        Atomics.notify(words, WORD.waiting);
        // A stop does not change the sequence, so look at it now and then.
        Atomics.wait(words, WORD.sequence, sequence, STOP_POLL_MS);
      }
    },
  };
}

const STOP_POLL_MS = 20;

function writeTime(words: Int32Array, timeS: number): void {
  const nanoseconds = Math.round(timeS * 1e9);
  const seconds = Math.floor(nanoseconds / 1e9);
  Atomics.add(words, WORD.sequence, 1);
  Atomics.store(words, WORD.seconds, seconds);
  Atomics.store(words, WORD.nanoseconds, nanoseconds - seconds * 1e9);
  Atomics.add(words, WORD.sequence, 1);
}

function readTime(words: Int32Array): number {
  for (;;) {
    const before = Atomics.load(words, WORD.sequence);
    const seconds = Atomics.load(words, WORD.seconds);
    const nanoseconds = Atomics.load(words, WORD.nanoseconds);
    if ((before & 1) === 0 && Atomics.load(words, WORD.sequence) === before) {
      return seconds + nanoseconds / 1e9;
    }
  }
}
