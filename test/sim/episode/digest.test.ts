import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeEpisodeDigest, DatasetDigest } from '../../../sim/episode/digest.ts';
import type { EpisodeRecord } from '../../../sim/episode/record.ts';
import { collectShard, copyRecord, makeShortCartpoles } from '../../kit/episodes.ts';

let record: EpisodeRecord;
beforeAll(async () => {
  const env = await makeShortCartpoles(2);
  [record] = (await collectShard(env, {
    shard: { index: 0, firstEpisode: 0, numEpisodes: 1 },
  })) as [EpisodeRecord];
  env.free();
});

describe('computeEpisodeDigest', () => {
  it('is sha256 of a line of JSON and the arrays, little-endian', () => {
    const { summary, numFrames: frames } = record;
    const { end, reason, success, metrics, context } = summary;
    const arrays = [
      ...[record.observation, record.critic, record.criticConstants, record.action],
      ...[record.reward, record.rewardTerms, record.costTerms],
      ...[record.achievedGoal, record.desiredGoal],
    ];
    const lengths = [...arrays, record.controller].map(({ length }) => length);
    const schema = 'zerogap.episode/2';
    const head = { schema, frames, lengths, end, reason, success, metrics, context };
    const hash = createHash('sha256').update(`${JSON.stringify(head)}\n`);
    for (const array of arrays) {
      const bytes = Buffer.alloc(4 * array.length);
      array.forEach((value, k) => void bytes.writeFloatLE(value, 4 * k));
      hash.update(bytes);
    }
    expect(computeEpisodeDigest(record)).toBe(hash.update(record.controller).digest('hex'));
  });

  it('is another one for any number that differs, in any array', () => {
    const digest = computeEpisodeDigest(record);
    expect(computeEpisodeDigest(copyRecord(record))).toBe(digest);
    for (const name of ['observation', 'critic', 'criticConstants', 'action', 'reward'] as const) {
      const other = copyRecord(record);
      other[name][other[name].length - 1]! += 1;
      expect(computeEpisodeDigest(other), name).not.toBe(digest);
    }
    const other = copyRecord(record);
    other.controller[0] = 2;
    expect(computeEpisodeDigest(other)).not.toBe(digest);
  });

  it('does not depend on which episode it was, so that duplicates have one digest', () => {
    const summary = { ...record.summary, seed: 9, env: 9, episode: 9 };
    expect(computeEpisodeDigest({ ...record, index: 99, summary })).toBe(
      computeEpisodeDigest(record),
    );
  });
});

describe('DatasetDigest', () => {
  const [a, b] = ['11', '22'].map((byte) => byte.repeat(32)) as [string, string];

  it('is sha256 over the digests in their order, wherever they are cut', () => {
    const once = new DatasetDigest();
    once.add([a, b]);
    const piecemeal = new DatasetDigest();
    piecemeal.add([a]);
    expect(piecemeal.compute()).not.toBe(once.compute());
    piecemeal.add([b]);
    const bytes = Buffer.concat([Buffer.alloc(32, 0x11), Buffer.alloc(32, 0x22)]);
    expect(once.compute()).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(piecemeal.compute()).toBe(once.compute());
    const swapped = new DatasetDigest();
    swapped.add([b, a]);
    expect(swapped.compute()).not.toBe(once.compute());
  });
});
