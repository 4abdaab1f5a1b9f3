import type { Rng } from '../math/rng.ts';
import type { Vec3 } from '../math/vec3.ts';
import type { Context } from '../randomize/draw.ts';

/**
 * Pushes on the base: constant forces for a short time, at a fixed interval in uniformly drawn
 * directions, or when somebody asks. A push that ends within a physics tick acts in it with the
 * fitting fraction of its force, so that its impulse is force × duration at any tick length.
 */
export class Pushes {
  readonly #dt: number;
  /** [N] */
  readonly #weight: number;
  /** Row 2i is robot i's scheduled push, row 2i + 1 the one that was asked for. */
  readonly #forceW: Float64Array;
  readonly #remainingS: Float64Array;
  /** [numRobots] ticks until the next scheduled push; infinite for none */
  readonly #ticksToNext: Float64Array;
  readonly #context: (Context | undefined)[];
  readonly #rng: (Rng | undefined)[];

  /** @param nominalWeight of the robot as described [N] @param dt physics timestep [s] */
  constructor(numRobots: number, nominalWeight: number, dt: number) {
    this.#dt = dt;
    this.#weight = nominalWeight;
    this.#forceW = new Float64Array(numRobots * 2 * 3);
    this.#remainingS = new Float64Array(numRobots * 2);
    this.#ticksToNext = new Float64Array(numRobots).fill(Number.POSITIVE_INFINITY);
    this.#context = new Array<Context | undefined>(numRobots).fill(undefined);
    this.#rng = new Array<Rng | undefined>(numRobots).fill(undefined);
  }

  /** The first push comes at a uniformly drawn moment of the first interval. */
  reset(robot: number, rng: Rng, context: Context): void {
    this.#remainingS.fill(0, 2 * robot, 2 * robot + 2);
    this.#context[robot] = context;
    this.#rng[robot] = rng;
    const intervalS = context['push.intervalS'];
    const isActive = intervalS > 0 && context['push.forceScale'] > 0;
    this.#ticksToNext[robot] = isActive
      ? Math.floor(rng.uniform(0, intervalS) / this.#dt)
      : Number.POSITIVE_INFINITY;
  }

  /** From the next push on. */
  retune(robot: number, context: Context): void {
    this.#context[robot] = context;
    const isActive = context['push.intervalS'] > 0 && context['push.forceScale'] > 0;
    if (!isActive) this.#ticksToNext[robot] = Number.POSITIVE_INFINITY;
    else if (this.#ticksToNext[robot] === Number.POSITIVE_INFINITY) {
      this.#ticksToNext[robot] = Math.round(context['push.intervalS'] / this.#dt);
    }
  }

  /** Pushes one robot now; replaces an earlier one of this kind that still lasts. */
  push(robot: number, forceW: Vec3, durationS: number): void {
    const row = 2 * robot + 1;
    for (let k = 0; k < 3; k++) this.#forceW[3 * row + k] = forceW[k]!;
    this.#remainingS[row] = durationS;
  }

  /** Adds the mean force of the coming tick to robot `robot`'s row of `out`. [numRobots, 3] N [@frame odom] */
  addForce(out: Float64Array, robot: number): void {
    const ticks = this.#ticksToNext[robot]!;
    if (ticks <= 0) this.#startScheduled(robot);
    else this.#ticksToNext[robot] = ticks - 1;
    this.#addRow(out, robot, 2 * robot);
    this.#addRow(out, robot, 2 * robot + 1);
  }

  #addRow(out: Float64Array, robot: number, row: number): void {
    const remaining = this.#remainingS[row]!;
    if (remaining <= 0) return;
    const fraction = Math.min(1, remaining / this.#dt);
    for (let k = 0; k < 3; k++) {
      const o = 3 * robot + k;
      out[o] = out[o]! + fraction * this.#forceW[3 * row + k]!;
    }
    // What is left by rounding is below any force's resolution.
    this.#remainingS[row] = remaining - this.#dt > 1e-12 ? remaining - this.#dt : 0;
  }

  #startScheduled(robot: number): void {
    const context = this.#context[robot]!;
    const rng = this.#rng[robot]!;
    const row = 2 * robot;
    // A uniform direction: height uniform in [-1, 1] (Archimedes), heading uniform.
    const z = rng.uniform(-1, 1);
    const heading = rng.uniform(-Math.PI, Math.PI);
    const across = Math.sqrt(1 - z * z);
    const force = context['push.forceScale'] * this.#weight;
    this.#forceW[3 * row] = force * across * Math.cos(heading);
    this.#forceW[3 * row + 1] = force * across * Math.sin(heading);
    this.#forceW[3 * row + 2] = force * z;
    this.#remainingS[row] = context['push.durationS'];
    this.#ticksToNext[robot] = Math.max(1, Math.round(context['push.intervalS'] / this.#dt)) - 1;
  }
}
