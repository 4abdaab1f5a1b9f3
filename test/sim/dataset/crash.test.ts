import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataset } from '../../../sim/dataset/dataset.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { makeQuickFolder, readFolder } from '../../kit/folders.ts';
import { LAYOUT, makeRecord, recordShard } from '../../kit/made-up-episodes.ts';
import { readRows } from '../../kit/read-parquet.ts';

const CHILD = path.join(import.meta.dirname, '../../kit/dataset-child.ts');
const NUM_SHARDS = 24;
const EPISODES = 3;
let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = makeQuickFolder();
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const at = (file: string) => path.join(folder, 'run', file);

/** Runs a shell command; `onLine` gets each line that it prints. Resolves when it has ended. */
async function run(command: string, onLine: (line: string) => void): Promise<void> {
  const process = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = process;
  const ended = once(process, 'exit');
  for await (const line of createInterface({ input: process.stdout })) onLine(line);
  await ended;
}

/** The dataset as it would be if nobody had interrupted it. */
async function recordWhole(numShards: number): Promise<Record<string, string>> {
  const whole = path.join(folder, 'whole');
  const config = { seed: 1 };
  const options = { folder: whole, format: 'lerobot', layout: LAYOUT, config } as const;
  const dataset = openDataset({ ...options, resume: false });
  for (let index = 0; index < numShards; index++) {
    const shard = { index, firstEpisode: index * EPISODES, numEpisodes: EPISODES };
    await recordShard({ dataset, format: 'lerobot', shard, seed: 1 });
  }
  dataset.close();
  return readFolder(whole);
}

/** What LeRobot relies on: rows of the data by their index, and what info.json promises is there. */
async function checkReadable(numCommitted: number): Promise<void> {
  const info = JSON.parse(readFileSync(at('meta/info.json'), 'utf8'));
  expect(info.total_episodes).toBeGreaterThanOrEqual(numCommitted * EPISODES);
  if (info.total_episodes === 0) return;
  const frames = await readRows(at('data'));
  const episodes = await readRows(at('meta/episodes'));
  expect(frames.length).toBeGreaterThanOrEqual(info.total_frames);
  expect(episodes.length).toBeGreaterThanOrEqual(info.total_episodes);
  expect(frames.map((row) => Number(row.index))).toEqual([...frames.keys()]);
  for (const [index, row] of episodes.entries()) {
    const { numFrames, action } = makeRecord(1, index);
    const first = Number(row.dataset_from_index);
    expect(Number(row.dataset_to_index) - first).toBe(numFrames);
    expect(frames[first]!.action).toEqual([...action.subarray(0, 2)]);
  }
}

describe('a process that records a dataset', () => {
  it('and is killed again and again leaves every committed episode readable, and in the end the same bytes', async () => {
    const rng = new Rng(3, 'kills');
    const command = `exec node --import tsx ${CHILD} ${at('.')} lerobot ${NUM_SHARDS} ${EPISODES}`;
    let numCommitted = 0;
    for (let kill = 0; kill < 3; kill++) {
      let isKilling = false;
      await run(command, (line) => {
        const now = Number(line.replace('committed ', ''));
        // Nothing that was committed is made again.
        expect(now).toBeGreaterThanOrEqual(numCommitted);
        numCommitted = now;
        if (isKilling) return;
        isKilling = true;
        void wait(rng.uniform(0, 200)).then(() => child?.kill('SIGKILL'));
      });
      await checkReadable(numCommitted);
    }
    await run(command, (line) => {
      numCommitted = Number(line.replace('committed ', ''));
    });
    expect(numCommitted).toBe(NUM_SHARDS);
    expect(readFolder(at('.'))).toEqual(await recordWhole(NUM_SHARDS));
  });

  it('and meets a limit of the file system says so, and can go on where there is room', async () => {
    const args = `${at('.')} lerobot 2 60`;
    const lines: string[] = [];
    // No file above 64 kB: the data of 60 episodes takes 120 kB. With the signal ignored, write(2) fails half way.
    const limited = `trap '' XFSZ; ulimit -f 64; exec node --import tsx ${CHILD} ${args}`;
    await run(limited, (line) => lines.push(line));
    expect(lines).toEqual([
      'committed 0',
      expect.stringMatching(
        /^error .*file-000\.parquet\.part: cannot be written .*EFBIG.*--resume/,
      ),
    ]);
    expect(Object.keys(readFolder(at('.'))).sort()).toEqual([
      'meta/info.json',
      'meta/stats.json',
      'meta/tasks.parquet',
      'meta/zerogap/run.json',
      'meta/zerogap/shards.jsonl',
    ]);
    await run(`exec node --import tsx ${CHILD} ${args}`, (line) => lines.push(line));
    expect(lines.slice(2)).toEqual(['committed 0', 'committed 1', 'committed 2']);
  });
});
