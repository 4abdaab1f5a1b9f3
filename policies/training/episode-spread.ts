import type { Rng } from '../../sim/math/rng.ts';
import type { TrainingEnv } from './training-env.ts';

/**
 * Keeps episodes that were started together from ending together, which would fill some rounds with beginnings and others
 * with ends: each environment's first episode is cut short between two rounds, at a time of its own.
 */
export class EpisodeSpread {
  readonly #env: TrainingEnv;
  /** [numEnvs] steps until the first episode is cut */
  readonly #left: Int32Array;

  constructor(env: TrainingEnv) {
    this.#env = env;
    this.#left = new Int32Array(env.numEnvs);
  }

  /** Draws anew, evenly over the length of an episode. */
  restart(rng: Rng): void {
    const maxSteps = Math.round(this.#env.task.episodeLengthS / this.#env.controlPeriodS);
    for (let env = 0; env < this.#left.length; env++) this.#left[env] = rng.integer(1, maxSteps);
  }

  /**
   * Starts new episodes where it is time; to be called between two rounds.
   * @param numSteps since the last call
   * @returns [numEnvs] 1 where an episode was started; undefined: nowhere
   */
  async cut(numSteps: number): Promise<Uint8Array | undefined> {
    const mask = new Uint8Array(this.#left.length);
    for (let env = 0; env < mask.length; env++) {
      const before = this.#left[env]!;
      this.#left[env] = before - numSteps;
      if (before > 0 && before <= numSteps) mask[env] = 1;
    }
    if (!mask.includes(1)) return undefined;
    await this.#env.reset({ mask });
    return mask;
  }
}
