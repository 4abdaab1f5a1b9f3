/** Robots of a shard; robot k of every shard is the same robot to what is drawn once per robot. */
export const SHARD_ROBOTS = 64;
/** Episodes that make a shard, four per robot: enough that few robots wait for the last one. */
export const SHARD_EPISODES = 4 * SHARD_ROBOTS;

/** A run of episodes that one worker simulates on its own, and the unit in which datasets grow. */
export interface Shard {
  readonly index: number;
  readonly firstEpisode: number;
  readonly numEpisodes: number;
}

/** Names the random stream of an episode, see SimEnv. */
export interface EpisodeId {
  readonly seed: number;
  /** Which robot. */
  readonly env: number;
  /** Which of its episodes. */
  readonly episode: number;
}

/** Cuts a number of episodes into shards; where the cuts are does not depend on the number of workers. */
export function planShards(numEpisodes: number): readonly Shard[] {
  if (!Number.isSafeInteger(numEpisodes) || numEpisodes < 1) {
    throw new RangeError(`planShards: numEpisodes must be at least 1, got ${numEpisodes}`);
  }
  return Array.from({ length: Math.ceil(numEpisodes / SHARD_EPISODES) }, (_, index) => {
    const firstEpisode = index * SHARD_EPISODES;
    const rest = numEpisodes - firstEpisode;
    return { index, firstEpisode, numEpisodes: Math.min(SHARD_EPISODES, rest) };
  });
}

/** @param index of the episode in its dataset, from 0 */
export function identifyEpisode(seed: number, index: number): EpisodeId {
  return { seed, env: index % SHARD_ROBOTS, episode: Math.floor(index / SHARD_ROBOTS) };
}
