import { clamp } from '../math/vec3.ts';
import type { CurriculumConfig } from './config.ts';

/**
 * A difficulty per environment that follows its own successes, so that what an environment meets depends on
 * nothing but what happened in it (N. Rudin et al., "Learning to Walk in Minutes Using Massively Parallel Deep
 * Reinforcement Learning", CoRL 2021, where robots move between tiles of terrain in this way).
 */
export class Curriculum {
  readonly #config: CurriculumConfig;
  /** [numEnvs] [-] @range 0, 1 */
  readonly difficulty: Float64Array;

  /** @param difficulty [numEnvs] where it is kept */
  constructor(config: CurriculumConfig, difficulty: Float64Array) {
    this.#config = config;
    this.difficulty = difficulty.fill(config.start);
  }

  /** Goes on from a difficulty; absent: from the beginning. */
  restart(env: number, difficulty = this.#config.start): void {
    this.difficulty[env] = difficulty;
  }

  /** After an episode: its environment's next one is harder or easier. */
  report(env: number, isSuccess: boolean): void {
    const { success, failure } = this.#config;
    const step = isSuccess ? success : -failure;
    this.difficulty[env] = clamp(this.difficulty[env]! + step, 0, 1);
  }
}
