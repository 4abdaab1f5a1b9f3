import type { EpisodeId } from '../../sim/episode/plan.ts';
import type { Rng } from '../../sim/math/rng.ts';
import type { TrainingEnv } from './training-env.ts';

export type ChooseVisits = (mask: Uint8Array) => readonly (EpisodeId | undefined)[];

/**
 * Keeps beginnings in every round. Episodes that were started together end together, and robots that learn not to fall
 * all do so within a few rounds of one another: from then on some rounds would hold no beginning at all, and a policy
 * forgets in ten rounds how to start. (Measured with crazyflie-hover: 1 % of the episodes ended by a crash while it
 * learnt, 22 % of those that were flown with what it had learnt ten rounds after the last wave of beginnings.) So an
 * environment's first episode is cut short at a time of its own, and later ones by chance; between two rounds, and
 * with the value of what would have followed.
 */
export class EpisodeSpread {
  readonly #env: TrainingEnv;
  readonly #maxSteps: number;
  readonly #cutsPerEpisode: number;
  /** [numEnvs] steps until the first episode is cut; not above 0: it was */
  readonly #left: Int32Array;
  #rng: Rng | undefined;

  /** @param cutsPerEpisode [-] cuts by chance, per environment and length of an episode */
  constructor(env: TrainingEnv, cutsPerEpisode: number) {
    this.#env = env;
    this.#cutsPerEpisode = cutsPerEpisode;
    this.#maxSteps = Math.round(env.task.episodeLengthS / env.controlPeriodS);
    this.#left = new Int32Array(env.numEnvs);
  }

  /** Draws anew, evenly over the length of an episode. */
  restart(rng: Rng): void {
    this.#rng = rng;
    for (let env = 0; env < this.#left.length; env++) {
      this.#left[env] = rng.integer(1, this.#maxSteps);
    }
  }

  /**
   * Starts new episodes where it is time; to be called between two rounds.
   * @param numSteps since the last call
   * @param choose which old episodes begin again there, see HardEpisodes; absent: none
   * @returns [numEnvs] 1 where an episode was started; undefined: nowhere
   */
  async cut(numSteps: number, choose?: ChooseVisits): Promise<Uint8Array | undefined> {
    const chance = (this.#cutsPerEpisode * numSteps) / this.#maxSteps;
    const mask = new Uint8Array(this.#left.length);
    for (let env = 0; env < mask.length; env++) {
      const before = this.#left[env]!;
      this.#left[env] = before - numSteps;
      const isFirst = before > 0 && before <= numSteps;
      if (isFirst || this.#rng?.bernoulli(chance) === true) mask[env] = 1;
    }
    if (!mask.includes(1)) return undefined;
    const visits = choose?.(mask);
    if (visits === undefined) await this.#env.reset({ mask });
    else await this.#env.cutEpisodes!(mask, visits);
    return mask;
  }
}
