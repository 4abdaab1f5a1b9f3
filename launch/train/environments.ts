import { makeVecEnv, type VecEnv, type VecEnvOptions } from '../../sim/vec-env/vec-env.ts';

/** [1] shards that environments are cut into at least, so that two halves of them have work for two threads each */
const MIN_SHARDS = 4;

/**
 * Environments as learning wants them: in two halves, so that one can be acted on while the other is simulated. How they
 * are cut follows from the robot and their number alone, because it decides the order in which they act.
 */
export function makeTrainingEnv(
  options: Omit<VecEnvOptions, 'numWorkers' | 'numGroups' | 'shardRobots' | 'minShards'>,
  numWorkers: number,
): Promise<VecEnv> {
  const numGroups = Math.min(2, options.numEnvs);
  return makeVecEnv({ ...options, minShards: MIN_SHARDS, numGroups, numWorkers });
}
