import type { Rng } from '../../sim/math/rng.ts';
import type { TrainingEnv } from './training-env.ts';

/**
 * Starts new episodes in all environments, each as difficult as a curriculum has made its environment so far: part of
 * what a learner stores, see {@link TrainingEnv}.
 * @param rng of the era alone
 */
export async function beginEra(env: TrainingEnv, rng: Rng): Promise<void> {
  // Seeds below are for evaluation.
  const seed = rng.fork('episodes').integer(1e9, 2e9);
  await env.reset({ seed, difficulty: env.arrays.difficulty });
}
