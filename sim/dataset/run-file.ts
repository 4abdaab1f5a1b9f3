import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { EpisodeLayout } from '../episode/record.ts';
import { throwIfAny, UserError } from '../errors.ts';
import { onDisk } from './files.ts';
import { RUN_FILE } from './layout-paths.ts';
import { DATASET_FORMATS, type DatasetFormat } from './shard-writer.ts';

/** Name and version of what is in the folder; a change of meaning is a new version. */
export const DATASET_SCHEMA = 'zerogap.dataset/3';
/**
 * Can be inspected, and not gone on with: 2 has statistics of shards as Parquet, 1 has no `critic_constants`, whose
 * numbers are in `critic` of every frame.
 */
const OLDER_SCHEMAS = ['zerogap.dataset/1', 'zerogap.dataset/2'] as const;

/** Names and versions of code that decides the numbers. */
export type CodeVersions = Readonly<Record<string, string>>;

/** What a dataset was made from. Two runs with equal ones write equal files. */
export interface RunDescription {
  readonly schema: typeof DATASET_SCHEMA | (typeof OLDER_SCHEMAS)[number];
  readonly format: DatasetFormat;
  readonly layout: EpisodeLayout;
  /** Resolved options of the run, seed and number of episodes among them; JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What wrote it, one after the other; more than one where somebody insisted on going on with other code. */
  readonly code: readonly CodeVersions[];
}

const RunFile = z.looseObject({
  schema: z.enum([DATASET_SCHEMA, ...OLDER_SCHEMAS]),
  format: z.enum(DATASET_FORMATS),
  layout: z.looseObject({ task: z.string(), rateHz: z.number() }),
  config: z.record(z.string(), z.unknown()),
  // Older ones say nothing of it.
  code: z.array(z.record(z.string(), z.string())).default([]),
});

export function renderRun(run: RunDescription): string {
  return `${JSON.stringify(run, undefined, 2)}\n`;
}

/** @throws UserError if the folder holds no dataset of this version */
export function readRun(folder: string): RunDescription {
  const file = path.join(folder, RUN_FILE);
  const text = onDisk(file, 'cannot be read', () => readFileSync(file, 'utf8'));
  const parsed = RunFile.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new UserError({
      where: `dataset ${file}`,
      problem: 'this is no description of a dataset that this version can read',
      expected: `schema '${DATASET_SCHEMA}'`,
      got: z.prettifyError(parsed.error),
      remedy: 'Use the version that wrote it, or another folder.',
    });
  }
  // Written by `renderRun`, of that schema.
  return parsed.data as unknown as RunDescription;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * What a run becomes that is gone on with. It can only go on with what it began with, but for a larger number of
 * episodes: none depends on it.
 * @param options.force goes on with other code, too, and takes note of it
 * @throws UserError, or UserErrors, one for each value that differs
 */
export function continueRun(
  folder: string,
  there: RunDescription,
  asked: RunDescription,
  { force }: { readonly force: boolean },
): RunDescription {
  const { code: before, ...begun } = there;
  const { code: now, ...wanted } = JSON.parse(renderRun(asked)) as RunDescription;
  const problems = listDifferences(begun, wanted, []).flatMap((difference) => {
    const { key, a, b } = difference;
    if (isGrowth(difference)) return [];
    const mayGrow = key === EPISODES_KEY;
    return new UserError({
      where: `dataset ${folder}: ${key}`,
      problem: 'the dataset was begun with another value',
      expected: mayGrow ? `${show(a)} or more` : show(a),
      got: show(b),
      remedy: 'Resume with the options that it was begun with, or choose another folder.',
    });
  });
  const last = before.at(-1);
  const otherCode = now.flatMap((code) => listDifferences(last ?? {}, code, []));
  if (!force) problems.push(...otherCode.map((difference) => refuseCode(folder, difference)));
  throwIfAny(problems);
  return { ...asked, code: otherCode.length === 0 ? before : [...before, ...now] };
}

function refuseCode(folder: string, { key, a, b }: Difference): UserError {
  return new UserError({
    where: `dataset ${folder}: ${key}`,
    problem: 'other code has written what is there, and may well make other episodes',
    expected: show(a),
    got: show(b),
    remedy: 'Go on with that code, or with --force, if it makes the same episodes.',
  });
}

const EPISODES_KEY = 'config.episodes';

function isGrowth({ key, a, b }: Difference): boolean {
  return key === EPISODES_KEY && typeof a === 'number' && typeof b === 'number' && b > a;
}

interface Difference {
  readonly key: string;
  readonly a: unknown;
  readonly b: unknown;
}

function listDifferences(a: unknown, b: unknown, keys: readonly string[]): Difference[] {
  if (isObject(a) && isObject(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) => listDifferences(a[name], b[name], [...keys, name]));
  }
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  return [{ key: keys.join('.'), a, b }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
