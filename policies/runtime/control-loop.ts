import type { BlockingClock, Instant, LoopClock } from './clock.ts';
import { CHANNEL, type Timing } from './timing.ts';

/** Overwritten by each tick: borrowed until it ends. */
export interface TickTime {
  /** [s] when the tick began, on the loop's clock; NaN before the first */
  nowS: number;
  /** [s] nominal */
  readonly periodS: number;
}

export interface ControlLoopOptions {
  readonly rateHz: number;
  readonly clock: LoopClock;
  readonly tick: (time: TickTime) => void;
  /**
   * After a tick that took too long: `skip` goes on at the next point of the time grid that lies ahead,
   * `hold` starts a new grid one period from now. Either way a deadline that has passed is
   * passed over, never made up for in a burst.
   */
  readonly onMiss: 'skip' | 'hold';
  readonly timing: Timing;
  /** Called shortly before each tick, where there is time; see {@link RehearsalPlan}. */
  readonly rehearse?: (() => void) | undefined;
  /** [s] of the first tick; default: now */
  readonly startS?: number;
}

export interface ControlLoop {
  /** When the next tick is due. */
  readonly deadline: Readonly<Instant>;
  /** When that tick is to be rehearsed; NaN: not this time. */
  readonly rehearsal: Readonly<Instant>;
  /** Does nothing where it is too late for that. */
  rehearse(): void;
  /** One tick, now, whatever the time. Throws what the tick throws. */
  tick(): void;
}

/** Ticks in this thread until the clock is stopped. */
export function runLoop(loop: ControlLoop, clock: BlockingClock): void {
  for (;;) {
    if (!Number.isNaN(loop.rehearsal.timeS)) {
      if (clock.sleepUntil(loop.rehearsal) === 'stopped') return;
      loop.rehearse();
    }
    if (clock.waitUntil(loop.deadline) === 'stopped') return;
    loop.tick();
  }
}

/**
 * A loop at a fixed rate. Deadlines are absolute, start + k / rate, so that errors do not add up.
 */
export function makeControlLoop(options: ControlLoopOptions): ControlLoop {
  const { rateHz, clock } = options;
  if (!(rateHz > 0 && Number.isFinite(rateHz))) {
    throw new RangeError(`makeControlLoop: rateHz must be finite and above 0, got ${rateHz}`);
  }
  const grid = new DeadlineGrid(options.startS ?? readNowS(clock), 1 / rateHz);
  const time: TickTime = { nowS: Number.NaN, periodS: 1 / rateHz };
  const now: Instant = { timeS: Number.NaN };
  const begin = (): void => {
    const { sample } = options.timing;
    clock.writeNow(now);
    sample[CHANNEL.lateness] = now.timeS - grid.deadline.timeS;
    sample[CHANNEL.period] = now.timeS - time.nowS;
    time.nowS = now.timeS;
  };
  const plan = options.rehearse && new RehearsalPlan(1 / rateHz);
  const finish = (): void => {
    const { timing } = options;
    clock.writeNow(now);
    timing.sample[CHANNEL.tick] = now.timeS - time.nowS;
    timing.add(CHANNEL.lateness);
    timing.add(CHANNEL.period);
    timing.add(CHANNEL.tick);
    timing.count('ticks');
    grid.advance();
    // A tick that ends on a deadline is in time for it, but no deadline is served that lay before the
    // tick began: after a stall that would be two ticks at once.
    const earliestS = Math.max(now.timeS - grid.toleranceS, time.nowS + grid.toleranceS);
    if (grid.deadline.timeS >= earliestS) return;
    timing.count('overruns');
    timing.count(
      'skipped',
      options.onMiss === 'skip' ? grid.skipTo(earliestS) : grid.startAnew(earliestS, now.timeS),
    );
  };
  return {
    deadline: grid.deadline,
    rehearsal: plan?.due ?? NEVER,
    rehearse() {
      clock.writeNow(now);
      const startS = now.timeS;
      if (plan?.isTooLate(grid.deadline, now) ?? true) return;
      options.rehearse?.();
      clock.writeNow(now);
      plan?.learn(now.timeS - startS);
    },
    tick() {
      begin();
      options.tick(time);
      finish();
      plan?.prepare(grid.deadline, now);
    },
  };
}

const NEVER: Readonly<Instant> = { timeS: Number.NaN };

/**
 * When to rehearse: early enough to be over when the tick is due, and so late that caches still hold it then. Where a
 * rehearsal is no small part of the period there is none: ticks that follow one another so closely need it no more.
 */
class RehearsalPlan {
  /** NaN: not before the next tick. */
  readonly due: Instant = { timeS: Number.NaN };
  readonly #periodS: number;
  /** [s] that a rehearsal took, the longer ones of late; not known at first */
  #lengthS = 0.001;

  constructor(periodS: number) {
    this.#periodS = periodS;
  }

  learn(lengthS: number): void {
    this.#lengthS = Math.max(lengthS, this.#lengthS);
  }

  /** For who woke late. */
  isTooLate(deadline: Readonly<Instant>, now: Readonly<Instant>): boolean {
    return now.timeS + this.#lengthS > deadline.timeS;
  }

  prepare(deadline: Readonly<Instant>, now: Readonly<Instant>): void {
    this.#lengthS *= 0.95;
    const leadS = REHEARSAL_MARGIN_S + 2 * this.#lengthS;
    const startS = deadline.timeS - leadS;
    const hasTime = leadS < this.#periodS / 4 && startS > now.timeS;
    this.due.timeS = hasTime ? startS : Number.NaN;
  }
}

/** [s] between a rehearsal that takes twice as long as they do and its tick */
const REHEARSAL_MARGIN_S = 0.0003;

/** Points in time at start + k · period. */
class DeadlineGrid {
  readonly periodS: number;
  /** [s] what rounding may move a deadline by, so that a tick that ends on one is in time for it */
  readonly toleranceS: number;
  /** Of the next tick. */
  readonly deadline: Instant;
  #originS: number;
  #index = 0;

  constructor(originS: number, periodS: number) {
    this.#originS = originS;
    this.deadline = { timeS: originS };
    this.periodS = periodS;
    this.toleranceS = 1e-6 * periodS;
  }

  advance(): void {
    this.#index += 1;
    this.deadline.timeS = this.#originS + this.#index * this.periodS;
  }

  /** Moves on to `earliestS` or later; returns how many points were passed over. */
  skipTo(earliestS: number): number {
    const first = this.#find(earliestS);
    const passed = first - this.#index;
    this.#index = first;
    this.deadline.timeS = this.#originS + this.#index * this.periodS;
    return passed;
  }

  /** A grid that begins a period after `nowS`; returns how many points of the old one before `earliestS` were passed over. */
  startAnew(earliestS: number, nowS: number): number {
    const passed = this.#find(earliestS) - this.#index;
    this.#originS = nowS + this.periodS;
    this.#index = 0;
    this.deadline.timeS = this.#originS;
    return passed;
  }

  /** Of the first point that is not before `timeS`. */
  #find(timeS: number): number {
    return Math.ceil((timeS - this.#originS) / this.periodS);
  }
}

function readNowS(clock: LoopClock): number {
  const now: Instant = { timeS: Number.NaN };
  clock.writeNow(now);
  return now.timeS;
}
