/**
 * Measures the physics and writes `sim/FIDELITY.md`: `npm run fidelity -- --help`. Exit code 0 if every row met its
 * tolerance, 1 if one missed it, 2 for a bad option.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ENGINE_NAMES, type EngineName } from '../../sim/engine/engine.ts';
import { COMPARISONS, EXPERIMENTS } from './catalogue.ts';
import { runRealRobots } from './real-robots.ts';
import { format, listDifferences, listMisses, passesAll, renderPage } from './report.ts';
import {
  type ComparisonResult,
  type ExperimentResult,
  mergeComparison,
  mergeExperiment,
  PAGE_FILE,
  type Results,
  readResults,
  type Table,
  type TableName,
  writeResults,
} from './results.ts';
import { runComparison, runExperiment } from './run-experiment.ts';
import { runSettings } from './settings-table.ts';
import { runSoak } from './soak.ts';

const USAGE = `npm run fidelity -- [options]
  --only NAME       one experiment: ${[...EXPERIMENTS, ...COMPARISONS].map(({ name }) => name).join(', ')}
  --engine ENGINE   one engine: ${ENGINE_NAMES.join(', ')}
  --settings        solver settings against speed, instead; --only ROBOT for one robot
  --soak            ten simulated minutes of every robot, instead
  --robots DIR      robots that others described, cloned into DIR, instead; --only NAME for one
  --dry             measure and print, write nothing`;

function readVersions(): Record<string, string> {
  const read = (path: string) =>
    (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string })
      .version;
  return {
    Rapier: read('../../node_modules/@dimforge/rapier3d-simd-compat/package.json'),
    MuJoCo: read('../../node_modules/@mujoco/mujoco/package.json'),
  };
}

function printResult(result: ExperimentResult): void {
  for (const engine of ENGINE_NAMES) {
    const outcome = result[engine];
    if (outcome === undefined) continue;
    if ('failure' in outcome) {
      console.log(`  ${engine}: could not run: ${outcome.failure}`);
      continue;
    }
    const misses = listMisses(result, outcome);
    for (const [i, row] of result.rows.entries()) {
      const error = format(outcome.errors[i] ?? Number.NaN);
      const half =
        outcome.halved === undefined ? '' : ` (½ h: ${format(outcome.halved[i] ?? Number.NaN)})`;
      const verdict = misses.includes(i) ? 'MISS' : 'ok';
      console.log(
        `  ${engine} ${row.quantity}: ${error}${half}, allowed ${format(row.tolerance)} ${row.unit}: ${verdict}`,
      );
    }
  }
}

async function runExperiments(
  results: Results,
  only: string | undefined,
  engines: readonly EngineName[],
): Promise<{ results: Results; ran: readonly ExperimentResult[] }> {
  const names = EXPERIMENTS.map(({ name }) => name);
  let merged = results;
  const ran: ExperimentResult[] = [];
  for (const experiment of EXPERIMENTS) {
    if (only !== undefined && experiment.name !== only) continue;
    console.log(experiment.name);
    const result = await runExperiment(experiment, engines);
    printResult(result);
    ran.push(result);
    merged = mergeExperiment(merged, result, names);
  }
  return { results: merged, ran };
}

async function runComparisons(
  results: Results,
  only: string | undefined,
): Promise<{ results: Results; ran: readonly ComparisonResult[] }> {
  const names = COMPARISONS.map(({ name }) => name);
  let merged = results;
  const ran: ComparisonResult[] = [];
  for (const comparison of COMPARISONS) {
    if (only !== undefined && comparison.name !== only) continue;
    console.log(comparison.name);
    const result = await runComparison(comparison);
    if (result.failure !== undefined) console.log(`  could not run: ${result.failure}`);
    for (const [i, row] of result.rows.entries()) {
      const verdict = listDifferences(result).includes(i) ? 'MISS' : 'ok';
      console.log(
        `  ${row.quantity}: ${format(row.rapier ?? undefined)} / ${format(row.mujoco ?? undefined)}, differ by ${format(row.difference ?? Number.NaN)} ` +
          `(¼ h: ${format(row.refined ?? Number.NaN)}), allowed ${format(row.tolerance)} ${row.unit}: ${verdict}`,
      );
    }
    ran.push(result);
    merged = mergeComparison(merged, result, names);
  }
  return { results: merged, ran };
}

function fail(message: string): never {
  console.error(`fidelity: ${message}\n${USAGE}`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    engine: { type: 'string' },
    settings: { type: 'boolean', default: false },
    soak: { type: 'boolean', default: false },
    robots: { type: 'string' },
    dry: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
/** Writes results and page, unless asked not to. */
function save(results: Results): void {
  if (values.dry) return;
  const written = { ...results, versions: readVersions() };
  writeResults(written);
  writeFileSync(PAGE_FILE, renderPage(written));
  console.log(`wrote ${PAGE_FILE}`);
}

const print = (line: string) => console.log(line);

/** One of the tables, instead of the experiments. @returns undefined if none was asked for */
async function runTable(): Promise<Partial<Record<TableName, Table>> | undefined> {
  if (values.settings) return { settings: await runSettings(values.only, print) };
  if (values.soak) return { soak: await runSoak(() => performance.now() / 1000, print) };
  if (values.robots !== undefined)
    return { robots: await runRealRobots(values.robots, values.only, print) };
  return undefined;
}

const table = await runTable();
if (table !== undefined) {
  if (Object.values(table).some(({ rows }) => rows.length === 0)) {
    fail(`there is no robot '${values.only}' in this table`);
  }
  if (values.only === undefined) save({ ...readResults(), ...table });
  else console.log('not written: this is one robot of a table of several');
  process.exit(passesAll({ versions: {}, experiments: [], comparisons: [], ...table }) ? 0 : 1);
}

const all: readonly { readonly name: string }[] = [...EXPERIMENTS, ...COMPARISONS];
if (values.only !== undefined && !all.some(({ name }) => name === values.only)) {
  fail(`there is no experiment '${values.only}'`);
}
const engines = ENGINE_NAMES.filter((name) => (values.engine ?? name) === name);
if (engines.length === 0) fail(`there is no engine '${values.engine}'`);

const experiments = await runExperiments(readResults(), values.only, engines);
// A comparison needs both.
const comparisons =
  engines.length === ENGINE_NAMES.length
    ? await runComparisons(experiments.results, values.only)
    : { results: experiments.results, ran: [] };
save(comparisons.results);
const ran = { versions: {}, experiments: [...experiments.ran], comparisons: [...comparisons.ran] };
process.exit(passesAll(ran) ? 0 : 1);
