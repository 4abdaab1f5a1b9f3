import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(FOLDER, 'dist');
/** Besides src/: everything else that decides what the page is. */
const INPUTS = [
  ...[
    'index.html',
    'protocol.ts',
    'codec.ts',
    'mesh-format.ts',
    'robot-schema.ts',
    'vite.config.ts',
    'tsconfig.json',
  ],
  ...['../sim/robot/geometry.ts', '../sim/robot/inertia.ts'],
];
/** Folders whose code the page shares. */
const SHARED = ['../sim/math', '../sim/terrain'];
const LOCK = join(FOLDER, '..', 'package-lock.json');

/** Prefix of a folder that a process is still building into. */
const UNFINISHED = 'building-';
/** [ms] builds of older sources are kept this long: a server may still be serving from them */
const KEEP_MS = 24 * 3600 * 1000;

let building: Promise<string> | undefined;

/**
 * Builds the page into web-viewer/dist/<hash of its sources> unless it is there. Processes that
 * build at the same time do not disturb one another, nor a server that serves an older build.
 * @returns the folder to serve
 */
export function ensurePageBuilt(): Promise<string> {
  building ??= buildIfMissing().finally(() => {
    building = undefined;
  });
  return building;
}

async function buildIfMissing(): Promise<string> {
  const shipped = existsSync(LOCK) ? undefined : await findShipped();
  if (shipped !== undefined) return shipped;
  const folder = join(DIST, await computeSourceHash());
  if (existsSync(folder)) return folder;
  // Both are only needed, and only loaded, when there is something to build.
  const [{ build, mergeConfig }, { default: config }] = await Promise.all([
    import('vite'),
    import('./vite.config.ts'),
  ]);
  const unfinished = join(DIST, `${UNFINISHED}${process.pid}`);
  await build(mergeConfig(config, { build: { outDir: unfinished } }));
  await publish(unfinished, folder);
  await removeOld(folder);
  return folder;
}

/** A published package has no lock file, and its page is as it was when it was packed. */
async function findShipped(): Promise<string | undefined> {
  if (!existsSync(DIST)) return undefined;
  const name = (await readdir(DIST)).find((entry) => !entry.startsWith(UNFINISHED));
  return name === undefined ? undefined : join(DIST, name);
}

/** Renaming shows the whole build at once; if another process was first, its build is the same. */
async function publish(unfinished: string, folder: string): Promise<void> {
  try {
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

async function removeOld(current: string): Promise<void> {
  for (const name of await readdir(DIST)) {
    const path = join(DIST, name);
    // Another process may be renaming or removing it at this moment.
    const modifiedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
    const isOld = Date.now() - modifiedMs > KEEP_MS;
    if (path !== current && isOld) await rm(path, { recursive: true, force: true });
  }
}

async function computeSourceHash(): Promise<string> {
  const folders = await Promise.all(
    ['src', ...SHARED].map((name) =>
      readdir(join(FOLDER, name), { recursive: true, withFileTypes: true }),
    ),
  );
  const files = folders.flat().filter((file) => file.isFile());
  const paths = [
    ...INPUTS.map((name) => join(FOLDER, name)),
    ...files.map((file) => join(file.parentPath, file.name)),
  ].sort();
  if (existsSync(LOCK)) paths.push(LOCK);
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(relative(FOLDER, path)).update('\0');
    hash.update(await readFile(path)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
