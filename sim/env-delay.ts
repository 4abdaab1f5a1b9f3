import type { RandomizationConfig } from './randomize/config.ts';
import { computeSupport } from './randomize/distribution.ts';
import { getDistributions } from './randomize/draw.ts';

/**
 * Holds the observations of N environments back by whole control steps, as a slow computer or link would. Whatever
 * else reads the sensors is not delayed. What is asked for before an episode is that old is its first.
 */
export class ObservationDelay {
  readonly #width: number;
  readonly #numFrames: number;
  /** [numEnvs, numFrames, width] rings */
  readonly #frames: Float32Array;
  /** [numEnvs] control steps */
  readonly #delay: Int32Array;
  /** [numEnvs] frames since the episode began */
  readonly #count: Int32Array;

  /** @param maxDelay [1] control steps */
  constructor(numEnvs: number, width: number, maxDelay: number) {
    this.#width = width;
    this.#numFrames = maxDelay + 1;
    this.#frames = new Float32Array(numEnvs * this.#numFrames * width);
    this.#delay = new Int32Array(numEnvs);
    this.#count = new Int32Array(numEnvs);
  }

  /** Starts an episode. @param steps a whole number, at most the largest */
  reset(env: number, steps: number): void {
    if (!Number.isInteger(steps) || steps < 0 || steps >= this.#numFrames) {
      throw new RangeError(
        `ObservationDelay: must be a whole number from 0 to ${this.#numFrames - 1}, got ${steps}`,
      );
    }
    this.#delay[env] = steps;
    this.#count[env] = 0;
  }

  /** Puts the environment's row of `out`, the newest, in the ring and an older one in its place. Once per control step. */
  exchange(out: Float32Array, env: number): void {
    const now = this.#count[env]!;
    this.#count[env] = now + 1;
    const delay = this.#delay[env]!;
    if (this.#numFrames === 1) return;
    const row = env * this.#width;
    const newest = this.#find(env, now);
    for (let k = 0; k < this.#width; k++) this.#frames[newest + k] = out[row + k]!;
    const shown = this.#find(env, Math.max(0, now - delay));
    for (let k = 0; k < this.#width; k++) out[row + k] = this.#frames[shown + k]!;
  }

  #find(env: number, frame: number): number {
    return (env * this.#numFrames + (frame % this.#numFrames)) * this.#width;
  }
}

/** The longest delay that can be drawn. [1] control steps */
export function computeMaxObservationDelay(config: RandomizationConfig): number {
  const name = 'observationDelaySteps';
  return config.fixed[name] ?? computeSupport(getDistributions(config)[name])[1];
}
