import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensurePageBuilt } from '../../web-viewer/build.ts';

describe('building the page', () => {
  it('gives callers at the same time one finished build, and later ones the same', async () => {
    const [first, second] = await Promise.all([ensurePageBuilt(), ensurePageBuilt()]);
    expect(second).toBe(first);
    expect(await ensurePageBuilt()).toBe(first);
    // Named after its sources: 16 hexadecimal digits.
    expect(basename(first)).toMatch(/^[0-9a-f]{16}$/);
    expect(existsSync(join(first, 'index.html'))).toBe(true);
  });

  it('makes one script and one style sheet, so that a page is there after three requests', async () => {
    const assets = readdirSync(join(await ensurePageBuilt(), 'assets'));
    expect(assets.map((name) => name.split('.').at(-1)).sort()).toEqual(['css', 'js']);
  });
});
