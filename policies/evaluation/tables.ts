import type { Table } from '../../sim/dataset/report/html.ts';
import type { CaseReport } from './case-report.ts';
import type { Difference } from './compare.ts';
import type { EvaluationReport } from './report.ts';

/** What a report says in rows and columns: who did what, how they differ, and how legs were set. */
export function listTables(report: EvaluationReport): readonly Table[] {
  const { cases, against } = report;
  const many = cases.length > 1 ? [makeOverview(report)] : [];
  return [
    ...many,
    ...cases.flatMap((own, k) => {
      const rival = against?.cases[k];
      const gaits = [
        ...makeGaitTable(own, report.policy),
        ...(rival === undefined || against === undefined
          ? []
          : makeGaitTable(rival.report, against.policy)),
      ];
      if (rival === undefined || against === undefined) return gaits;
      const title = `${own.name} in ${own.engine}: ${report.policy} against ${against.policy}`;
      return [makeDifferenceTable(title, rival.differences), ...gaits];
    }),
  ];
}

/** One row a case. */
function makeOverview({ policy, cases, against }: EvaluationReport): Table {
  if (against === undefined) {
    return {
      title: 'Success',
      header: ['case', policy],
      rows: cases.map((one) => [one.name, describeSuccess(one)]),
    };
  }
  return {
    title: 'Success, and what one has more of it than the other',
    header: ['case', policy, against.policy, 'difference', 'return: difference'],
    rows: cases.map((one, k) => {
      const { report, differences } = against.cases[k]!;
      const find = (name: string) => differences.find((candidate) => candidate.name === name);
      return [
        one.name,
        describeSuccess(one),
        describeSuccess(report),
        describePoints(find('success')),
        describeDifference(find('return')),
      ];
    }),
  };
}

function describeSuccess({ successRate, ci95 }: CaseReport): string {
  return `${percent(successRate)} % (${percent(ci95[0])} … ${percent(ci95[1])})`;
}

const NONE = { difference: null, ci95: null } as const;

function describeDifference({
  difference,
  ci95,
}: Pick<Difference, 'difference' | 'ci95'> = NONE): string {
  if (difference === null) return '–';
  const range = ci95 === null ? '' : ` (${format(ci95[0])} … ${format(ci95[1])})`;
  return `${format(difference)}${range}`;
}

/** Percentage points. */
function describePoints({
  difference,
  ci95,
}: Pick<Difference, 'difference' | 'ci95'> = NONE): string {
  if (difference === null) return '–';
  const sign = (share: number) => `${share > 0 ? '+' : ''}${percent(share)}`;
  return ci95 === null
    ? sign(difference)
    : `${sign(difference)} (${sign(ci95[0])} … ${sign(ci95[1])})`;
}

function makeDifferenceTable(title: string, differences: readonly Difference[]): Table {
  return {
    title,
    header: ['', 'own', 'rival', 'own − rival (95 %)', 'pairs'],
    // Those of single feet stand in tables of their own.
    rows: differences
      .filter(({ name }) => !name.includes('.'))
      .map((one) => [
        one.name,
        one.own === null ? '–' : format(one.own),
        one.rival === null ? '–' : format(one.rival),
        describeDifference(one),
        String(one.pairs),
      ]),
  };
}

const PER_FOOT = {
  dutyFactor: 'on the ground [-]',
  strideRate: 'strides [Hz]',
  airTime: 'in the air [s]',
  footSlip: 'slip [m/s]',
} as const;

/** Foot by foot, and which go together; nothing where the judge told of no feet. */
function makeGaitTable({ name, engine, metrics }: CaseReport, policy: string): readonly Table[] {
  const feet = listSuffixes(metrics, 'dutyFactor');
  if (feet.length === 0) return [];
  const read = (key: string) => {
    const mean = metrics[key]?.mean;
    return mean === undefined || mean === null ? '–' : format(mean);
  };
  const title = `${name} in ${engine}, while asked to move: feet of ${policy}`;
  const rows = feet.map((foot) => [
    foot,
    ...Object.keys(PER_FOOT).map((key) => read(`${key}.${foot}`)),
  ]);
  const pairs = listSuffixes(metrics, 'together').map((pair) => [
    pair.replace('.', ' and '),
    read(`together.${pair}`),
  ]);
  return [
    { title, header: ['foot', ...Object.values(PER_FOOT)], rows },
    {
      title: `${name} in ${engine}: share of the time that two feet of ${policy} are both down, or both up`,
      header: ['feet', 'together [-]'],
      rows: pairs,
    },
  ];
}

function listSuffixes(metrics: CaseReport['metrics'], name: string): readonly string[] {
  const prefix = `${name}.`;
  return Object.keys(metrics).flatMap((key) =>
    key.startsWith(prefix) ? [key.slice(prefix.length)] : [],
  );
}

/** For a terminal: columns as wide as their widest cell. */
export function renderTextTable({ title, header, rows }: Table): readonly string[] {
  const widths = header.map((cell, c) =>
    Math.max(cell.length, ...rows.map((row) => row[c]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, c) => cell.padEnd(widths[c]!)).join('  ')}`.trimEnd();
  return [title, line(header), ...rows.map(line)];
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function format(value: number): string {
  return String(Number(value.toPrecision(3)));
}
