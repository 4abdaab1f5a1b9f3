import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** Installed, so that no Node reads its TypeScript by itself. */
let project = '';
let outer = '';
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), 'zerogap-bundle-'));
  project = join(outer, 'node_modules', 'zerogap');
  write('package.json', '{ "type": "module" }');
  for (const name of ['bundle-typescript.js', 'load-typescript.js']) {
    mkdirSync(join(project, 'sim'), { recursive: true });
    cpSync(join(ROOT, 'sim', name), join(project, 'sim', name));
  }
  for (const name of ['esbuild', 'tsx', 'get-tsconfig']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(outer, 'node_modules', name));
  }
  write('beside.txt', 'what lies beside it');
  write('number.ts', 'export const NUMBER: number = 1;');
  write(
    'main.ts',
    `import { readFileSync } from 'node:fs';
    import { NUMBER } from './number.ts';
    const text: string = readFileSync(new URL('./beside.txt', import.meta.url), 'utf8');
    console.log(\`\${text}: \${NUMBER}\`);
    if (NUMBER === 3) throw new Error('three');`,
  );
  write(
    'main.js',
    `import { importTypeScript } from './sim/load-typescript.js';
    await importTypeScript(new URL('./main.ts', import.meta.url));`,
  );
});
afterEach(() => rmSync(outer, { recursive: true, force: true }));

function write(name: string, text: string): void {
  const path = join(project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const start = () => run(process.execPath, [join(project, 'main.js')]);
const listCache = () => readdirSync(join(project, 'node_modules', '.cache', 'zerogap')).sort();

describe('TypeScript of an installed package', () => {
  it('is bundled once, and anew when a source has changed', async () => {
    expect((await start()).stdout).toBe('what lies beside it: 1\n');
    const first = listCache();
    expect(first).toHaveLength(2);
    expect((await start()).stdout).toBe('what lies beside it: 1\n');
    expect(listCache()).toEqual(first);
    write('number.ts', 'export const NUMBER: number = 22;');
    expect((await start()).stdout).toBe('what lies beside it: 22\n');
    // A process may still be reading from the first one.
    const second = listCache();
    expect(second).toHaveLength(3);
    expect(second).toEqual(expect.arrayContaining(first));
    const index = second.find((name) => name.endsWith('.json'));
    write(`node_modules/.cache/zerogap/${index}`, 'cut off');
    expect((await start()).stdout).toBe('what lies beside it: 22\n');
    expect(listCache()).toEqual(second);
  });

  it('keeps what is in use however old it is, and for a week what is not', async () => {
    await start();
    const [first] = listCache().filter((name) => !name.endsWith('.json'));
    const age = (name: string, days: number) => {
      const then = Date.now() / 1000 - days * 24 * 3600;
      utimesSync(join(project, 'node_modules', '.cache', 'zerogap', name), then, then);
    };
    write('number.ts', 'export const NUMBER: number = 22;');
    age(first!, 6);
    await start();
    expect(listCache()).toContain(first);
    const [second] = listCache().filter((name) => !name.endsWith('.json') && name !== first);
    age(first!, 8);
    age(second!, 8);
    write('other.ts', 'console.log("other");');
    write(
      'main.js',
      `import { importTypeScript } from './sim/load-typescript.js';
      await importTypeScript(new URL('./other.ts', import.meta.url));`,
    );
    await start();
    expect(listCache()).toContain(second);
    expect(listCache()).not.toContain(first);
  });

  it('says where in its sources something went wrong', async () => {
    write('number.ts', 'export const NUMBER: number = 3;');
    await expect(start()).rejects.toThrow(/Error: three\s+at .*main\.ts:5:/);
    await expect(start()).rejects.toThrow(join(project, 'main.ts:5:'));
  });

  it.each([
    ['a file is where a folder should be', (path: string) => writeFileSync(path, '')],
    ['folders cannot be made', (path: string) => symlinkSync('/nowhere/at/all', path)],
  ])('is read all the same where %s for a bundle', async (_, spoil) => {
    mkdirSync(join(project, 'node_modules'));
    spoil(join(project, 'node_modules', '.cache'));
    expect((await start()).stdout).toBe('what lies beside it: 1\n');
  });

  it('is bundled by several processes at once as by one', async () => {
    const all = await Promise.all([start(), start(), start()]);
    for (const { stdout } of all) expect(stdout).toBe('what lies beside it: 1\n');
    expect(listCache()).toHaveLength(2);
  });
});
