import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RunOrigin } from '../policies/training/run/run-config.ts';
import { UserError } from '../sim/errors.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The commit that runs, with `-dirty` if files differ from it; the package's version outside git. */
export function readCommit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
      version: string;
    };
    return `package ${version}`;
  }
}

/** Packages whose arithmetic decides what is learnt. */
const COMPUTING = [
  '@dimforge/rapier3d-simd-compat',
  '@mujoco/mujoco',
  'onnxruntime-node',
  'pure-rand',
];

/** Code and machine of this process. */
export function readOrigin(): RunOrigin {
  const versions = COMPUTING.flatMap((name) => {
    const version = readVersion(`${ROOT}node_modules/${name}/package.json`);
    return version === undefined ? [] : [[name, version] as const];
  });
  return {
    commit: readCommit(),
    versions: {
      zerogap: readVersion(`${ROOT}package.json`) ?? 'unknown',
      node: process.version,
      ...Object.fromEntries(versions),
    },
    cpu: cpus()[0]?.model ?? process.arch,
  };
}

/** Undefined where the package lies elsewhere, or not at all. */
function readVersion(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/**
 * When something is made, as ISO 8601: now, or what SOURCE_DATE_EPOCH says, with which the same run writes the same
 * bytes again (https://reproducible-builds.org/specs/source-date-epoch).
 * @throws UserError if that is no time
 */
export function readCreationTime(): string {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given === undefined || given === '') return new Date().toISOString();
  const time = new Date(Number(given) * 1000);
  if (/^\d+$/.test(given) && Number.isFinite(time.getTime())) return time.toISOString();
  throw new UserError({
    where: 'SOURCE_DATE_EPOCH',
    problem: 'this is no time',
    expected: 'seconds since 1970',
    got: `'${given}'`,
    remedy: 'Correct the variable, or unset it',
  });
}
