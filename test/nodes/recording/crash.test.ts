import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecording } from '../../../nodes/recording/mcap-reader.ts';

const CHILD = path.join(import.meta.dirname, '../../kit/recording-child.ts');
let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'zerogap-crash-'));
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a shell command and hands each line it prints to `onLine`; resolves when it has ended. */
async function run(command: string, onLine: (line: string) => void): Promise<void> {
  const process = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = process;
  const ended = once(process, 'exit');
  for await (const line of createInterface({ input: process.stdout })) onLine(line);
  await ended;
}

async function readTimes(file: string): Promise<number[]> {
  const times: number[] = [];
  for await (const message of (await openRecording(file)).messages()) {
    if (message.topic === '/time')
      times.push(Number.parseFloat((message.decode() as { data: string }).data));
  }
  return times;
}

describe('a process that records', () => {
  it('and is killed loses no more than the last second', async () => {
    const file = path.join(folder, 'run.mcap');
    const published: number[] = [];
    await run(`exec node --import tsx ${CHILD} ${file} 0`, (line) => {
      published.push(Number(line));
      if (Number(line) - published[0]! > 1500) child?.kill('SIGKILL');
    });
    const recording = await openRecording(file);
    expect(recording.isComplete).toBe(false);
    const times = await readTimes(file);
    expect(published.at(-1)! - times.at(-1)!).toBeLessThanOrEqual(1000);
    // Nothing before that is missing.
    expect(times).toEqual(published.slice(0, times.length));
  });

  it('and runs out of disk says so once, goes on, and leaves a file that reads to its last whole chunk', async () => {
    const file = path.join(folder, 'run.mcap');
    const errors: string[] = [];
    let closing = '';
    // A limit of 1024 blocks of 1 kB on the size of a file, with the signal for it ignored, makes
    // write(2) fail half way through a chunk, as a full disk does.
    const command = `trap '' XFSZ; ulimit -f 1024; exec node --import tsx ${CHILD} ${file} 100000`;
    await run(command, (line) => {
      if (line.startsWith('error')) errors.push(line);
      if (line.startsWith('closed')) closing = line;
    });
    expect(errors).toEqual([expect.stringMatching(/run\.mcap: cannot be written .*EFBIG/)]);
    expect(closing).toMatch(/"hasFailed":true,"failure":"recording .*EFBIG/);
    const recording = await openRecording(file);
    expect(recording.cut?.atByte).toBe(recording.size);
    expect(recording.numMessages).toBeGreaterThan(0);
    expect((await readTimes(file)).length).toBe(recording.numMessages);
  });
});
