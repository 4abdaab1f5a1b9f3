import type { EpisodeRecord } from '../episode/record.ts';
import type { FrameArena } from './frame-arena.ts';
import type { FrameFeature } from './frame-features.ts';

/** The frames of an episode until its shard is written, without the final rows. */
export interface StoredEpisode {
  readonly numFrames: number;
  /** By feature, [numFrames, width] */
  readonly values: readonly Float32Array[];
  /** [numFrames] */
  readonly controller: Uint8Array;
  /** [numFrames + 1, 7 + numJoints], or empty */
  readonly pose: Float32Array;
}

/** Copies what a record lends, into memory of the shard. */
export function storeEpisode(
  record: EpisodeRecord,
  features: readonly FrameFeature[],
  arena: FrameArena,
): StoredEpisode {
  const { numFrames, controller } = record;
  return {
    numFrames,
    values: features.map(({ source, width }) =>
      arena.copy(record[source].subarray(0, numFrames * width)),
    ),
    pose: arena.copy(record.pose),
    controller: arena.copyBytes(controller.subarray(0, numFrames)),
  };
}
