import { beforeEach, describe, expect, it } from 'vitest';
import { Curves } from '../../../launch/train/curves.ts';
import type { MetricsLine } from '../../../policies/training/run/metrics-file.ts';
import { planEnv } from '../../../sim/env-plan.ts';

let curves: Curves;
beforeEach(async () => {
  curves = new Curves(await planEnv({ task: 'cartpole-balance', numEnvs: 1 }));
});

function makeLine(round: number, metrics: Record<string, number>): MetricsLine {
  return { round, steps: 100 * round, meanReturn: round, successRate: 0, ...metrics };
}

function find(title: string) {
  return curves.describe().curves.find((curve) => curve.title === title);
}

describe('the curves of a training page', () => {
  it('show the evaluations of a run that is gone on with, and forget those it goes back behind', () => {
    const evaluated = { 'evaluation/successRate': 0, 'evaluation/meanReturn': -3 };
    curves.restore([makeLine(1, {}), makeLine(2, evaluated), makeLine(3, {})]);
    curves.addEvaluation({ round: 4, steps: 400, successRate: 0.5, meanReturn: 2 });
    expect(find('Success')?.series[1]).toEqual({
      ...{ label: 'evaluated', steps: [200, 400], values: [0, 0.5] },
    });
    expect(find('Return')?.series[1]?.values).toEqual([-3, 2]);
    curves.cutAfter(3);
    expect(find('Return')?.series[1]?.values).toEqual([-3]);
  });

  it('show both of two learners that take turns, whoever came last', () => {
    // 401 of each by turns: every other of its own 401 is drawn, the last one among them.
    for (let round = 1; round <= 802; round += 2) {
      curves.addLine(makeLine(round, { 'loss/value': round, 'time/act': 1 }), []);
      curves.addLine(
        makeLine(round + 1, { 'adversary/loss/value': -round, 'adversary/time/act': 1 }),
        [],
      );
      if (round !== 1) continue;
      expect(find('loss/value')?.series.map(({ values }) => values)).toEqual([[1], [-1]]);
    }
    const { series } = find('loss/value')!;
    expect(series.map(({ label }) => label)).toEqual(['loss/value', 'adversary/loss/value']);
    for (const { steps, values } of series)
      expect([steps.length, values.length]).toEqual([201, 201]);
    expect(series.map(({ values }) => values.at(-1))).toEqual([801, -801]);
    const titles = curves.describe().curves.map(({ title }) => title);
    expect(titles).toEqual(['Return', 'Success', 'Episode', 'Speed', 'loss/value']);
  });
});
