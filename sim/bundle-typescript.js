// TypeScript as JavaScript, for a Node that does not read it: bundled once, kept below node_modules, and made anew when a
// source has changed. Read by load-typescript.js alone.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { threadId } from 'node:worker_threads';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OWN = fileURLToPath(import.meta.url);
const CACHE = join(ROOT, 'node_modules', '.cache', 'zerogap');
/** [ms] bundles of older sources are kept this long: a process that began with one reads parts of it later */
const KEEP_MS = 7 * 24 * 3600 * 1000;
/** Prefix of a folder or file that a process is still writing. */
const UNFINISHED = 'unfinished-';

/** What processes and threads begin with: one bundle, whose parts they share. */
const ENTRIES = [
  'launch/bench/garbage-worker.ts',
  'launch/bench/ros-child.ts',
  'launch/bench/sim-thread.ts',
  'launch/cli.ts',
  'launch/episodes/worker.ts',
  'launch/train/preview-worker.ts',
  'policies/evaluation/flight-worker.ts',
  'policies/runtime/control-worker.ts',
  'policies/training/demonstration-worker.ts',
  'policies/training/program-worker.ts',
  'sim/vec-env/worker.ts',
];

/** @param {URL} url */
export function isOurs(url) {
  return fileURLToPath(url).startsWith(ROOT);
}

/**
 * @param {URL} url of a TypeScript module of this project
 * @returns {Promise<URL>} the same as JavaScript
 */
export async function bundleTypeScript(url) {
  const entry = relative(ROOT, fileURLToPath(url)).split(sep).join('/');
  const entries = ENTRIES.includes(entry) ? ENTRIES : [entry];
  const index = join(CACHE, `${hash(entries.join())}.json`);
  const folder = findFresh(index) ?? (await build(entries, index));
  return pathToFileURL(join(CACHE, folder, entry.replace(/\.ts$/, '.js')));
}

/** @returns {string | undefined} the folder of a bundle whose sources are as they were */
function findFresh(index) {
  const { folder, sources } = readIndex(index);
  if (folder === undefined || sources === undefined) return undefined;
  const isFresh = Object.entries(sources).every(([path, mark]) => {
    const now = statSync(join(ROOT, path), { throwIfNoEntry: false });
    return now !== undefined && describe(now) === mark;
  });
  return isFresh && existsSync(join(CACHE, folder)) ? folder : undefined;
}

/** What is no index any more is as if it were not there. */
function readIndex(index) {
  try {
    return JSON.parse(readFileSync(index, 'utf8'));
  } catch {
    return {};
  }
}

async function build(entries, index) {
  const esbuild = await import('esbuild');
  // How it is bundled is here.
  const sources = { [relative(ROOT, OWN)]: describe(statSync(OWN)) };
  // As deep as where it will lie, so that maps find their sources.
  const outdir = join(CACHE, 'bundle');
  const { outputFiles } = await esbuild.build({
    entryPoints: entries.map((entry) => join(ROOT, entry)),
    ...{ absWorkingDir: ROOT, outbase: ROOT, outdir, write: false, logLevel: 'silent' },
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20' },
    ...{ packages: 'external', sourcemap: 'linked', sourcesContent: false },
    plugins: [makeReader(sources)],
  });
  await esbuild.stop();
  const files = outputFiles.map(({ path, contents }) => ({
    path: relative(outdir, path),
    contents,
  }));
  const folder = hash(...files.flatMap(({ path, contents }) => [path, contents]));
  const unfinished = join(CACHE, `${UNFINISHED}${process.pid}-${threadId}`);
  for (const { path, contents } of files) {
    const file = join(unfinished, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  publish(unfinished, join(CACHE, folder));
  writeFileSync(`${unfinished}.json`, JSON.stringify({ folder, sources }));
  renameSync(`${unfinished}.json`, index);
  removeOld();
  return folder;
}

/** Reads modules, which find what lies beside them where they lie themselves, and notes which they were. */
function makeReader(sources) {
  return {
    name: 'sources',
    setup(build) {
      build.onLoad({ filter: /\.[jt]s$/, namespace: 'file' }, async ({ path }) => {
        sources[relative(ROOT, path)] = describe(await stat(path));
        const text = await readFile(path, 'utf8');
        const url = JSON.stringify(pathToFileURL(path).href);
        return { contents: text.replaceAll('import.meta.url', url), loader: 'ts' };
      });
    },
  };
}

/** Renaming shows the whole bundle at once; if another process was first, its bundle is the same. */
function publish(unfinished, folder) {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

function removeOld() {
  const names = readdirSync(CACHE);
  const indices = names.filter((name) => name.endsWith('.json'));
  const current = indices.map((name) => readIndex(join(CACHE, name)).folder);
  for (const name of names) {
    const path = join(CACHE, name);
    const isOld = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > KEEP_MS;
    if (!current.includes(name) && !indices.includes(name) && isOld) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function describe({ mtimeMs, size }) {
  return `${mtimeMs} ${size}`;
}

function hash(...parts) {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest('hex').slice(0, 16);
}
