import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from './kit/cli.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const FOLDERS = ['sim', 'policies', 'nodes', 'launch', 'web-viewer', 'test'];

const pages = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !/node_modules|dist\//.test(file))
      .map((file) => join(folder, file)),
  ),
].map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe('the docs', () => {
  it('have a page for each folder', () => {
    const paths = pages.map(({ path }) => path);
    for (const folder of FOLDERS) expect(paths).toContain(join(folder, 'README.md'));
  });

  it('link only to files that exist', () => {
    const broken = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(ROOT, dirname(path), target)))
        .map((target) => `${path} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const unknown = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([a-z:-]+)/g)]
        .map(([, name]) => name!)
        .filter((name) => scripts[name] === undefined)
        .map((name) => `${path}: npm run ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('name only commands that exist, and each command explains itself', async () => {
    const named = pages.flatMap(({ text }) =>
      [...text.matchAll(/npx zerogap ([a-z]+)/g)].map(([, name]) => name!),
    );
    for (const name of new Set([...named, 'start', 'inspect', 'replay', 'clone', 'bench'])) {
      const { code, stdout } = await runCli([name, '--help']);
      expect(code, name).toBe(0);
      expect(stdout).toContain(`Usage: zerogap ${name}`);
    }
  });
});
