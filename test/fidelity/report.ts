import { ENGINE_NAMES, type EngineName } from '../../sim/engine/engine.ts';
import { EXPLANATIONS, REMARKS } from './explanations.ts';
import {
  type ComparisonResult,
  type EngineOutcome,
  type ExperimentResult,
  type Results,
  TABLE_NAMES,
  type Table,
  type TableName,
} from './results.ts';

const TABLE_TITLES: Record<TableName, string> = {
  settings: 'Solver settings against speed',
  robots: 'Robots that others described',
  soak: 'Ten minutes of everything',
};

/** Indices of the rows that miss their tolerance; a failed run misses all. */
export function listMisses(result: ExperimentResult, outcome: EngineOutcome): readonly number[] {
  if ('failure' in outcome) return result.rows.map((_, i) => i);
  return result.rows.flatMap(({ tolerance }, i) => {
    const error = outcome.errors[i];
    return typeof error === 'number' && error <= tolerance ? [] : [i];
  });
}

/** Indices of the rows in which the engines differ by more than they should. */
export function listDifferences({ rows }: ComparisonResult): readonly number[] {
  return rows.flatMap(({ difference, tolerance }, i) =>
    typeof difference === 'number' && difference <= tolerance ? [] : [i],
  );
}

/** Whether every experiment and table that was run met its bounds. */
export function passesAll(results: Results): boolean {
  const experiments = results.experiments.every((result) =>
    ENGINE_NAMES.every((engine) => {
      const outcome = result[engine];
      if (outcome === undefined) return true;
      return !('failure' in outcome) && listMisses(result, outcome).length === 0;
    }),
  );
  const comparisons = results.comparisons.every(
    (result) => result.failure === undefined && listDifferences(result).length === 0,
  );
  return (
    experiments &&
    comparisons &&
    TABLE_NAMES.every((name) => results[name]?.passes.every(Boolean) ?? true)
  );
}

/** The whole page, from results alone: the same results make the same bytes. */
export function renderPage(results: Results): string {
  const versions = Object.entries(results.versions).map(([name, v]) => `${name} ${v}`);
  const tables = TABLE_NAMES.flatMap((name) => {
    const table = results[name];
    return table === undefined ? [] : renderTable(name, table);
  });
  return `${[
    '# How far the physics can be believed',
    '',
    'Written by `npm run fidelity` from `fidelity.json`; the experiments are in `test/fidelity`. Do not edit by hand.',
    '',
    'Each row is an error against an exact solution (a closed form, or the exact equations integrated to 1e-13), or against',
    'a stated need. Tolerances follow from the need or from the order of the method, never from a result, and are the same',
    'for both engines. **Bold** with ✗: the tolerance is missed, and what is known about why stands below. Columns',
    '"½ h" repeat the experiment at half the timestep: an error of a first-order integrator halves, another one stays.',
    'The experiments use no random numbers; the soak draws from the seed that it names.',
    '',
    `Versions: ${versions.join(', ')}.`,
    '',
    ...renderSummary(results.experiments),
    ...results.experiments.flatMap(renderExperiment),
    ...renderComparisons(results.comparisons),
    ...tables,
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function renderSummary(experiments: readonly ExperimentResult[]): string[] {
  const cell = (result: ExperimentResult, engine: EngineName) => {
    const outcome = result[engine];
    if (outcome === undefined) return '';
    if ('failure' in outcome) return '**could not run** ✗';
    const misses = listMisses(result, outcome).length;
    const total = result.rows.length;
    return misses === 0 ? `${total} of ${total}` : `**${total - misses} of ${total}** ✗`;
  };
  return [
    '## Rows within their tolerance',
    '',
    '| experiment | Rapier | MuJoCo |',
    '| --- | --- | --- |',
    ...experiments.map(
      (result) =>
        `| [${result.name}](#${result.name}) | ${cell(result, 'rapier')} | ${cell(result, 'mujoco')} |`,
    ),
    '',
  ];
}

