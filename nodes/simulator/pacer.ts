import { CHANNEL, Timing, type TimingSnapshot } from '../../policies/runtime/timing.ts';

/** [s] Falling behind by more than this is forgotten, so that a machine that was busy does not sprint. */
const MAX_BACKLOG_S = 0.2;
/** [s] A timer that is set for longer than 2³¹ ms fires at once; nobody waits a day for a tick. */
const MAX_SLEEP_S = 86_400;
/** [s] A timer cannot sleep for less. */
const MIN_SLEEP_S = 0.001;

export interface Pacer {
  /** Sets the simulated time that "now" stands for. */
  start(timeS: number): void;
  /** Resolves when wall time has caught up with the simulated time. */
  waitFor(timeS: number): Promise<void>;
  /** Lets a wait in progress return at once. */
  interrupt(): void;
  /** Another pace from now on. @param factor simulated seconds per wall second; 0 = never wait */
  setFactor(factor: number): void;
  /** After a pause: what was missed meanwhile is not made up for. */
  resume(): void;
  /** Counts how long the answer to an instant took. [s] */
  noteAnswer(durationS: number): void;
  /** Simulated over wall time since `start`, pauses included. */
  readonly achievedFactor: number;
  /** Lateness and period of the ends of the waits, against the wall clock; as `tick` what was noted as answers. */
  timing(): TimingSnapshot;
}

/**
 * Holds simulated time to wall time by absolute deadlines: a late wake-up is made up for, no drift.
 * @param realTimeFactor simulated seconds per wall second; 0 = never wait
 */
export function makePacer(realTimeFactor: number): Pacer {
  let factor = realTimeFactor;
  let startWallS = performance.now() / 1000;
  let startTimeS = 0;
  let anchorWallS = startWallS;
  let anchorTimeS = 0;
  let latestTimeS = 0;
  let lastEndS = Number.NaN;
  let lastTimeS = 0;
  let wake: (() => void) | undefined;
  const timing = new Timing();
  const anchorNow = () => {
    anchorWallS = performance.now() / 1000;
    anchorTimeS = latestTimeS;
  };
  const yieldToEvents = () => new Promise<void>((resolve) => setImmediate(resolve));
  const sleep = (durationS: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationS * 1000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    start(timeS) {
      startWallS = performance.now() / 1000;
      startTimeS = timeS;
      anchorWallS = startWallS;
      anchorTimeS = timeS;
      latestTimeS = timeS;
      lastTimeS = timeS;
    },
    timing: () => timing.copySnapshot(),
    async waitFor(timeS) {
      latestTimeS = timeS;
      if (factor === 0) return yieldToEvents();
      const deadlineS = anchorWallS + (timeS - anchorTimeS) / factor;
      const leftS = deadlineS - performance.now() / 1000;
      if (leftS < -MAX_BACKLOG_S) {
        anchorWallS = performance.now() / 1000;
        anchorTimeS = timeS;
      }
      if (leftS < MIN_SLEEP_S) await yieldToEvents();
      else await sleep(Math.min(leftS, MAX_SLEEP_S));
      const endS = performance.now() / 1000;
      timing.count('ticks');
      timing.sample[CHANNEL.lateness] = endS - deadlineS;
      timing.sample[CHANNEL.period] = endS - lastEndS;
      timing.add(CHANNEL.lateness);
      timing.add(CHANNEL.period);
      if (endS - deadlineS > (timeS - lastTimeS) / factor) timing.count('overruns');
      lastEndS = endS;
      lastTimeS = timeS;
    },
    noteAnswer(durationS) {
      timing.sample[CHANNEL.tick] = durationS;
      timing.add(CHANNEL.tick);
    },
    interrupt() {
      wake?.();
    },
    setFactor(value) {
      factor = value;
      anchorNow();
      wake?.();
    },
    resume: anchorNow,
    get achievedFactor() {
      const wallS = performance.now() / 1000 - startWallS;
      return wallS > 0 ? (latestTimeS - startTimeS) / wallS : 0;
    },
  };
}
