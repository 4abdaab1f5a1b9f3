import type { Rng } from '../math/rng.ts';
import type { Context } from '../randomize/draw.ts';

/**
 * Gusts: a force on the base whose three components are independent Ornstein–Uhlenbeck processes
 * with zero mean. Stepped by the exact update x ← x e^(−dt/τ) + σ √(1 − e^(−2dt/τ)) n (D. T. Gillespie,
 * "Exact numerical simulation of the Ornstein–Uhlenbeck process and its integral", Physical Review
 * E 54, 1996), so σ and τ hold at any timestep.
 */
export class Wind {
  readonly #dt: number;
  /** [N] */
  readonly #weight: number;
  /** [numRobots, 3] N [@frame odom] */
  readonly #forceW: Float64Array;
  readonly #decay: Float64Array;
  /** [numRobots] N per draw */
  readonly #kick: Float64Array;
  readonly #rng: (Rng | undefined)[];

  /** @param nominalWeight of the robot as described [N] @param dt physics timestep [s] */
  constructor(numRobots: number, nominalWeight: number, dt: number) {
    this.#dt = dt;
    this.#weight = nominalWeight;
    this.#forceW = new Float64Array(numRobots * 3);
    this.#decay = new Float64Array(numRobots);
    this.#kick = new Float64Array(numRobots);
    this.#rng = new Array<Rng | undefined>(numRobots).fill(undefined);
  }

  /** Starts in the middle of the weather: the first force is drawn from the stationary distribution. */
  reset(robot: number, rng: Rng, context: Context): void {
    this.retune(robot, context);
    this.#rng[robot] = rng;
    const deviation = context['wind.forceScale'] * this.#weight;
    for (let k = 0; k < 3; k++) this.#forceW[3 * robot + k] = rng.normal(0, deviation);
  }

  /** The weather changes: the force that there is goes over into the new weather's within its time constant. */
  retune(robot: number, context: Context): void {
    const deviation = context['wind.forceScale'] * this.#weight;
    const ratio = this.#dt / context['wind.timeConstantS'];
    this.#decay[robot] = Math.exp(-ratio);
    this.#kick[robot] = deviation * Math.sqrt(-Math.expm1(-2 * ratio));
  }

  /** Adds the force of the coming tick to robot `robot`'s row of `out`, then moves on. [numRobots, 3] N [@frame odom] */
  addForce(out: Float64Array, robot: number): void {
    const kick = this.#kick[robot]!;
    if (kick === 0 && !this.#blows(robot)) return;
    const rng = this.#rng[robot]!;
    for (let k = 0; k < 3; k++) {
      const o = 3 * robot + k;
      const force = this.#forceW[o]!;
      out[o] = out[o]! + force;
      this.#forceW[o] = force * this.#decay[robot]! + rng.normal(0, kick);
    }
  }

  /** Whether any force is left: none is where there never was any wind. */
  #blows(robot: number): boolean {
    const o = 3 * robot;
    return this.#forceW[o] !== 0 || this.#forceW[o + 1] !== 0 || this.#forceW[o + 2] !== 0;
  }
}
