import type { Rng } from '../../sim/math/rng.ts';

/** The numbers from 0 to `count` − 1 in random order: R. Fisher and F. Yates's shuffle, as R. Durstenfeld does it (1964). */
export function makePermutation(count: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(0, i);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Rows of some environments in a table [numSteps, numEnvs], step by step. */
export function listSequenceRows(envs: Int32Array, numSteps: number, numEnvs: number): Int32Array {
  return Int32Array.from(
    { length: numSteps * envs.length },
    (_, i) => Math.floor(i / envs.length) * numEnvs + envs[i % envs.length]!,
  );
}
