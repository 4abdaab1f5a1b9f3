import { createHash } from 'node:crypto';
import { EPISODE_SCHEMA, type EpisodeRecord } from './record.ts';

/** The arrays of a record, in the order in which they are hashed. */
export const RECORD_ARRAYS = [
  'observation',
  'critic',
  'criticConstants',
  'action',
  'reward',
  'rewardTerms',
  'costTerms',
  'achievedGoal',
  'desiredGoal',
  'controller',
] as const satisfies readonly (keyof EpisodeRecord)[];

/** False on the few machines that keep the other order of bytes, where numbers are turned round first. */
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * sha256, in hex, of everything that happened in an episode: a line of JSON that says how it ended, what it drew and
 * how long each array is, then the arrays, 32-bit little-endian. Which episode it was is no part of it, so that two
 * episodes with one digest are duplicates.
 */
export function computeEpisodeDigest(record: EpisodeRecord): string {
  const { end, reason, success, metrics, context } = record.summary;
  const hash = createHash('sha256');
  const lengths = RECORD_ARRAYS.map((name) => record[name].length);
  const frames = record.numFrames;
  const header = {
    schema: EPISODE_SCHEMA,
    frames,
    lengths,
    end,
    reason,
    success,
    metrics,
    context,
  };
  hash.update(`${JSON.stringify(header)}\n`);
  for (const name of RECORD_ARRAYS) hash.update(viewLittleEndian(record[name]));
  return hash.digest('hex');
}

/** sha256, in hex, over the digests of all episodes of a dataset, which are added in their order. */
export class DatasetDigest {
  readonly #hash = createHash('sha256');

  add(episodeDigests: readonly string[]): void {
    for (const digest of episodeDigests) this.#hash.update(digest, 'hex');
  }

  /** Of all that were added so far. */
  compute(): string {
    return this.#hash.copy().digest('hex');
  }
}

function viewLittleEndian(array: Float32Array | Uint8Array): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (IS_LITTLE_ENDIAN || array.BYTES_PER_ELEMENT === 1) return bytes;
  return Buffer.from(bytes).swap32();
}
