import { describe, expect, it } from 'vitest';
import type { CaseReport, MeanReport } from '../../../policies/evaluation/case-report.ts';
import type { EvaluationReport } from '../../../policies/evaluation/report.ts';
import { listTables, renderTextTable } from '../../../policies/evaluation/tables.ts';

function makeMean(mean: number): MeanReport {
  return { episodes: 2, mean, ci95: null, min: mean, max: mean };
}

function makeCase(name: string, metrics: CaseReport['metrics'] = {}): CaseReport {
  return {
    ...{ name, description: '', engine: 'rapier', firstSeed: 1, episodes: 2, successes: 1 },
    ...{ successRate: 0.5, ci95: [0.1, 0.9], return: makeMean(1), lengthS: makeMean(1) },
    ...{ metrics, rewards: {}, costs: {}, ends: {}, byContext: [], failures: [] },
  };
}

function makeReport(parts: Partial<EvaluationReport>): EvaluationReport {
  return {
    ...{ schema: 'zerogap.evaluation/1', task: 'walk', robot: 'go2', policy: 'own' },
    ...{ policySha256: null, suite: 'nominal', commit: 'none', cases: [], ...parts },
  };
}

describe('the tables of an evaluation', () => {
  it('show two who did the same side by side, and by how many points they differ', () => {
    const difference = {
      ...{ name: 'success', pairs: 2, own: 0.5, rival: 1, difference: -0.5 },
      ci95: [-1, 0.25] as const,
    };
    const rival = { report: { ...makeCase('a'), successRate: 1 }, differences: [difference] };
    const [overview, first] = listTables(
      makeReport({
        cases: [makeCase('a'), makeCase('b')],
        against: { policy: 'other', policySha256: null, cases: [rival, rival] },
      }),
    );
    expect(overview!.header).toEqual([
      ...['case', 'own', 'other', 'difference', 'return: difference'],
    ]);
    expect(overview!.rows[0]).toEqual([
      ...['a', '50.0 % (10.0 … 90.0)', '100.0 % (10.0 … 90.0)', '-50.0 (-100.0 … +25.0)', '–'],
    ]);
    expect(first!.rows).toEqual([['success', '0.5', '1', '-0.5 (-1 … 0.25)', '2']]);
  });

  it('show foot by foot how a robot walked, and which feet went together', () => {
    const metrics = {
      'dutyFactor.FL': makeMean(0.6),
      'strideRate.FL': makeMean(2.5),
      'together.FL.RR': makeMean(0.9),
    };
    const [feet, pairs] = listTables(makeReport({ cases: [makeCase('nominal', metrics)] }));
    expect(feet!.rows).toEqual([['FL', '0.6', '2.5', '–', '–']]);
    expect(pairs!.rows).toEqual([['FL and RR', '0.9']]);
  });

  it('are none of one case without a rival or feet', () => {
    expect(listTables(makeReport({ cases: [makeCase('nominal')] }))).toEqual([]);
  });

  it('stand in columns on a terminal', () => {
    const table = { title: 'T', header: ['a', 'long'], rows: [['xyz', '1']] };
    expect(renderTextTable(table)).toEqual(['T', '  a    long', '  xyz  1']);
  });
});
