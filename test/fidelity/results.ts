import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What the last runs measured, beside the page that is written from it. */
export const RESULTS_FILE = fileURLToPath(new URL('../../sim/fidelity.json', import.meta.url));
export const PAGE_FILE = fileURLToPath(new URL('../../sim/FIDELITY.md', import.meta.url));

/** JSON has no NaN: null stands for a number that is not finite. */
const Measured = z.number().nullable();

const EngineOutcome = z.union([
  z.strictObject({
    errors: z.array(Measured),
    /** At half the timestep. */
    halved: z.array(Measured).optional(),
  }),
  z.strictObject({ failure: z.string() }),
]);
export type EngineOutcome = z.infer<typeof EngineOutcome>;

const ExperimentResult = z.strictObject({
  name: z.string(),
  shows: z.string(),
  /** Timestep and solver in words. */
  settings: z.string(),
  rows: z.array(
    z.strictObject({
      quantity: z.string(),
      unit: z.string(),
      exact: z.number().optional(),
      tolerance: z.number(),
      why: z.string(),
    }),
  ),
  rapier: EngineOutcome.optional(),
  mujoco: EngineOutcome.optional(),
});
export type ExperimentResult = z.infer<typeof ExperimentResult>;

const ComparisonResult = z.strictObject({
  name: z.string(),
  shows: z.string(),
  settings: z.string(),
  rows: z.array(
    z.strictObject({
      quantity: z.string(),
      unit: z.string(),
      rapier: Measured.optional(),
      mujoco: Measured.optional(),
      difference: Measured,
      /** Difference with a quarter of the timestep in both engines. */
      refined: Measured.optional(),
      tolerance: z.number(),
      why: z.string(),
    }),
  ),
  failure: z.string().optional(),
});
export type ComparisonResult = z.infer<typeof ComparisonResult>;

/** A table whose columns are its own: settings against speed, real robots, soak. */
const Table = z.strictObject({
  /** The command that wrote it. */
  command: z.string(),
  /** What was done, and on what machine where speed is part of it. */
  shows: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  /** Whether the row met its bounds; a row that judges nothing has met them. */
  passes: z.array(z.boolean()),
  notes: z.array(z.string()),
});
export type Table = z.infer<typeof Table>;

export const TABLE_NAMES = ['settings', 'robots', 'soak'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

const Results = z.strictObject({
  versions: z.record(z.string(), z.string()),
  experiments: z.array(ExperimentResult),
  comparisons: z.array(ComparisonResult),
  settings: Table.optional(),
  robots: Table.optional(),
  soak: Table.optional(),
});
export type Results = z.infer<typeof Results>;

export function readResults(): Results {
  if (!existsSync(RESULTS_FILE)) return { versions: {}, experiments: [], comparisons: [] };
  return Results.parse(JSON.parse(readFileSync(RESULTS_FILE, 'utf8')));
}

export function writeResults(results: Results): void {
  writeFileSync(RESULTS_FILE, `${JSON.stringify(Results.parse(results), undefined, 2)}\n`);
}

/** Four digits are more than any error means; fewer bits to differ between machines. */
export function toMeasured(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}

/** Puts what was measured now in place of what is there, engine by engine, in the order of `names`. */
export function mergeExperiment(
  results: Results,
  measured: ExperimentResult,
  names: readonly string[],
): Results {
  const old = results.experiments.find(({ name }) => name === measured.name);
  // An engine that was not asked keeps its figures only where the rows still mean the same.
  const isSame = old !== undefined && JSON.stringify(old.rows) === JSON.stringify(measured.rows);
  const merged = isSame ? { ...old, ...measured } : measured;
  return { ...results, experiments: replaceByName(results.experiments, merged, names) };
}

export function mergeComparison(
  results: Results,
  measured: ComparisonResult,
  names: readonly string[],
): Results {
  return { ...results, comparisons: replaceByName(results.comparisons, measured, names) };
}

/** Only what is in `names`, in their order. */
function replaceByName<T extends { readonly name: string }>(
  list: readonly T[],
  next: T,
  names: readonly string[],
): T[] {
  return [...list.filter(({ name }) => name !== next.name), next]
    .filter(({ name }) => names.includes(name))
    .sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}
