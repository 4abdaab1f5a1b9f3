/** Robots that episodes are of, in turn: what is drawn once per robot is drawn for each of them. How many are stepped together is another matter. */
export const SHARD_ROBOTS = 64;
/** Largest shard, four episodes per robot: enough that few robots wait for the last one. */
export const SHARD_EPISODES = 4 * SHARD_ROBOTS;
/** Pieces that few episodes are cut into besides, so that a small run has work for as many cores. */
const MIN_SHARDS = 8;

/** A sequence of episodes that one worker simulates on its own, and the unit in which datasets grow. */
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
  /** [-] @range 0, 1 of ranges that widen with it; default: what the randomisation draws, 1 unless it says otherwise */
  readonly difficulty?: number | undefined;
}

/**
 * Cuts a number of episodes into shards of one to four episodes per robot. Where the cuts are depends on the number of
 * episodes alone, never on that of the workers.
 * @param kept shards at the beginning that are there already, and stay as they are
 */
export function planShards(numEpisodes: number, kept: readonly Shard[] = []): readonly Shard[] {
  if (!Number.isSafeInteger(numEpisodes) || numEpisodes < 1) {
    throw new RangeError(`planShards: numEpisodes must be at least 1, got ${numEpisodes}`);
  }
  const perRobot = Math.max(1, Math.floor(numEpisodes / (MIN_SHARDS * SHARD_ROBOTS)));
  const size = Math.min(perRobot * SHARD_ROBOTS, SHARD_EPISODES);
  const last = kept.at(-1);
  const numKept = last === undefined ? 0 : last.firstEpisode + last.numEpisodes;
  const added = Array.from({ length: Math.ceil((numEpisodes - numKept) / size) }, (_, k) => {
    const firstEpisode = numKept + k * size;
    const rest = numEpisodes - firstEpisode;
    return { index: kept.length + k, firstEpisode, numEpisodes: Math.min(size, rest) };
  });
  return [...kept, ...added];
}

/** @param index of the episode in its dataset, from 0 */
export function identifyEpisode(seed: number, index: number): EpisodeId {
  return { seed, env: index % SHARD_ROBOTS, episode: Math.floor(index / SHARD_ROBOTS) };
}
