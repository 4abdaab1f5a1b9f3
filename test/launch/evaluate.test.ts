import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../policies/evaluation/report.ts';
import { readJsonLine, runCli } from '../kit/cli.ts';

const CLASSICAL = ['evaluate', '--task', 'cartpole-balance', '--policy', 'classical'];

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-evaluate-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('zerogap evaluate', () => {
  it.each([
    ['rapier', '1'],
    ['rapier', '2'],
    ['mujoco', '2'],
  ])('judges the classical controller in %s with %s threads', async (engine, workers) => {
    const out = join(folder, `${engine}-${workers}`);
    const { code, stdout } = await runCli([
      ...[...CLASSICAL, '--engine', engine, '--episodes', '6', '--workers', workers],
      ...['--out', out, '--json'],
    ]);
    expect(code).toBe(0);
    // Wilson's interval of 6 out of 6 begins at 6 / (6 + 1.96²) = 0.6097.
    expect(readJsonLine(stdout)).toMatchObject({
      ...{ task: 'cartpole-balance', policy: 'cartpole-lqr', engine, episodes: 6 },
      ...{
        successRate: 1,
        ci95: [expect.closeTo(0.6097, 4), expect.closeTo(1, 12)],
        firstSeed: 100_000,
      },
      report: join(out, 'report.html'),
    });
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as EvaluationReport;
    const [one] = report.cases;
    expect(one!.ends).toEqual({ 'truncated: timeLimit': 6 });
    const { mean, ci95 } = one!.return;
    expect(ci95![0]).toBeLessThan(mean!);
    expect(ci95![1]).toBeGreaterThan(mean!);
    expect(one!.byContext.length).toBeGreaterThan(3);
    for (const { bins } of one!.byContext) {
      expect(bins.reduce((sum, { episodes }) => sum + episodes, 0)).toBe(6);
    }
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('<svg');
  });

  it('comes to the same report with any number of threads', () => {
    const read = (name: string) => readFileSync(join(folder, name, 'report.json'), 'utf8');
    expect(read('rapier-2')).toBe(read('rapier-1'));
  });

  it('refuses what cannot be, all of it at once, with exit code 2', async () => {
    const { code, stdout, stderr } = await runCli([
      ...['evaluate', '--task', 'cartpole', '--policy', 'nobody', '--suite', 'storm'],
      ...['--engine', 'bullet', '--out', '/proc/report'],
    ]);
    for (const word of [/cartpole-balance/, /classical, .*crazyflie-track/, /nominal/, /rapier/]) {
      expect(stderr).toMatch(word);
    }
    expect(stderr).toMatch(/\/proc\/report/);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('refuses a policy of another task', async () => {
    const { code, stderr } = await runCli([
      ...['evaluate', '--task', 'cartpole-balance', '--policy', 'crazyflie-track'],
    ]);
    expect(stderr).toMatch(/m1_joint/);
    expect(code).toBe(2);
  });
});
