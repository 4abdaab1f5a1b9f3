import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../nodes/recording/mcap-reader.ts';
import { computeObservationWidth } from '../../policies/manifest.ts';
import { exportPolicy } from '../../policies/onnx/export-policy.ts';
import { describeTask } from '../../policies/training/task-manifest.ts';
import { loadRobot } from '../../sim/robot/load.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { readJsonLine, runCli } from '../kit/cli.ts';
import { makeFlightDraft } from '../kit/flight-policy.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-tasks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Summary {
  readonly commandsSent: number;
  readonly lateTicks: number;
  readonly safety: Readonly<Record<string, number>>;
  readonly episodes: { readonly count: number; readonly ends: Readonly<Record<string, number>> };
  readonly recordings: readonly [string];
}

async function start(...args: readonly string[]) {
  const { code, stdout, stderr } = await runCli([
    ...['start', '--headless', '--json', '--out', folder, '--real-time-factor', '0', ...args],
  ]);
  const read = () => readJsonLine(stdout) as unknown as Summary;
  return { code, stderr, read };
}

/** Goes straight ahead as fast as the task's action allows, whatever it sees. */
function makeStraightPolicy(): Promise<Uint8Array> {
  const task = getTask('turtlebot-navigate');
  const draft = makeFlightDraft({ ...describeTask(task, loadRobot(task.robot)), name: 'straight' });
  const width = computeObservationWidth(draft.observations);
  const layer = { weight: new Float32Array(2 * width), bias: Float32Array.of(1, 1) };
  return exportPolicy({
    network: { kind: 'mlp', layers: [layer], activation: 'tanh', head: 'identity' },
    manifest: draft,
    goldenInputs: [new Float32Array(width)],
  });
}

function writeProfile(name: string, change: (text: string) => string, profile = 'navigate') {
  const path = join(folder, name);
  const source = new URL(`../../launch/profiles/${profile}.yaml`, import.meta.url);
  writeFileSync(path, change(readFileSync(source, 'utf8')));
  return path;
}

describe('zerogap start with a task', () => {
  it('drives to one goal after the other, and says as a twist what the wheels are told', async () => {
    const { code, read } = await start('--profile', 'navigate', '--robots', '2', '-d', '30');
    expect(code).toBe(0);
    const summary = read();
    expect(summary.lateTicks).toBe(0);
    expect(summary.episodes.count).toBeGreaterThan(2);
    expect(summary.episodes.ends.reached).toBeGreaterThan(0);
    // 10 Hz for 30 s, two robots.
    expect(summary.commandsSent).toBe(600);
    const counts = new Map<string, number>();
    const recording = await openRecording(summary.recordings[0]);
    let fastest = 0;
    for await (const message of recording.messages()) {
      counts.set(message.topic, (counts.get(message.topic) ?? 0) + 1);
      if (message.topic !== '/tb01/cmd_vel') continue;
      expect(message.type).toBe('geometry_msgs/msg/Twist');
      const { linear } = message.decode() as { linear: { x: number } };
      fastest = Math.max(fastest, linear.x);
    }
    // Each command, and the stop at the end.
    expect(counts.get('/tb01/cmd_vel')).toBe(counts.get('/tb01/joint_command'));
    // As fast as the base goes in its safe mode.
    expect(fastest).toBeGreaterThan(0.25);
    expect(fastest).toBeLessThan(0.311);
    expect(counts.get('/tb01/command/trajectory')).toBe(300);
    expect(counts.get('/tb01/obstacles')).toBe(301);
    const alone = (counts.get('/tb00/episode') ?? 0) + (counts.get('/tb01/episode') ?? 0);
    expect(alone).toBe(summary.episodes.count);
  });

  it('walks as it is asked to', async () => {
    const { code, read } = await start('--profile', 'walk', '--robots', '1', '-d', '21');
    expect(code).toBe(0);
    const { lateTicks, episodes } = read();
    expect(lateTicks).toBe(0);
    // An episode takes 20 s at most.
    expect(episodes.count).toBeGreaterThan(0);
  });

  it('runs a network of the task in the same way', async () => {
    const path = join(folder, 'straight.onnx');
    writeFileSync(path, await makeStraightPolicy());
    const args = ['--profile', 'navigate', '--policy', path, '--robots', '1', '-d', '20'];
    const { code, read } = await start(...args, '--no-record');
    expect(code).toBe(0);
    const { lateTicks, episodes } = read();
    expect(lateTicks).toBe(0);
    // At 0.31 m/s it is across the field of 6 m within 20 s: at its goal by chance, or at a wall.
    expect(episodes.count).toBeGreaterThan(0);
  });

  it('refuses what does not go together, before anything moves', async () => {
    const cases = [
      [(text: string) => text.replace(/^task:.*$/m, ''), /either `courses` or a `task`/],
      [(text: string) => text.replace(/^policy:.*$/m, 'policy: crazyflie-track'), /another rate/],
      [(text: string) => text.replace(/^task:.*$/m, 'task: juggling'), /turtlebot-navigate/],
      [
        (text: string) => text.replace(/^task:.*$/m, 'task: turtlebot-track\nsubsteps: 5'),
        /leads these robots by hand|rate/,
      ],
    ] as const;
    for (const [k, [change, expected]] of cases.entries()) {
      const profile = writeProfile(`bad-${k}.yaml`, change);
      const { code, stderr } = await start('--profile', profile, '-d', '1');
      expect(stderr).toMatch(expected);
      expect(code).toBe(2);
    }
    const flown = await start('--profile', 'demo', '--policy', 'classical', '-d', '1');
    expect(flown.stderr).toMatch(/belongs to a task, and there is none/);
    expect(flown.code).toBe(2);
  });
});
