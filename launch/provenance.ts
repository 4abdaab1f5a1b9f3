import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOrigin } from '../policies/training/run/run-config.ts';
import { UserError } from '../sim/errors.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What decides what a run does, from {@link ROOT} on. */
const CODE = ['launch', 'nodes', 'policies', 'sim', 'package-lock.json'];

/**
 * The commit that runs, with `-dirty.` and a digest of what differs from it if any code does; the package's version
 * where the package is no git work tree of its own.
 * @param root folder of the package
 */
export function readCommit(root = ROOT): string {
  const top = runGit(root, ['rev-parse', '--show-toplevel'])?.trim();
  // Installed into a project, the package lies within the work tree of somebody else.
  const isOwn = top !== undefined && realpathSync(top) === realpathSync(root);
  const head = isOwn ? runGit(root, ['rev-parse', 'HEAD'])?.trim() : undefined;
  if (head === undefined) return `package ${readVersion(path.join(root, 'package.json'))}`;
  const changes = runGit(root, ['diff', '--binary', '--no-ext-diff', 'HEAD', '--', ...CODE]) ?? '';
  const others = runGit(root, ['ls-files', '-z', '-o', '--exclude-standard', '--', ...CODE]) ?? '';
  if (changes === '' && others === '') return head;
  const hash = createHash('sha256').update(changes);
  for (const name of others.split('\0').filter((one) => one !== '')) {
    hash.update(name).update(readFileSync(path.join(root, name)));
  }
  return `${head}-dirty.${hash.digest('hex').slice(0, 12)}`;
}

/** Undefined where git is not there, or does not know. */
function runGit(cwd: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: MOST_CHANGES,
    });
  } catch {
    return undefined;
  }
}

/** [bytes] of a difference; policies are in it, too */
const MOST_CHANGES = 2 ** 28;

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
    const version = findVersion(name);
    return version === undefined ? [] : [[name, version] as const];
  });
  return {
    commit: readCommit(),
    versions: {
      zerogap: readVersion(path.join(ROOT, 'package.json')) ?? 'unknown',
      node: process.version,
      ...Object.fromEntries(versions),
    },
    cpu: cpus()[0]?.model ?? process.arch,
  };
}

/** Of a package, wherever it was installed for this one; undefined where it is not there. */
function findVersion(name: string): string | undefined {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return folders
    .map((folder) => readVersion(path.join(folder, name, 'package.json')))
    .find((version) => version !== undefined);
}

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