function renderExperiment(result: ExperimentResult): string[] {
  const halves = ENGINE_NAMES.some((engine) => {
    const outcome = result[engine];
    return outcome !== undefined && 'halved' in outcome && outcome.halved !== undefined;
  });
  const columns = ['quantity', 'exact', 'tolerance', 'Rapier', ...(halves ? ['½ h'] : [])];
  columns.push('MuJoCo', ...(halves ? ['½ h'] : []), 'why this tolerance');
  const rows = result.rows.map((row, i) => {
    const cells = [row.quantity, format(row.exact), `${format(row.tolerance)} ${row.unit}`];
    for (const engine of ENGINE_NAMES) {
      cells.push(...renderOutcome(result[engine], i, row.tolerance, halves));
    }
    return `| ${[...cells, row.why].map(escapeCell).join(' | ')} |`;
  });
  return [
    `## ${result.name}`,
    '',
    result.shows,
    '',
    `Settings: ${result.settings}.`,
    '',
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => ' --- |').join('')}`,
    ...rows,
    '',
    ...renderMisses(result),
  ];
}

function renderOutcome(
  outcome: EngineOutcome | undefined,
  index: number,
  tolerance: number,
  halves: boolean,
): string[] {
  const blank = halves ? [''] : [];
  if (outcome === undefined) return ['', ...blank];
  if ('failure' in outcome) return ['**could not run** ✗', ...blank];
  const error = outcome.errors[index] ?? Number.NaN;
  const text = error <= tolerance ? format(error) : `**${format(error)}** ✗`;
  return halves ? [text, format(outcome.halved?.[index] ?? Number.NaN)] : [text];
}

function renderMisses(result: ExperimentResult): string[] {
  const lines = ENGINE_NAMES.flatMap((engine) => {
    const outcome = result[engine];
    if (outcome === undefined) return [];
    if ('failure' in outcome) return [`- ${engine} could not run: ${outcome.failure}`];
    if (listMisses(result, outcome).length === 0) return [];
    const known = EXPLANATIONS[result.name]?.[engine] ?? 'no explanation is known.';
    return [`- ${engine}: ${known}`];
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

function renderComparisons(comparisons: readonly ComparisonResult[]): string[] {
  if (comparisons.length === 0) return [];
  return [
    '## The engines against each other',
    '',
    'Motions without an exact solution. Differences with a quarter of the timestep in both engines tell what the steps are',
    'to blame for: that goes away, differences between the models of contact stay.',
    '',
    ...comparisons.flatMap(renderComparison),
  ];
}

function renderComparison(result: ComparisonResult): string[] {
  const misses = listDifferences(result);
  const rows = result.rows.map((row, i) => {
    const difference = format(row.difference ?? Number.NaN);
    const cells = [
      row.quantity,
      row.rapier === undefined ? '' : format(row.rapier ?? Number.NaN),
      row.mujoco === undefined ? '' : format(row.mujoco ?? Number.NaN),
      misses.includes(i) ? `**${difference}** ✗` : difference,
      row.refined === undefined ? '' : format(row.refined ?? Number.NaN),
      `${format(row.tolerance)} ${row.unit}`.trim(),
      row.why,
    ];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
  return [
    `### ${result.name}`,
    '',
    result.shows,
    '',
    `Settings: ${result.settings}.`,
    '',
    ...(result.failure === undefined
      ? [
          '| quantity | Rapier | MuJoCo | difference | at ¼ h | tolerance | why this tolerance |',
          '| --- | --- | --- | --- | --- | --- | --- |',
          ...rows,
        ]
      : [`**could not run** ✗: ${result.failure}`]),
    '',
    ...(REMARKS[result.name] ?? []).map((remark) => `- ${remark}`),
    ...(REMARKS[result.name] === undefined ? [] : ['']),
  ];
}

function renderTable(name: TableName, table: Table): string[] {
  const rows = table.rows.map((cells, i) => {
    const [first = '', ...rest] = cells.map(escapeCell);
    return `| ${[table.passes[i] ? first : `**${first}** ✗`, ...rest].join(' | ')} |`;
  });
  return [
    `## ${TABLE_TITLES[name]}`,
    '',
    `${table.shows} Command: \`${table.command}\`.`,
    '',
    `| ${table.columns.join(' | ')} |`,
    `|${table.columns.map(() => ' --- |').join('')}`,
    ...rows,
    '',
    ...table.notes.map((note) => `- ${note}`),
    ...(table.notes.length > 0 ? [''] : []),
  ];
}

/** Three digits, without an exponent where that is readable. */
export function format(value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return 'not finite';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-4 || size >= 1e5) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
