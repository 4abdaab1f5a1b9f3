import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectDataset } from '../../../../launch/inspect/dataset.ts';
import { openDataset } from '../../../../sim/dataset/dataset.ts';
import { computeQuality } from '../../../../sim/dataset/report/quality.ts';
import { writeReport } from '../../../../sim/dataset/report/write-report.ts';
import type { DatasetFormat } from '../../../../sim/dataset/shard-writer.ts';
import type { EpisodeRecord } from '../../../../sim/episode/record.ts';
import { Rng } from '../../../../sim/math/rng.ts';
import { RandomizationConfig } from '../../../../sim/randomize/config.ts';
import {
  listContextDistributions,
  listContextNames,
  RandomizationPlan,
} from '../../../../sim/randomize/draw.ts';
import { NO_PARTS } from '../../../../sim/randomize/entries.ts';
import { fixContext } from '../../../../sim/randomize/fix.ts';
import { makeQuickFolder } from '../../../kit/folders.ts';
import { LAYOUT, makeRecord, recordShard } from '../../../kit/made-up-episodes.ts';

const NUM_EPISODES = 300;
let folder: string;

beforeEach(() => {
  folder = makeQuickFolder();
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function record(
  numEpisodes: number,
  spoil?: (record: EpisodeRecord) => EpisodeRecord,
  { format = 'parquet' as DatasetFormat, layout = LAYOUT } = {},
): Promise<void> {
  const dataset = openDataset({ folder, format, layout, config: {}, resume: false });
  for (let first = 0; first < numEpisodes; first += 100) {
    const shard = {
      index: first / 100,
      firstEpisode: first,
      numEpisodes: Math.min(100, numEpisodes - first),
    };
    await recordShard({ dataset, format, shard, seed: 1, ...(spoil && { spoil }) });
  }
  dataset.close();
}

/** The report on episodes that drew from a randomisation. */
async function judgeDraws(randomization: RandomizationConfig) {
  const names = listContextNames(randomization, NO_PARTS);
  const all = listContextDistributions(randomization, NO_PARTS);
  const contextDistributions = LAYOUT.contextNames.map((name) => all[names.indexOf(name)]!);
  const plan = new RandomizationPlan(randomization);
  const drawAnew = (one: EpisodeRecord) => {
    return { ...one, summary: { ...one.summary, context: plan.draw(new Rng(one.index)) } };
  };
  await record(NUM_EPISODES, drawAnew, { layout: { ...LAYOUT, contextDistributions } });
  return computeQuality(folder);
}

const RECORDS = Array.from({ length: NUM_EPISODES }, (_, index) => makeRecord(1, index));

describe('a report on a dataset', () => {
  it('counts episodes, frames, returns, ends and successes', async () => {
    await record(NUM_EPISODES);
    const report = computeQuality(folder);
    const returns = RECORDS.map(({ summary }) => summary.return);
    const successes = RECORDS.filter(({ summary }) => summary.success).length;
    expect(report).toMatchObject({
      episodes: NUM_EPISODES,
      frames: RECORDS.reduce((sum, { numFrames }) => sum + numFrames, 0),
      successes,
      ends: { 'truncated: timeLimit': successes, 'terminated: tilt': NUM_EPISODES - successes },
      duplicates: { episodes: 0, firstObservations: 0 },
      nonFinite: { numbers: 0, episodes: [] },
      problems: [],
      warnings: [],
    });
    const mean = returns.reduce((sum, value) => sum + value, 0) / NUM_EPISODES;
    expect(report.returns.mean).toBeCloseTo(mean, 9);
    expect(report.returns.max).toBe(Math.max(...returns));
    expect(report.returns.histogram.counts.reduce((a, b) => a + b)).toBe(NUM_EPISODES);
    // Normal numbers beyond ±1: 31.7 %, give or take 3 standard deviations of 6,700 frames.
    expect(report.saturation.map(({ action }) => action)).toEqual(['left', 'right']);
    expect(Math.abs(report.saturation[0]!.share - 0.317)).toBeLessThan(0.02);
  });

  it('shows how success depends on each parameter that is drawn', async () => {
    await record(NUM_EPISODES);
    const { parameters } = computeQuality(folder);
    expect(parameters.map(({ name }) => name)).toEqual(['massScale', 'wind.forceScale']);
    const rates = parameters[0]!.bins.map(({ successRate }) => successRate);
    // Success is a mass below 1.1 of a range from 0.5 to 1.5: six of ten parts.
    expect(rates).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
    const [light] = parameters[0]!.bins;
    expect(light!.ci95![1]).toBeCloseTo(1, 12);
    expect(light!.ci95![0]).toBeLessThan(1);
    expect(Math.abs(light!.mean! - 0.55)).toBeLessThan(0.05);
  });

  it('expects of a clip, of a list and of a difficulty what they draw', async () => {
    const randomization = RandomizationConfig.parse({
      massScale: { normal: [1, 0.05], clip: [0.97, 1.03] },
      wind: { forceScale: { choice: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1] } },
      commandLatencyS: { schedule: { from: { uniform: [0, 0.1] }, to: { uniform: [0.8, 1] } } },
    });
    const part = await judgeDraws(fixContext(randomization, { difficulty: 0.3 }));
    expect(part.warnings).toEqual([]);
    expect(part.parameters.map(({ name, bins }) => [name, bins.length])).toEqual([
      ['massScale', 6],
      ['wind.forceScale', 2],
      ['commandLatencyS', 10],
    ]);
    rmSync(folder, { recursive: true });
    const moving = await judgeDraws({ ...randomization, difficulty: { choice: [0, 1] } });
    expect(moving.warnings).toEqual([]);
    const [, , latency] = moving.parameters;
    expect(latency!.outside).toBe(0);
    expect(latency!.bins.every(({ share }) => share === undefined)).toBe(true);
    // Between 0.1 and 0.8 nothing is drawn.
    expect(latency!.bins[4]!.episodes).toBe(0);
  });

  it('finds numbers that are not finite, twins, actions at their limits, and draws that do not occur', async () => {
    await record(NUM_EPISODES, (one) => {
      if (one.index === 7) return { ...one, critic: one.critic.map((v, k) => (k < 2 ? NaN : v)) };
      if (one.index === 150) return { ...makeRecord(1, 149), index: 150 };
      const context = { ...one.summary.context, massScale: one.index === 9 ? 3 : 0.6 };
      return { ...one, action: one.action.fill(1), summary: { ...one.summary, context } };
    });
    const { problems, warnings } = computeQuality(folder);
    expect(problems).toEqual(['2 numbers are not finite, in episodes 7']);
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^massScale: nothing was drawn from \d of 10 parts of its range/),
        'massScale: 1 draws are outside of what was declared',
        expect.stringMatching(/^massScale with wind\.forceScale: 7\d\.\d % of their combinations/),
        '1 episodes begin with what another began with',
        expect.stringMatching(/^action 'left' is at its limit in 9\d\.\d % of the frames/),
      ]),
    );
  });

  it('calls episodes that are equal number by number a problem', async () => {
    await record(100, (one) => ({ ...makeRecord(1, one.index % 50), index: one.index }));
    const { problems, duplicates } = computeQuality(folder);
    expect(duplicates).toEqual({ episodes: 50, firstObservations: 50 });
    expect(problems).toEqual(['50 episodes are equal to others, number by number']);
  });

  it('is a page that needs nothing else, and the same bytes each time', async () => {
    await record(100);
    await writeReport(folder);
    const page = readFileSync(path.join(folder, 'report.html'), 'utf8');
    await writeReport(folder);
    expect(readFileSync(path.join(folder, 'report.html'), 'utf8')).toBe(page);
    expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(7);
    expect(page).toContain('Success by massScale');
    expect(page).not.toMatch(/<script|<link|src=|url\((?!#)/);
    // The name of a language of drawings is not fetched.
    expect(page.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:\/\//);
    const report = JSON.parse(readFileSync(path.join(folder, 'report.json'), 'utf8'));
    expect(report).toMatchObject({ schema: 'zerogap.report/1', episodes: 100 });
  });
});

describe('inspecting a dataset', () => {
  it.each(['lerobot', 'parquet', 'mcap'] as const)(
    'in format %s says what is in it',
    async (format) => {
      await record(3, undefined, { format });
      const report = inspectDataset(folder);
      expect(report).toMatchObject({ kind: 'dataset', ok: true, problems: [] });
      expect(report.lines.join('\n')).toMatch(/episodes +3, \d+ control steps/);
    },
  );

  it('finds files that are missing, cut off, or of another size', async () => {
    await record(200, undefined, { format: 'lerobot' });
    const data = path.join(folder, 'data/chunk-000/file-000.parquet');
    const bytes = readFileSync(data);
    writeFileSync(data, bytes.subarray(0, 100));
    expect(inspectDataset(folder)).toMatchObject({
      ok: false,
      problems: ['data/chunk-000/file-000.parquet is no Parquet file'],
    });
    writeFileSync(data, Buffer.concat([bytes, bytes]));
    expect(inspectDataset(folder).problems[0]).toMatch(/\d+ bytes, \d+ when they were written/);
    rmSync(path.join(folder, 'meta/episodes/chunk-000/file-001.parquet'));
    expect(inspectDataset(folder).problems).toContain(
      'meta/episodes/chunk-000/file-001.parquet is missing',
    );
    expect(existsSync(path.join(folder, 'report.html'))).toBe(false);
  });
});
