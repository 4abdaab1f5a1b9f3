import type { Timer } from '../port.ts';
import type { Executor } from './executor.ts';

/** The machine's clocks, injectable for tests. */
export interface SystemClock {
  /** Since the Unix epoch, as the machine has it: it steps where that is set. [ns] */
  nowNs(): bigint;
  /** From any fixed point; never steps. [ns] */
  steadyNs(): bigint;
  /** Calls back once after the delay; returns how to cancel. [ms] */
  schedule(delayMs: number, callback: () => void): () => void;
}

const MILLISECOND_NS = 1_000_000n;

/**
 * Counts nanoseconds, and is held to the millisecond that the machine tells: a robot's clock is set some time after it was
 * switched on, and its drivers stamp what they measure by it.
 */
export function makeSystemClock(): SystemClock {
  const steadyNs = () => process.hrtime.bigint();
  let offsetNs = BigInt(Date.now()) * MILLISECOND_NS - steadyNs();
  return {
    steadyNs,
    nowNs() {
      const steady = steadyNs();
      const earliest = BigInt(Date.now()) * MILLISECOND_NS;
      const latest = earliest + MILLISECOND_NS - 1n;
      let now = steady + offsetNs;
      if (now < earliest) now = earliest;
      else if (now > latest) now = latest;
      offsetNs = now - steady;
      return now;
    },
    schedule: (delayMs, callback) => {
      const handle = setTimeout(callback, delayMs);
      return () => clearTimeout(handle);
    },
  };
}

interface ClockTimer {
  readonly periodNs: bigint;
  readonly callback: () => void;
  nextNs: bigint;
  isActive: boolean;
  cancelSystemTimer: () => void;
}

/**
 * One node's clock and its timers: system time, or what /clock last said. On system time timers count steadily, wherever
 * the machine's clock is set to.
 */
export class NodeClock {
  readonly #system: SystemClock;
  readonly #executor: Executor;
  readonly #timers = new Set<ClockTimer>();
  readonly #onBack: (() => void)[] = [];
  readonly #onTime: (() => void)[] = [];
  /** Simulated time; undefined while system time is used. 0 until the first /clock, as in ROS 2. */
  #simulatedNs: bigint | undefined;
  #hasHeardClock = false;

  constructor(system: SystemClock, executor: Executor) {
    this.#system = system;
    this.#executor = executor;
  }

  nowNs(): bigint {
    return this.#simulatedNs ?? this.#system.nowNs();
  }

  /** Switches the source of time. Timers start their period anew. */
  use(source: 'system' | 'simulated'): void {
    this.#simulatedNs = source === 'simulated' ? 0n : undefined;
    this.#hasHeardClock = false;
    for (const timer of this.#timers) this.#restart(timer);
  }

  /** Takes a /clock message: tells it, then fires what is due, earliest first, each timer once however late it is. */
  advance(nowNs: bigint): void {
    if (this.#simulatedNs === undefined) return;
    const isBack = this.#hasHeardClock && nowNs < this.#simulatedNs;
    const isFirst = !this.#hasHeardClock;
    this.#hasHeardClock = true;
    this.#simulatedNs = nowNs;
    if (isFirst || isBack) for (const timer of this.#timers) this.#restart(timer);
    if (isBack) for (const callback of this.#onBack) callback();
    for (const callback of this.#onTime) callback();
    if (!isFirst && !isBack) this.#fireDue(nowNs);
  }

  /** @param callback must not throw */
  onBack(callback: () => void): void {
    this.#onBack.push(callback);
  }

  /** @param callback must not throw */
  onTime(callback: () => void): void {
    this.#onTime.push(callback);
  }

  /** @param callback must not throw */
  createTimer(periodS: number, callback: () => void): Timer {
    if (!Number.isFinite(periodS) || periodS < 1e-9) {
      throw new RangeError(`timer: the period must be finite and at least 1 ns, got ${periodS} s`);
    }
    const timer: ClockTimer = {
      periodNs: BigInt(Math.round(periodS * 1e9)),
      callback,
      nextNs: 0n,
      isActive: true,
      cancelSystemTimer: () => {},
    };
    this.#timers.add(timer);
    this.#restart(timer);
    return { cancel: () => this.#cancel(timer) };
  }

  cancelAll(): void {
    for (const timer of this.#timers) this.#cancel(timer);
  }

  #cancel(timer: ClockTimer): void {
    timer.isActive = false;
    timer.cancelSystemTimer();
    this.#timers.delete(timer);
  }

  #restart(timer: ClockTimer): void {
    timer.cancelSystemTimer();
    timer.nextNs = (this.#simulatedNs ?? this.#system.steadyNs()) + timer.periodNs;
    if (this.#simulatedNs === undefined) this.#scheduleSystem(timer);
  }

  #scheduleSystem(timer: ClockTimer): void {
    const delayMs = Math.max(0, Number(timer.nextNs - this.#system.steadyNs()) / 1e6);
    timer.cancelSystemTimer = this.#system.schedule(Math.ceil(delayMs), () => {
      this.#executor.post({ run: () => this.#wake(timer) });
    });
  }

  #wake(timer: ClockTimer): void {
    if (!timer.isActive || this.#simulatedNs !== undefined) return;
    const nowNs = this.#system.steadyNs();
    if (nowNs >= timer.nextNs) this.#fire(timer, nowNs);
    if (timer.isActive) this.#scheduleSystem(timer);
  }

  #fireDue(nowNs: bigint): void {
    const due = [...this.#timers].filter((timer) => timer.nextNs <= nowNs);
    // The sort is stable: timers due at the same time fire in the order they were made.
    due.sort((a, b) => (a.nextNs < b.nextNs ? -1 : a.nextNs > b.nextNs ? 1 : 0));
    for (const timer of due) this.#fire(timer, nowNs);
  }

  #fire(timer: ClockTimer, nowNs: bigint): void {
    if (!timer.isActive) return;
    const numMissed = (nowNs - timer.nextNs) / timer.periodNs;
    timer.nextNs += (numMissed + 1n) * timer.periodNs;
    timer.callback();
  }
}
