import { appendFileSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EpisodeSpool, removeSpool } from '../../../sim/dataset/spool.ts';
import { computeEpisodeDigest } from '../../../sim/episode/digest.ts';
import type { EpisodeRecord } from '../../../sim/episode/record.ts';
import { makeQuickFolder } from '../../kit/folders.ts';
import { makeRecord } from '../../kit/made-up-episodes.ts';

const SHARD = { index: 3, firstEpisode: 10, numEpisodes: 5 };
let folder: string;
let file: string;

beforeEach(() => {
  folder = makeQuickFolder();
  file = path.join(folder, 'meta/zerogap/under-way/shard-3.episodes');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a process that writes these episodes leaves, killed or not. */
function leave(records: readonly EpisodeRecord[]): void {
  const spool = new EpisodeSpool(folder, SHARD);
  for (const record of records) spool.append(record, computeEpisodeDigest(record));
  spool.close();
}

function recover(): EpisodeRecord[] {
  const spool = new EpisodeSpool(folder, SHARD);
  const found = [...spool.recover()];
  spool.close();
  for (const { record, digest } of found) expect(computeEpisodeDigest(record)).toBe(digest);
  return found.map(({ record }) => record);
}

const make = (index: number) => makeRecord(1, index);

describe('the spool of a shard', () => {
  it('gives back every bit of the episodes, in the order in which they ended', () => {
    const odd = make(12);
    odd.observation[0] = Number.NaN;
    odd.reward[0] = -0;
    const summary = { ...odd.summary, return: Number.NaN, metrics: { rmse: -0 } };
    const records = [make(13), { ...odd, summary }, make(10)];
    leave(records);
    expect(recover()).toEqual(records);
  });

  it('leaves out an episode that is cut off at whatever byte, and goes on in its place', () => {
    const first = make(10);
    leave([first]);
    const whole = statSync(file).size;
    leave([make(11)]);
    const both = statSync(file).size;
    for (let size = both - 1; size > whole; size -= 97) {
      truncateSync(file, size);
      expect(recover()).toEqual([first]);
      expect(statSync(file).size).toBe(whole);
      leave([make(11)]);
      expect(recover()).toHaveLength(2);
    }
  });

  it('takes nothing that is damaged, of another shard, or there twice', () => {
    leave([make(10), make(9), make(15), make(10)]);
    appendFileSync(file, Buffer.alloc(200, 7));
    expect(recover()).toEqual([make(10)]);
  });

  it('is gone once its shard is part of the dataset', () => {
    leave([make(10)]);
    removeSpool(folder, 3);
    expect(readdirSync(path.dirname(file))).toEqual([]);
    removeSpool(folder, 3);
  });
});
