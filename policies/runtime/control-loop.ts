import type { LoopClock } from './clock.ts';
import type { Timing } from './timing.ts';

export interface ControlLoopOptions {
  readonly rateHz: number;
  readonly clock: LoopClock;
  /** One tick; undefined if it is done already. @param nowS when it began @param dt [s] the nominal period */
  readonly tick: (nowS: number, dt: number) => undefined | Promise<unknown>;
  /**
   * After a tick that took too long: `skip` goes on at the next point of the time grid that lies ahead,
   * `hold` starts a new grid one period from now. Either way a deadline that has passed is
   * passed over, never made up for in a burst.
   */
  readonly onMiss: 'skip' | 'hold';
  readonly timing: Timing;
  /** [s] of the first tick; default: now */
  readonly startS?: number;
}

export interface ControlLoop {
  /** Runs until stopped; resolves then, or rejects with what a tick threw. */
  run(): Promise<void>;
  /** Lets the tick that runs end, and no other begin. */
  stop(): void;
}

/**
 * A loop at a fixed rate. Deadlines are absolute, start + k / rate, so that errors do not add up.
 */
export function makeControlLoop(options: ControlLoopOptions): ControlLoop {
  const { rateHz, clock, tick, onMiss, timing } = options;
  if (!(rateHz > 0 && Number.isFinite(rateHz))) {
    throw new RangeError(`makeControlLoop: rateHz must be finite and above 0, got ${rateHz}`);
  }
  const periodS = 1 / rateHz;
  let isStopped = false;
  return {
    stop() {
      isStopped = true;
    },
    async run() {
      let originS = options.startS ?? clock.nowS();
      let index = 0;
      let lastBeginS = Number.NaN;
      while (!isStopped) {
        const deadlineS = originS + index * periodS;
        // Nothing is awaited that is there already: a promise would be garbage on every tick.
        const waiting = clock.waitUntil(deadlineS);
        const end = typeof waiting === 'string' ? waiting : await waiting;
        if (end === 'stopped' || isStopped) return;
        const beginS = clock.nowS();
        timing.add('lateness', beginS - deadlineS);
        timing.add('period', beginS - lastBeginS);
        lastBeginS = beginS;
        const working = tick(beginS, periodS);
        if (working !== undefined) await working;
        const endS = clock.nowS();
        timing.add('tick', endS - beginS);
        timing.count('ticks');
        index++;
        // The next deadline is the first one that has not passed.
        const passed = Math.ceil((endS - originS) / periodS - GRID_TOLERANCE) - index;
        if (passed <= 0) continue;
        timing.count('overruns');
        timing.count('skipped', passed);
        if (onMiss === 'skip') index += passed;
        else {
          originS = endS + periodS;
          index = 0;
        }
      }
    },
  };
}

/** [periods] what rounding may move a deadline by, so that a tick that ends on one is in time for it. */
const GRID_TOLERANCE = 1e-6;
