import type { Rng } from '../math/rng.ts';
import type { Context, RandomizationPlan } from './draw.ts';

/** A number that was drawn anew during an episode. */
export interface ContextEvent {
  /** [s] since the episode began */
  readonly timeS: number;
  readonly name: string;
  readonly value: number;
}

/** Draws numbers anew while episodes run, each interval by the time of its robot's own episode. */
export class Redraws {
  readonly #plan: RandomizationPlan;
  readonly #rateHz: number;
  /** [numRobots] physics step at which the episode began */
  readonly #startTick: Float64Array;
  /** [numRobots, numIntervals] times that each was drawn anew */
  readonly #counts: Int32Array;
  readonly #rng: (Rng | undefined)[];
  readonly #events: ContextEvent[][];

  /** @param rateHz physics steps per second */
  constructor(plan: RandomizationPlan, numRobots: number, rateHz: number) {
    this.#plan = plan;
    this.#rateHz = rateHz;
    this.#startTick = new Float64Array(numRobots);
    this.#counts = new Int32Array(numRobots * plan.intervals.length);
    this.#rng = new Array<Rng | undefined>(numRobots).fill(undefined);
    this.#events = Array.from({ length: numRobots }, () => []);
  }

  /** Starts an episode of one robot. */
  reset(robot: number, tick: number, rng: Rng): void {
    const count = this.#plan.intervals.length;
    this.#startTick[robot] = tick;
    this.#counts.fill(0, robot * count, (robot + 1) * count);
    this.#rng[robot] = rng;
    this.#events[robot] = [];
  }

  /** What was drawn anew since the reset, in order. */
  getEvents(robot: number): readonly ContextEvent[] {
    return this.#events[robot]!;
  }

  /** The context from `tick` on where anything is due to be drawn anew, else undefined. Allocates only then. */
  advance(robot: number, tick: number, context: Context): Context | undefined {
    const { intervals } = this.#plan;
    const timeS = (tick - this.#startTick[robot]!) / this.#rateHz;
    let changed: Context | undefined;
    for (let i = 0; i < intervals.length; i++) {
      const interval = intervals[i]!;
      const at = robot * intervals.length + i;
      const next = this.#counts[at]! + 1;
      // 1e-9: what division leaves of a time that is meant as a whole number of intervals.
      if (timeS < next * interval.everyS - 1e-9) continue;
      this.#counts[at] = next;
      const rng = this.#rng[robot]!.fork(i, next);
      changed = this.#plan.redraw(changed ?? context, interval, rng);
      for (const name of interval.names) {
        this.#events[robot]!.push({ timeS, name, value: changed[name]! });
      }
    }
    return changed;
  }
}
