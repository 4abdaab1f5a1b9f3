import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { McapStreamReader, type TypedMcapRecord } from '@mcap/core';
import { loadDecompressHandlers } from '@mcap/support';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Dataset, openDataset } from '../../../sim/dataset/dataset.ts';
import type { DatasetFormat } from '../../../sim/dataset/shard-writer.ts';
import { makeQuickFolder } from '../../kit/folders.ts';
import { LAYOUT, makeRecord, recordShard } from '../../kit/made-up-episodes.ts';
import { query, readRows } from '../../kit/read-parquet.ts';

const SEED = 7;
/** Two shards, of four episodes and of two. */
const SHARDS = [
  { index: 0, firstEpisode: 0, numEpisodes: 4 },
  { index: 1, firstEpisode: 4, numEpisodes: 2 },
];
const RECORDS = [0, 1, 2, 3, 4, 5].map((index) => makeRecord(SEED, index));
const NUM_FRAMES = RECORDS.reduce((sum, record) => sum + record.numFrames, 0);
const FIRST_FRAMES = RECORDS.map((_, k) =>
  RECORDS.slice(0, k).reduce((sum, record) => sum + record.numFrames, 0),
);

let folder: string;

beforeEach(() => {
  folder = makeQuickFolder();
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function record(format: DatasetFormat): Promise<Dataset> {
  const dataset = openDataset({ folder, format, layout: LAYOUT, config: {}, resume: false });
  for (const shard of SHARDS) await recordShard({ dataset, format, shard, seed: SEED });
  dataset.close();
  return dataset;
}

const at = (file: string) => path.join(folder, file);
const readJson = (file: string) => JSON.parse(readFileSync(at(file), 'utf8'));

describe('a dataset in the layout of LeRobot', () => {
  beforeEach(async () => {
    await record('lerobot');
  });

  it('has a row per control step, in the order of episodes and frames, as another reader reads it', async () => {
    const rows = await readRows(at('data'));
    expect(rows.map((row) => Number(row.index))).toEqual([...Array(NUM_FRAMES).keys()]);
    let next = 0;
    for (const [index, { numFrames, observation, action, reward, summary }] of RECORDS.entries()) {
      for (let frame = 0; frame < numFrames; frame++) {
        const row = rows[next++]!;
        const isLast = frame === numFrames - 1;
        expect(row).toMatchObject({
          episode_index: BigInt(index),
          frame_index: BigInt(frame),
          task_index: 0n,
          timestamp: Math.fround(frame / LAYOUT.rateHz),
          'observation.state': [...observation.subarray(4 * frame, 4 * frame + 4)],
          action: [...action.subarray(2 * frame, 2 * frame + 2)],
          'next.reward': reward[frame],
          'next.done': isLast,
          'next.success': isLast && summary.success,
          'next.terminated': isLast && summary.end === 'terminated',
          'next.truncated': isLast && summary.end === 'truncated',
          controller: 0,
        });
      }
    }
  });

  it('declares every column of the data with its type and the names of its numbers', async () => {
    const { features, ...info } = readJson('meta/info.json');
    expect(info).toMatchObject({
      codebase_version: 'v3.0',
      total_episodes: 6,
      total_frames: NUM_FRAMES,
      total_tasks: 1,
      fps: 50,
      splits: { train: '0:6' },
    });
    const columns = await query(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '${at('data/*/*.parquet')}')`,
    );
    expect(columns.map((column) => column.column_name)).toEqual(Object.keys(features));
    const types = Object.fromEntries(columns.map((row) => [row.column_name, row.column_type]));
    expect(types).toMatchObject({
      'observation.state': 'FLOAT[]',
      // One number is a number, not a list of one.
      cost_terms: 'FLOAT',
      'next.done': 'BOOLEAN',
      index: 'BIGINT',
    });
    expect(features['observation.state']).toEqual({
      dtype: 'float32',
      shape: [4],
      names: LAYOUT.observationNames,
    });
    expect(features.cost_terms).toEqual({ dtype: 'float32', shape: [1], names: ['contact'] });
  });

  it('offers a policy nothing that it may not see: only its own input begins with observation', () => {
    const { features } = readJson('meta/info.json');
    const inputs = Object.keys(features).filter((name) => name.startsWith('observation'));
    expect(inputs).toEqual(['observation.state']);
  });

  it('tells of each episode where it lies, what it drew, how it ended and what was seen last', async () => {
    const rows = await readRows(at('meta/episodes'));
    for (const [index, row] of rows.entries()) {
      const { numFrames, summary, observation } = RECORDS[index]!;
      expect(row).toMatchObject({
        episode_index: BigInt(index),
        length: BigInt(numFrames),
        dataset_from_index: BigInt(FIRST_FRAMES[index]!),
        dataset_to_index: BigInt(FIRST_FRAMES[index]! + numFrames),
        'data/chunk_index': 0n,
        'data/file_index': index < 4 ? 0n : 1n,
        tasks: [LAYOUT.taskDescription],
        seed: BigInt(SEED),
        env: BigInt(index),
        return: summary.return,
        success: summary.success,
        end: summary.end,
        reason: summary.reason,
        metrics: JSON.stringify(summary.metrics),
        'context/massScale': (summary.context as unknown as Record<string, number>).massScale,
        'final/observation.state': [...observation.subarray(4 * numFrames)],
        policy: 'random',
        engine: 'rapier',
        non_finite: 0n,
      });
      expect(row.digest).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(rows).toHaveLength(6);
  });

  it('has what a critic sees, once per episode where that does not change meanwhile', async () => {
    const { features } = readJson('meta/info.json');
    const { layout } = readJson('meta/zerogap/run.json');
    expect(features.critic.names).toEqual(['position.x', 'position.y', 'context.wind.forceScale']);
    expect(layout).toMatchObject({
      criticNames: LAYOUT.criticNames,
      constantCriticNames: ['context.massScale'],
    });
    const rows = await query(`
      SELECT list_concat(f.critic, e.critic_constants) AS critic
      FROM '${at('data/*/*.parquet')}' f JOIN '${at('meta/episodes/*/*.parquet')}' e
      USING (episode_index) ORDER BY f.index`);
    const expected = RECORDS.flatMap(({ numFrames, critic, criticConstants }) =>
      Array.from({ length: numFrames }, (_, k) => [
        ...critic.subarray(3 * k, 3 * k + 3),
        ...criticConstants,
      ]),
    );
    expect(rows.map((row) => row.critic)).toEqual(expected);
  });

  it('has statistics that are those of all its frames', async () => {
    const { action } = readJson('meta/stats.json');
    const lefts = RECORDS.flatMap((one) => [...one.action].filter((_, k) => k % 2 === 0));
    const mean = lefts.reduce((sum, value) => sum + value, 0) / lefts.length;
    const variance = lefts.reduce((sum, value) => sum + (value - mean) ** 2, 0) / lefts.length;
    expect(action.count).toEqual([NUM_FRAMES]);
    expect(action.min[0]).toBe(Math.min(...lefts));
    expect(action.max[0]).toBe(Math.max(...lefts));
    // Sums of about a hundred numbers near 1 in 64 bits.
    expect(action.mean[0]).toBeCloseTo(mean, 12);
    expect(action.std[0]).toBeCloseTo(Math.sqrt(variance), 12);
    const below = lefts.filter((value) => value <= action.q90[0]).length;
    expect(below / lefts.length).toBeCloseTo(0.9, 1);
  });

  it('answers in SQL how success depends on the mass', async () => {
    const rows = await query(`
      SELECT "context/massScale" < 1.1 AS light, count(*)::INT AS episodes, avg(success::INT) AS rate
      FROM '${at('meta/episodes/*/*.parquet')}' GROUP BY light ORDER BY light`);
    const numLight = RECORDS.filter((one) => one.summary.success).length;
    // makeRecord lets just the light ones succeed.
    expect(rows).toEqual([
      { light: false, episodes: 6 - numLight, rate: 0 },
      { light: true, episodes: numLight, rate: 1 },
    ]);
    const [joined] = await query(`
      SELECT count(*)::INT AS frames, max(json_extract(e.metrics, '$.rmse')::DOUBLE) AS rmse
      FROM '${at('data/*/*.parquet')}' f
      JOIN '${at('meta/episodes/*/*.parquet')}' e USING (episode_index) WHERE e.success`);
    const successes = RECORDS.filter((one) => one.summary.success);
    expect(joined!.frames).toBe(successes.reduce((sum, one) => sum + one.numFrames, 0));
    expect(joined!.rmse).toBe(Math.max(...successes.map((one) => one.summary.metrics.rmse!)));
  });
});

describe('a dataset in plain Parquet', () => {
  it('has a column per number', async () => {
    await record('parquet');
    const rows = await readRows(at('transitions'));
    expect(rows).toHaveLength(NUM_FRAMES);
    expect(rows[1]).toMatchObject({
      'observation.position.x': RECORDS[0]!.observation[4],
      'observation.position.y': RECORDS[0]!.observation[5],
      'action.right': RECORDS[0]!.action[3],
      'next.reward': RECORDS[0]!.reward[1],
      'goal.desired.y': RECORDS[0]!.desiredGoal[3],
      index: 1n,
    });
    expect(await readRows(at('episodes'))).toHaveLength(6);
    const [mean] = await query(
      `SELECT avg("action.left") AS left FROM '${at('transitions/*/*.parquet')}'`,
    );
    expect(mean!.left).toBeTypeOf('number');
  });
});

describe('a dataset in MCAP', () => {
  async function readMessages(file: string) {
    const reader = new McapStreamReader({
      decompressHandlers: await loadDecompressHandlers(),
      validateCrcs: true,
    });
    reader.append(readFileSync(file));
    const records: TypedMcapRecord[] = [];
    for (let next = reader.nextRecord(); next !== undefined; next = reader.nextRecord()) {
      records.push(next);
    }
    return records;
  }

  it('has a file per episode with named series over time and the outcome', async () => {
    await record('mcap');
    const lines = readFileSync(at('episodes.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(6);
    const { file, length, success } = JSON.parse(lines[4]!);
    const { numFrames, observation, summary } = RECORDS[4]!;
    expect({ length, success }).toEqual({ length: numFrames, success: summary.success });
    const records = await readMessages(at(file));
    const metadata = records.find((one) => one.type === 'Metadata');
    expect(metadata?.metadata.get('reason')).toBe(summary.reason);
    const constants = JSON.parse(metadata?.metadata.get('criticConstants') ?? '');
    expect(constants).toEqual({ 'context.massScale': RECORDS[4]!.criticConstants[0] });
    const channel = records.find((one) => one.type === 'Channel' && one.topic === '/observation');
    const messages = records.filter(
      (one) =>
        one.type === 'Message' && channel?.type === 'Channel' && one.channelId === channel.id,
    );
    expect(messages).toHaveLength(numFrames + 1);
    const last = messages.at(-1) as Extract<TypedMcapRecord, { type: 'Message' }>;
    // 50 Hz is 20 ms.
    expect(last.logTime).toBe(BigInt(numFrames) * 20_000_000n);
    const seen = JSON.parse(new TextDecoder().decode(last.data));
    expect(seen).toEqual({
      position: { x: expect.closeTo(observation[4 * numFrames]!, 6), y: expect.any(Number) },
      speed: expect.any(Number),
      speed_1: expect.any(Number),
    });
  });

  it('has the table of episodes of the other formats, too', async () => {
    await record('mcap');
    expect(await readRows(at('meta/episodes'))).toHaveLength(6);
    expect(readdirSync(at('mcap/chunk-000'))).toEqual(['shard-000', 'shard-001']);
  });
});
