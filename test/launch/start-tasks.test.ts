import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProfile } from '../../launch/config.ts';
import { makePlan } from '../../launch/plan.ts';
import { openRecording } from '../../nodes/recording/mcap-reader.ts';
import { UserError } from '../../sim/errors.ts';
import { readJsonLine, runCli } from '../kit/cli.ts';
import { makeReachPolicy } from '../kit/reach-policy.ts';

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
  const { code, stdout } = await runCli([
    ...['start', '--headless', '--json', '--out', folder, '--real-time-factor', '0', ...args],
  ]);
  const read = () => readJsonLine(stdout) as unknown as Summary;
  return { code, read };
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
      fastest = Math.max(fastest, Math.abs(linear.x));
    }
    // Each command, and the stop at the end.
    expect(counts.get('/tb01/cmd_vel')).toBe(counts.get('/tb01/joint_command'));
    // As fast as the base goes in its safe mode, either way.
    expect(fastest).toBeGreaterThan(0.25);
    expect(fastest).toBeLessThan(0.311);
    expect(counts.get('/tb01/command/trajectory')).toBe(300);
    expect(counts.get('/tb01/obstacles')).toBe(300);
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

  it('shows a policy its place in odom and where it is sent, at the rate that it asks for', async () => {
    const policy = join(folder, 'reach.onnx');
    writeFileSync(policy, await makeReachPolicy());
    const profile = writeProfile('reach.yaml', (text) =>
      text
        .replace(/^task:.*$/m, 'task: turtlebot-reach')
        .replace(/^policy:.*$/m, `policy: ${policy}`),
    );
    const { code, read } = await start('--profile', profile, '--robots', '1', '-d', '13');
    expect(code).toBe(0);
    const { lateTicks, commandsSent, safety, episodes } = read();
    expect([lateTicks, safety.stop]).toEqual([0, 0]);
    // 10 Hz for 13 s; an attempt takes 12 s at most.
    expect(commandsSent).toBe(130);
    expect(episodes.count).toBeGreaterThan(0);
  });

  it('runs the controller made by hand in the same way', async () => {
    const args = ['--profile', 'navigate', '--policy', 'classical', '--robots', '1', '-d', '20'];
    const { code, read } = await start(...args, '--no-record');
    expect(code).toBe(0);
    const { lateTicks, episodes } = read();
    expect(lateTicks).toBe(0);
    // Ends at fields are less than 6 m apart, at 0.31 m/s.
    expect(episodes.count).toBeGreaterThan(0);
  });

  it('refuses what does not go together, before anything moves', async () => {
    const cases = [
      ['navigate', /^task:.*$/m, '', /either `courses` or a `task`/],
      ['navigate', /^policy:.*$/m, 'policy: crazyflie-track', /another rate/],
      ['navigate', /^task:.*$/m, 'task: juggling', /turtlebot-navigate/],
      ['walk', /$/, 'baseCommand: { kind: twist }\n', /only wheels can be told as a twist/],
      [
        'walk',
        /^randomization:$/m,
        '$&\n  thrustScale: { uniform: [0.9, 1.1] }',
        /robot 'go2' has no rotor/,
      ],
      ['demo', /^policy:.*$/m, 'policy: classical', /belongs to a task, and there is none/],
    ] as const;
    for (const [k, [profile, from, to, expected]] of cases.entries()) {
      const path = writeProfile(`bad-${k}.yaml`, (text) => text.replace(from, to), profile);
      await expect(makePlan(readProfile(path), path)).rejects.toThrow(expected);
      await expect(makePlan(readProfile(path), path)).rejects.toBeInstanceOf(UserError);
    }
  });
});
