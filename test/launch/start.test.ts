import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectRecording, openRecording } from '../../nodes/recording/mcap-reader.ts';
import { readJsonLine, runCli, startCli } from '../kit/cli.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-start-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Wall-clock measurements are in these; everything else is a function of the seed. */
const MEASURED_TOPICS = new Set(['/diagnostics', '/parameter_events', '/rosout']);

interface Summary {
  readonly durationS: number;
  readonly policyTicks: number;
  readonly simSteps: number;
  readonly commandsSent: number;
  readonly lateTicks: number;
  readonly safety: Readonly<Record<string, number>>;
  readonly recordings: readonly [string];
  readonly viewer: { readonly url: string | null };
}

async function fly(...args: readonly string[]): Promise<{ code: number | null; summary: Summary }> {
  const { code, stdout } = await runCli([
    ...['start', '--headless', '--json', '--out', folder, '--real-time-factor', '0', ...args],
  ]);
  return { code, summary: readJsonLine(stdout) as unknown as Summary };
}

/** sha256 over topic, time and bytes of every message that the seed decides. */
async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  const recording = await openRecording(path);
  for await (const { topic, logTimeNs, bytes } of recording.messages()) {
    if (MEASURED_TOPICS.has(topic)) continue;
    hash.update(`${topic} ${logTimeNs}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** The last command of each robot's motors. */
async function readLastCommands(path: string): Promise<Map<string, readonly number[]>> {
  const last = new Map<string, readonly number[]>();
  const recording = await openRecording(path);
  for await (const message of recording.messages()) {
    if (!/^\/cf\d+\/joint_command$/.test(message.topic)) continue;
    const { velocity } = message.decode() as { velocity: Float64Array };
    last.set(message.topic, Array.from(velocity));
  }
  return last;
}

describe('zerogap start', () => {
  it('flies the whole fleet for the time asked for, stops nobody and records what can be decoded', async () => {
    const { code, summary } = await fly('--duration', '4');
    expect(code).toBe(0);
    expect(summary.durationS).toBeCloseTo(4, 6);
    // 100 Hz for 4 s, five physics steps each, one command for each of 16 robots.
    expect(summary.policyTicks).toBe(400);
    expect(summary.simSteps).toBe(2000);
    expect(summary.commandsSent).toBe(16 * 400);
    expect(summary.lateTicks).toBe(0);
    expect(summary.safety).toMatchObject({ hold: 0, damp: 0, stop: 0 });
    expect(summary.viewer.url).toBeNull();
    const report = await inspectRecording(summary.recordings[0]);
    expect(report.problems).toEqual([]);
    expect(report.isComplete).toBe(true);
    const topics = new Map(report.topics.map(({ topic, numMessages }) => [topic, numMessages]));
    for (const name of ['/clock', '/cf07/odom', '/cf07/joint_states']) {
      expect(topics.get(name), name).toBe(400);
    }
    // And the stop with which every run ends.
    expect(topics.get('/cf07/joint_command')).toBe(401);
    expect((await readLastCommands(summary.recordings[0])).get('/cf07/joint_command')).toEqual([
      0, 0, 0, 0,
    ]);
    for (const name of [
      '/cf07/imu',
      '/tf',
      '/tf_static',
      '/diagnostics',
      '/cf07/command/trajectory',
    ]) {
      expect(topics.get(name) ?? 0, name).toBeGreaterThan(0);
    }
  });

  it('gives the same bytes for the same seed, others for another', async () => {
    const args = ['--robots', '3', '--duration', '2'];
    const first = await fly(...args, '--seed', '7');
    const again = await fly(...args, '--seed', '7');
    const other = await fly(...args, '--seed', '8');
    const digests = await Promise.all(
      [first, again, other].map(({ summary }) => digest(summary.recordings[0])),
    );
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  it('stops the motors first on Ctrl-C, closes the recording and counts as a success', async () => {
    const out = join(folder, 'interrupted');
    const cli = startCli(['start', '--headless', '--robots', '2', '--out', out, '--json']);
    await cli.waitFor(/t [1-9]\.\d s/);
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.result;
    expect(code).toBe(0);
    const summary = readJsonLine(stdout) as unknown as Summary;
    const recording = await openRecording(summary.recordings[0]);
    expect(recording.isComplete).toBe(true);
    const last = await readLastCommands(summary.recordings[0]);
    expect(Object.fromEntries(last)).toEqual({
      '/cf00/joint_command': [0, 0, 0, 0],
      '/cf01/joint_command': [0, 0, 0, 0],
    });
  });

  it('ends its run, motors first, when nobody reads its output any more', async () => {
    const out = join(folder, 'unread');
    const cli = startCli(['start', '--headless', '--robots', '1', '--out', out]);
    cli.child.stdout?.destroy();
    const { code } = await cli.result;
    expect(code).toBe(0);
    const [file] = readdirSync(out);
    const recording = await openRecording(join(out, file!));
    expect(recording.isComplete).toBe(true);
    const last = await readLastCommands(recording.path);
    expect([...last.values()]).toEqual([[0, 0, 0, 0]]);
  });

  it('leaves a recording that is readable to within a second when it is killed', async () => {
    const out = join(folder, 'killed');
    const cli = startCli(['start', '--headless', '--robots', '4', '--out', out]);
    const text = await cli.waitFor(/t [4-9]\.\d s/);
    cli.child.kill('SIGKILL');
    await cli.result;
    const [file] = readdirSync(out);
    const report = await inspectRecording(join(out, file!));
    expect(report.isComplete).toBe(false);
    const seenS = Number(/t ([\d.]+) s(?!.*t [\d.]+ s)/s.exec(text)?.[1]);
    expect(seenS).toBeGreaterThan(3.9);
    // Log time follows /clock, whose first tick is 0.
    expect(report.startS + report.durationS).toBeGreaterThan(seenS - 1);
    const { numMessages } = report.topics.find(({ topic }) => topic === '/cf03/odom')!;
    expect(numMessages).toBeGreaterThan(100 * (seenS - 1));
  });
});
