import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectEpisode, isEpisode } from '../../../launch/inspect/episode.ts';
import { openRecording } from '../../../nodes/recording/mcap-reader.ts';
import { openDataset } from '../../../sim/dataset/dataset.ts';
import { LAYOUT, makeRecord, recordShard } from '../../kit/made-up-episodes.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-inspect-'));
  const options = { folder: join(folder, 'data'), format: 'mcap', layout: LAYOUT } as const;
  const dataset = openDataset({ ...options, config: {}, resume: false });
  const shard = { index: 0, firstEpisode: 0, numEpisodes: 2 };
  await recordShard({ dataset, format: 'mcap', shard, seed: 1 });
  dataset.close();
  file = join(folder, 'data/mcap/chunk-000/shard-000/episode-000001.mcap');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inspect(path: string) {
  const recording = await openRecording(path);
  expect(isEpisode(recording)).toBe(true);
  return inspectEpisode(recording);
}

describe('zerogap inspect of an episode of a dataset', () => {
  it('says what it is, how it ended and what is in it, and finds nothing wrong', async () => {
    const { summary, numFrames } = makeRecord(1, 1);
    const { ok, problems, lines, details } = await inspect(file);
    expect({ ok, problems }).toEqual({ ok: true, problems: [] });
    expect(details.frames).toBe(numFrames);
    const text = lines.join('\n');
    expect(text).toMatch(/task +made-up by random, made-up-robot in rapier/);
    expect(text).toMatch(/episode +1 of its dataset, seed 1, environment 1/);
    expect(text).toContain(`${summary.return} altogether`);
    expect(text).toContain(`${summary.end}: ${summary.reason}`);
    expect(text).toMatch(new RegExp(`${numFrames + 1} +/observation`));
  });

  it('says where one that was cut short ends', async () => {
    const short = join(folder, 'short.mcap');
    const bytes = readFileSync(file);
    // Without its end.
    writeFileSync(short, bytes.subarray(0, bytes.length - 100));
    const { ok, problems } = await inspect(short);
    expect(ok).toBe(false);
    expect(problems.join()).toMatch(/reading ended at byte \d+/);
  });
});
