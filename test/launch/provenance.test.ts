import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommit, readOrigin } from '../../launch/provenance.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'zerogap-provenance-'));
  writePackage(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function writePackage(folder: string): void {
  mkdirSync(join(folder, 'sim'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.3" }');
  writeFileSync(join(folder, 'sim/world.ts'), 'export const g = 9.81;');
}

function git(...args: readonly string[]): string {
  const name = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...name, ...args], { cwd: root, encoding: 'utf8' }).trim();
}

function commitAll(): string {
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'first');
  return git('rev-parse', 'HEAD');
}

describe('the commit that runs', () => {
  it('is that of the package in a work tree of its own, and its version where there is none', () => {
    expect(readCommit(root)).toBe('package 1.2.3');
    const head = commitAll();
    expect(readCommit(root)).toBe(head);
  });

  it('is not that of the project into which the package was installed', () => {
    commitAll();
    const installed = join(root, 'node_modules/zerogap');
    writePackage(installed);
    expect(readCommit(installed)).toBe('package 1.2.3');
  });

  it('tells code that was changed in one way from code that was changed in another', () => {
    const head = commitAll();
    const seen = new Set<string>();
    for (const g of [1, 2]) {
      writeFileSync(join(root, 'sim/world.ts'), `export const g = ${g};`);
      seen.add(readCommit(root));
      writeFileSync(join(root, 'sim/moon.ts'), `export const g = ${g};`);
      seen.add(readCommit(root));
    }
    expect(seen.size).toBe(4);
    for (const one of seen) expect(one).toMatch(new RegExp(`^${head}-dirty\\.[0-9a-f]{12}$`));
  });

  it('is not changed by what no code is', () => {
    const head = commitAll();
    writeFileSync(join(root, 'notes.txt'), 'gravity?');
    expect(readCommit(root)).toBe(head);
  });
});

describe('what computes', () => {
  it('has a version wherever it was installed', () => {
    expect(readOrigin().versions).toMatchObject({
      '@dimforge/rapier3d-simd-compat': expect.stringMatching(/^\d/),
      'onnxruntime-node': expect.stringMatching(/^\d/),
    });
  });
});
