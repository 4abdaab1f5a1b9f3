import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePilot } from '../../launch/pilot.ts';
import { openRobot } from '../../sim/robot/open.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { readJsonLine, runCli } from '../kit/cli.ts';
import { makeSeeingPolicy } from '../kit/seeing-policy.ts';

const TASK = 'cartpole-balance';
let folder = '';
let policy = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-seeing-'));
  policy = join(folder, 'seeing.onnx');
  writeFileSync(policy, await makeSeeingPolicy(TASK, { 'context.massScale': 0.1 }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a policy that sees the true state', () => {
  it('is described with what goes into it, column by column', async () => {
    const { code, stdout } = await runCli(['inspect', policy]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sees {10}the true state, \d+ columns, which no robot measures/);
    expect(stdout).toMatch(/jointPositionError +\[1\] m, scale 1: cart_joint\n/);
    expect(stdout).toMatch(/contact +\[1\] -, scale 1\n/);
    expect(stdout).toMatch(/context +\[\d+\] drawn, about −1 to 1: .*massScale/);
    expect(stdout).toMatch(/warning: no robot can run it/);
  });

  it('is judged and makes episodes', async () => {
    const asked = ['--task', TASK, '--policy', policy, '--episodes', '2', '--workers', '1'];
    const judged = await runCli(['evaluate', ...asked, '--json']);
    expect(readJsonLine(judged.stdout)).toMatchObject({ episodes: 2, policy: 'seeing' });
    const made = await runCli(['episodes', ...asked, '--seed', '1', '--json']);
    expect(readJsonLine(made.stdout)).toMatchObject({ episodes: 2 });
  });

  it('is refused wherever there is a robot, or might be one', async () => {
    const model = await openRobot('cartpole');
    for (const task of [undefined, getTask(TASK)]) {
      expect(() => choosePilot(policy, task, model)).toThrow(/seeing\.onnx: .*sees the true state/);
    }
    const refused = [
      await runCli(['start', '--robot', 'cartpole', '--policy', policy, '--headless', '-d', '1']),
      await runCli(['bench', 'loop', '--policy', policy, '--seconds', '1']),
    ];
    for (const { code, stderr } of refused) {
      expect(stderr).toMatch(/sees the true state.*--algorithm distill --teacher/);
      expect(code).toBe(2);
    }
  });
});
