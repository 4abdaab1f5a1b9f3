/** Environments that one thread steps as a whole, in as many worlds as the robot needs, see sim/engine/rapier/copies.ts. */
export interface VecShard {
  readonly index: number;
  /** In the run, and in its first row. */
  readonly firstEnv: number;
  readonly numEnvs: number;
  /** Which of the groups that are stepped one by one. */
  readonly group: number;
  /** Which thread; 0 for all without workers. */
  readonly worker: number;
}

export interface VecPlanOptions {
  readonly numEnvs: number;
  readonly numWorkers: number;
  readonly numGroups: number;
  /** [1] environments of a shard; the last one may have fewer */
  readonly shardRobots: number;
}

/**
 * Cuts environments into shards, shards into groups of neighbours, and deals the shards out to the workers in turn,
 * so that every group has work for all of them.
 * @throws RangeError for more groups than shards
 */
export function planVecShards(options: VecPlanOptions): readonly VecShard[] {
  const { numEnvs, numWorkers, numGroups, shardRobots } = options;
  const numShards = Math.ceil(numEnvs / shardRobots);
  if (numGroups > numShards) {
    throw new RangeError(
      `makeVecEnv: ${numEnvs} environments make ${numShards} shards of ${shardRobots}, too few for ${numGroups} groups`,
    );
  }
  return Array.from({ length: numShards }, (_, index) => {
    const firstEnv = index * shardRobots;
    return {
      index,
      firstEnv,
      numEnvs: Math.min(shardRobots, numEnvs - firstEnv),
      group: Math.floor((index * numGroups) / numShards),
      worker: numWorkers === 0 ? 0 : index % numWorkers,
    };
  });
}
