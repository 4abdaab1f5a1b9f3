import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectDataset, salvageDataset } from '../../../launch/inspect/dataset.ts';
import { openDataset } from '../../../sim/dataset/dataset.ts';
import { EpisodeSpool } from '../../../sim/dataset/spool.ts';
import { computeEpisodeDigest } from '../../../sim/episode/digest.ts';
import type { Shard } from '../../../sim/episode/plan.ts';
import { makeQuickFolder, readFolder } from '../../kit/folders.ts';
import { LAYOUT, makeRecord, recordShard } from '../../kit/made-up-episodes.ts';
import { readRows } from '../../kit/read-parquet.ts';

let folder: string;
beforeEach(() => {
  folder = makeQuickFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What kill -9 leaves of a run that has completed one shard of two episodes, or none. */
async function leave({
  complete = true,
  underWay,
}: {
  readonly complete?: boolean;
  readonly underWay: readonly number[];
}): Promise<void> {
  const format = 'lerobot';
  const dataset = openDataset({ folder, format, layout: LAYOUT, config: {}, resume: false });
  const first = { index: 0, firstEpisode: 0, numEpisodes: 2 };
  if (complete) {
    // Its spool is what that of shard 1 is written over, so that episodes 0 and 1 are still behind.
    spool(first, [1, 0]);
    await recordShard({ dataset, format, shard: first, seed: 1 });
    spool({ index: 1, firstEpisode: 2, numEpisodes: 4 }, underWay);
  } else if (underWay.length > 0) spool(first, underWay);
  dataset.close();
}

function spool(shard: Shard, indices: readonly number[]): void {
  const open = new EpisodeSpool(folder, shard);
  for (const _ of open.recover());
  for (const index of indices) {
    const record = makeRecord(1, index);
    open.append(record, computeEpisodeDigest(record));
  }
  open.close();
}

describe('inspecting a dataset whose run was killed', () => {
  it('counts the episodes of shards that are not complete, and changes nothing', async () => {
    await leave({ underWay: [4, 2, 5] });
    const before = readFolder(folder);
    const report = inspectDataset(folder);
    const frames = [4, 2, 5].reduce((sum, index) => sum + makeRecord(1, index).numFrames, 0);
    expect(report).toMatchObject({
      ok: true,
      details: { episodes: 2, underWay: { episodes: 3, frames } },
    });
    expect(report.lines).toContainEqual(
      expect.stringMatching(new RegExp(`under way +3 that have ended, ${frames} control steps`)),
    );
    expect(report.warnings).toContainEqual(
      expect.stringMatching(/^3 episodes are in shards that are not complete.*--resume.*--salvage/),
    );
    expect(readFolder(folder)).toEqual(before);
  });

  it('finds nothing wrong where no shard is complete and episodes have ended', async () => {
    await leave({ complete: false, underWay: [1] });
    const report = inspectDataset(folder);
    expect(report).toMatchObject({ ok: true, details: { episodes: 0, underWay: { episodes: 1 } } });
    expect(report.lines.join('\n')).not.toContain('NaN');
  });

  it('says so where no episode has ended', async () => {
    await leave({ complete: false, underWay: [] });
    expect(inspectDataset(folder)).toMatchObject({
      ok: true,
      warnings: expect.arrayContaining(['no episode has ended yet']),
    });
  });

  it.each(['meta/info.json', 'meta/stats.json', 'meta/tasks.parquet'])(
    'says that %s is missing or damaged, which LeRobot opens first',
    async (name) => {
      await leave({ underWay: [] });
      writeFileSync(path.join(folder, name), '{');
      expect(inspectDataset(folder).problems).toEqual([
        `${name} is damaged: --resume makes it again`,
      ]);
      rmSync(path.join(folder, name));
      expect(inspectDataset(folder).problems).toEqual([
        `${name} is missing: --resume makes it again`,
      ]);
    },
  );

  it('takes them out as a dataset of their own, which says which they were', async () => {
    await leave({ underWay: [4, 2, 5] });
    const before = readFolder(folder);
    const out = path.join(folder, '../', `${path.basename(folder)}-salvaged`);
    try {
      expect(await salvageDataset(folder, out)).toBe(`salvaged 3 episodes into ${out}`);
      expect(readFolder(folder)).toEqual(before);
      expect(inspectDataset(out)).toMatchObject({ ok: true, details: { episodes: 3 } });
      const rows = await readRows(path.join(out, 'meta/episodes'));
      expect(rows.map((row) => [row.episode_index, row.env])).toEqual([
        [0n, 2n],
        [1n, 4n],
        [2n, 5n],
      ]);
      const expected = [2, 4, 5].map((index) => computeEpisodeDigest(makeRecord(1, index)));
      expect(rows.map((row) => row.digest)).toEqual(expected);
      // Nobody can go on with it as if it were the run.
      const options = { folder: out, format: 'lerobot', layout: LAYOUT } as const;
      expect(() => openDataset({ ...options, config: { episodes: 3 }, resume: true })).toThrow(
        /config\.salvagedFrom/,
      );
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });

  it('salvages nothing where all is complete', async () => {
    await leave({ underWay: [] });
    const out = path.join(folder, 'out');
    await expect(salvageDataset(folder, out)).rejects.toThrow(/no episode that could be salvaged/);
    expect(existsSync(out)).toBe(false);
  });

  it('counts none that are part of the dataset', async () => {
    await leave({ underWay: [] });
    const { details, warnings } = inspectDataset(folder);
    expect(details).toMatchObject({ episodes: 2, underWay: { episodes: 0 } });
    expect(warnings.join()).not.toContain('not complete');
  });
});
