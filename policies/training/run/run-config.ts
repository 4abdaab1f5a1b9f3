import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../../sim/errors.ts';
import { RandomizationConfig } from '../../../sim/randomize/config.ts';
import { parseValue } from '../../../sim/schema.ts';
import { TerrainConfig } from '../../../sim/terrain/config.ts';
import type { RunSettings } from './run-settings.ts';

export const RUN_SCHEMA = 'zerogap.run/1';

/** What decides every bit of a run but for code and machine: two runs with equal ones are equal. */
export interface RunIdentity {
  readonly task: string;
  readonly robot: string;
  readonly robotSha256: string;
  readonly engine: 'rapier' | 'mujoco';
  readonly seed: number;
  readonly settings: RunSettings;
  readonly randomization: RandomizationConfig;
  readonly terrain: TerrainConfig | null;
  /** sha256 of the policies that it learns with, where there are any: their files lie in the folder. */
  readonly teacher?: string;
  readonly base?: string;
}

/** Code and machine. Other code may well learn otherwise; another processor rounds otherwise. */
export interface RunOrigin {
  readonly commit: string;
  /** Of this project, of Node, and of packages that compute. */
  readonly versions: Readonly<Record<string, string>>;
  readonly cpu: string;
}

/** config.json: all that a run was begun with. */
export interface RunConfig {
  readonly schema: typeof RUN_SCHEMA;
  readonly identity: RunIdentity;
  readonly origin: RunOrigin;
  /** ISO 8601; what its policies say of when they were made. */
  readonly createdAt: string;
  /** What the last process was asked for; the end of a run may be moved. */
  readonly budget: RunBudget;
  /** What was different when somebody insisted on going on with it. */
  readonly forced: readonly string[];
  /** Of the identity, by which an edit of the file is noticed. Absent of a run of an older version. */
  readonly identitySha256?: string;
}

/** One that was found on disk. */
export interface FoundRunConfig extends RunConfig {
  /** Its identity is not what was written: settings that none of the run's rounds may have learnt with. */
  readonly isEdited: boolean;
}

/** When a run ends; the wall clock counts all processes that have worked on it. */
export interface RunBudget {
  /** [1] steps of single environments */
  readonly steps: number | null;
  /** [s] */
  readonly wallS: number | null;
}

const RunFile = z.looseObject({
  schema: z.literal(RUN_SCHEMA),
  identity: z.looseObject({
    task: z.string(),
    engine: z.enum(['rapier', 'mujoco']),
    seed: z.int(),
    settings: z.looseObject({ algorithm: z.string(), learner: z.record(z.string(), z.unknown()) }),
    randomization: RandomizationConfig,
    terrain: TerrainConfig.nullable(),
  }),
  origin: z.looseObject({ commit: z.string(), versions: z.record(z.string(), z.string()) }),
  createdAt: z.iso.datetime(),
  identitySha256: z.string().optional(),
});

/** Hex; the same of an identity and of what is read from the file that it was written to. */
export function hashIdentity(identity: unknown): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}

/** @throws UserErrors if the text is no config.json of this version */
export function parseRunConfig(text: string, where: string): FoundRunConfig {
  const remedy = 'Use the version that wrote it, or begin a new run';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new UserError({ where, problem: 'not JSON', expected: 'JSON', got, remedy, cause });
  }
  // Written by this version, as the schema says.
  const config = parseValue(RunFile, value, { where, remedy }) as unknown as RunConfig;
  const { identity } = value as RunConfig;
  const isEdited =
    config.identitySha256 !== undefined && config.identitySha256 !== hashIdentity(identity);
  return { ...config, isEdited };
}

/** A value of a run that is another one now. */
export interface ConfigDifference {
  /** `identity.settings.numEnvs` */
  readonly key: string;
  readonly there: unknown;
  readonly now: unknown;
}

/** Which values of what a run was begun with are others now, key by key. */
export function listRunDifferences(
  there: Pick<RunConfig, 'identity' | 'origin'>,
  now: Pick<RunConfig, 'identity' | 'origin'>,
): readonly ConfigDifference[] {
  const pick = ({ identity, origin }: typeof there) => ({ identity, origin });
  return compare(toJson(pick(there)), toJson(pick(now)), []);
}

function compare(a: unknown, b: unknown, keys: readonly string[]): ConfigDifference[] {
  if (isObject(a) && isObject(b)) {
    const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return names.flatMap((name) => compare(a[name], b[name], [...keys, name]));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ key: keys.join('.'), there: a, now: b }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** `identity.seed: 1, now 2` */
export function describeDifference({ key, there, now }: ConfigDifference): string {
  return `${key}: ${show(there)}, now ${show(now)}`;
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
