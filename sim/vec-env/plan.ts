import type { RobotModel } from '../robot/model.ts';
import { computeRigidBodies } from '../robot/rigid-bodies.ts';

/**
 * [1] What engines keep of so many rigid bodies, with contacts and joints, stays in a processor's second cache of 1 MB
 * from one physics step to the next. Twice as many of go2 take a fifth longer each.
 */
const CACHED_BODIES = 256;
/** [1] From here on nothing is gained by stepping more robots together. */
const MAX_SHARD_ROBOTS = 64;

/** How many robots are best stepped together by a thread: a power of two. [1] */
export function computeBatchRobots(model: RobotModel): number {
  const fitting = CACHED_BODIES / computeRigidBodies(model).length;
  return Math.min(MAX_SHARD_ROBOTS, 2 ** Math.max(0, Math.floor(Math.log2(fitting))));
}

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
