import path from 'node:path';
import { replaceFile } from '../../sim/dataset/files.ts';
import { drawAll, plotBars, plotSuccess } from '../../sim/dataset/report/charts.ts';
import { renderPage } from '../../sim/dataset/report/html.ts';
import type { CaseReport, MeanReport } from './case-report.ts';
import type { Difference } from './compare.ts';
import { listTables } from './tables.ts';

export const EVALUATION_SCHEMA = 'zerogap.evaluation/1';

/** What an evaluation came to; plain JSON. Equal options give an equal one. */
export interface EvaluationReport {
  readonly schema: typeof EVALUATION_SCHEMA;
  readonly task: string;
  readonly robot: string;
  /** Name of the policy or of the classical controller, and of its file the sha256 in hex. */
  readonly policy: string;
  readonly policySha256: string | null;
  readonly suite: string;
  readonly commit: string;
  readonly cases: readonly CaseReport[];
  /** Who did the same episodes besides, case by case; absent where nobody did. */
  readonly against?: {
    readonly policy: string;
    readonly policySha256: string | null;
    readonly cases: readonly {
      readonly report: CaseReport;
      readonly differences: readonly Difference[];
    }[];
  };
}

/** [1] numbers of the context whose charts are drawn; report.json has all */
const MAX_CHARTS = 12;

/** Writes report.json and report.html. @returns the path of the page @throws UserError if the disk refuses */
export async function writeEvaluationReport(
  folder: string,
  report: EvaluationReport,
): Promise<string> {
  const file = path.join(folder, 'report.html');
  replaceFile(path.join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  replaceFile(file, await renderEvaluation(report));
  return file;
}

async function renderEvaluation(report: EvaluationReport): Promise<string> {
  const { task, robot, policy, suite, commit, cases, against } = report;
  const charts = await drawAll(
    cases.flatMap((one) => {
      const where = cases.length === 1 ? '' : `${one.name}: `;
      return [
        [
          `${where}How episodes ended`,
          plotBars(Object.entries(one.ends), 'episodes', one.episodes),
        ],
        ...one.byContext
          .slice(0, MAX_CHARTS)
          .map((context) => [`${where}Success by ${context.name}`, plotSuccess(context)] as const),
      ] as const;
    }),
  );
  const who = against === undefined ? policy : `${policy} against ${against.policy}`;
  return renderPage({
    title: `${who} on ${task}`,
    heading: `${who} on ${task}`,
    tables: listTables(report),
    facts: [
      ['robot', robot],
      ['suite', suite],
      ['commit', commit],
      ...cases.flatMap((one) => listCaseFacts(one)),
    ],
    lists: cases.map(({ name, failures }) => ({
      kind: 'warnings',
      title: `Episodes without success: ${name}`,
      entries: failures.map(({ seed, end }) => `seed ${seed}: ${end}`),
    })),
    charts,
  });
}

/** Name and value, for people. */
export function listCaseFacts(one: CaseReport): readonly (readonly [string, string])[] {
  const { engine, firstSeed, episodes, successRate, ci95 } = one;
  const percent = (rate: number) => (100 * rate).toFixed(1);
  return [
    ['case', `${one.name} in ${engine}, seeds ${firstSeed} to ${firstSeed + episodes - 1}`],
    [
      'success',
      `${percent(successRate)} %   (95 %: ${percent(ci95[0])} … ${percent(ci95[1])}, ${one.successes} of ${episodes})`,
    ],
    ['return', describeMean(one.return)],
    ['length', `${describeMean(one.lengthS)} s`],
    // Those of single feet stand in tables of their own.
    ...Object.entries(one.metrics)
      .filter(([name]) => !name.includes('.'))
      .map(([name, mean]) => [name, describeMean(mean)] as const),
    [
      'ended',
      Object.entries(one.ends)
        .map(([how, count]) => `${how} ${count} (${percent(count / episodes)} %)`)
        .join(', '),
    ],
  ];
}

/** `0.0942   (95 %: 0.0921 … 0.0961)` */
function describeMean({ mean, ci95 }: MeanReport): string {
  if (mean === null) return 'none';
  const range = ci95 === null ? '' : `   (95 %: ${format(ci95[0])} … ${format(ci95[1])})`;
  return `${format(mean)}${range}`;
}

function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}
