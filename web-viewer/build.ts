import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(FOLDER, 'dist');
const HASH_FILE = join(DIST, '.hash');
/** Besides src/: everything else that decides what the page is. */
const INPUTS = ['index.html', 'protocol.ts', 'codec.ts', 'vite.config.ts', 'tsconfig.json'];
const LOCK = join(FOLDER, '..', 'package-lock.json');

let building: Promise<string> | undefined;

/**
 * Builds the page into web-viewer/dist if it is missing or its sources have changed since.
 * Callers at the same time share one build.
 * @returns the folder to serve
 */
export function ensurePageBuilt(): Promise<string> {
  building ??= buildIfChanged().finally(() => {
    building = undefined;
  });
  return building;
}

async function buildIfChanged(): Promise<string> {
  // A published package carries dist, perhaps without the sources.
  if (!existsSync(join(FOLDER, 'src'))) return DIST;
  const hash = await computeSourceHash();
  if (existsSync(HASH_FILE) && (await readFile(HASH_FILE, 'utf8')) === hash) return DIST;
  // Both are only needed, and only loaded, when there is something to build.
  const [{ build }, { default: config }] = await Promise.all([
    import('vite'),
    import('./vite.config.ts'),
  ]);
  await build(config);
  await mkdir(DIST, { recursive: true });
  await writeFile(HASH_FILE, hash);
  return DIST;
}

async function computeSourceHash(): Promise<string> {
  const files = await readdir(join(FOLDER, 'src'), { recursive: true, withFileTypes: true });
  const paths = [
    ...INPUTS.map((name) => join(FOLDER, name)),
    ...files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name)),
  ].sort();
  if (existsSync(LOCK)) paths.push(LOCK);
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(path.slice(FOLDER.length)).update('\0');
    hash.update(await readFile(path)).update('\0');
  }
  return hash.digest('hex');
}
