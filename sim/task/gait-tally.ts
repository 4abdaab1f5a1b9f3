import type { Situation } from './task.ts';

/** Per foot, summed over control steps in which the robot is asked to move. */
const PER_FOOT = ['stance', 'slip', 'flights', 'airTime'] as const;

/**
 * How each robot sets its feet while it is asked to move: what share of the time each is on the ground, how often
 * it is set down, how long it is in the air, how fast it slips, and which feet go together. Standing is left out.
 */
export class GaitTally {
  readonly #feet: readonly string[];
  readonly #pairs: readonly (readonly [first: number, second: number])[];
  /** [numRobots, numFeet, PER_FOOT] */
  readonly #sums: Float64Array;
  /** [numRobots, numPairs] steps in which both feet are on the ground, or neither */
  readonly #together: Float64Array;
  /** [numRobots] control steps, and s */
  readonly #steps: Float64Array;
  readonly #timeS: Float64Array;
  /** [numRobots] s since reset of the step before */
  readonly #lastS: Float64Array;

  constructor(numRobots: number, feet: readonly string[]) {
    this.#feet = feet;
    this.#pairs = feet.flatMap((_, a) =>
      feet.flatMap((_foot, b) => (b > a ? [[a, b] as const] : [])),
    );
    this.#sums = new Float64Array(numRobots * feet.length * PER_FOOT.length);
    this.#together = new Float64Array(numRobots * this.#pairs.length);
    this.#steps = new Float64Array(numRobots);
    this.#timeS = new Float64Array(numRobots);
    this.#lastS = new Float64Array(numRobots);
  }

  reset(robot: number): void {
    const perRobot = this.#feet.length * PER_FOOT.length;
    this.#sums.fill(0, robot * perRobot, (robot + 1) * perRobot);
    this.#together.fill(0, robot * this.#pairs.length, (robot + 1) * this.#pairs.length);
    for (const array of [this.#steps, this.#timeS, this.#lastS]) array[robot] = 0;
  }

  observe({ footing, reference, timeS }: Situation, robot: number): void {
    const dt = timeS[robot]! - this.#lastS[robot]!;
    this.#lastS[robot] = timeS[robot]!;
    const { velocityCommand } = reference;
    const isAsked = [0, 1, 2].some((k) => velocityCommand[3 * robot + k] !== 0);
    if (!isAsked) return;
    this.#steps[robot]!++;
    this.#timeS[robot]! += dt;
    const numFeet = this.#feet.length;
    for (let f = 0; f < numFeet; f++) {
      const k = robot * numFeet + f;
      const at = k * PER_FOOT.length;
      if (footing.isTouching[k] === 1) {
        this.#sums[at]!++;
        const speed = Math.hypot(footing.velocityW[3 * k]!, footing.velocityW[3 * k + 1]!);
        this.#sums[at + 1]! += speed;
      }
      if (footing.hasLanded[k] === 1) {
        this.#sums[at + 2]!++;
        this.#sums[at + 3]! += footing.airTimeS[k]!;
      }
    }
    this.#pairs.forEach(([a, b], p) => {
      const isTogether =
        footing.isTouching[robot * numFeet + a] === footing.isTouching[robot * numFeet + b];
      if (isTogether) this.#together[robot * this.#pairs.length + p]!++;
    });
  }

  /**
   * By foot, as `dutyFactor.FL_foot` [-], `strideRate` [Hz], `airTime` [s] and `footSlip` [m/s], and by pair of feet,
   * as `together.FL_foot.RR_foot` [-]. What was never seen has no number.
   */
  compute(robot: number): Record<string, number> {
    const metrics: Record<string, number> = {};
    const steps = this.#steps[robot]!;
    if (steps === 0) return metrics;
    this.#feet.forEach((foot, f) => {
      const at = (robot * this.#feet.length + f) * PER_FOOT.length;
      const [stance, slip, flights, airTime] = this.#sums.subarray(at, at + PER_FOOT.length);
      metrics[`dutyFactor.${foot}`] = stance! / steps;
      if (this.#timeS[robot]! > 0) metrics[`strideRate.${foot}`] = flights! / this.#timeS[robot]!;
      if (flights! > 0) metrics[`airTime.${foot}`] = airTime! / flights!;
      if (stance! > 0) metrics[`footSlip.${foot}`] = slip! / stance!;
    });
    this.#pairs.forEach(([a, b], p) => {
      const share = this.#together[robot * this.#pairs.length + p]! / steps;
      metrics[`together.${this.#feet[a]}.${this.#feet[b]}`] = share;
    });
    return metrics;
  }
}
