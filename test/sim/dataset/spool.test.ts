import { appendFileSync, existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EpisodeSpool, removeSpareSpools, retireSpool } from '../../../sim/dataset/spool.ts';
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
  for (const _ of spool.recover());
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
      leave([make(11)]);
      expect(recover()).toHaveLength(2);
    }
  });

  it('takes nothing that is damaged, of another shard, or there twice', () => {
    leave([make(10), make(9), make(15), make(10)]);
    appendFileSync(file, Buffer.alloc(200, 7));
    expect(recover()).toEqual([make(10)]);
  });

  it('is written over by that of the next shard, which finds nothing of it', () => {
    leave([make(10), make(11)]);
    retireSpool(folder, 3);
    const { size } = statSync(`${file}.spare`);
    const next = new EpisodeSpool(folder, { index: 4, firstEpisode: 15, numEpisodes: 5 });
    expect([...next.recover()]).toEqual([]);
    next.append(make(16), computeEpisodeDigest(make(16)));
    next.close();
    expect(readdirSync(path.dirname(file))).toEqual(['shard-4.episodes']);
    expect(statSync(file.replace('shard-3', 'shard-4')).size).toBeGreaterThanOrEqual(size);
    const again = new EpisodeSpool(folder, { index: 4, firstEpisode: 15, numEpisodes: 5 });
    expect([...again.recover()].map(({ record }) => record)).toEqual([make(16)]);
    again.close();
  });

  it('is gone with the last of them, and stays where its shard is not complete', () => {
    leave([make(10)]);
    removeSpareSpools(folder);
    expect(recover()).toEqual([make(10)]);
    retireSpool(folder, 3);
    removeSpareSpools(folder);
    expect(existsSync(path.dirname(file))).toBe(false);
    removeSpareSpools(folder);
  });
});
