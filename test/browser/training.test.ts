import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ZerogapTestHook } from '../../web-viewer/test-hook.ts';
import { closeBrowser } from '../kit/browser.ts';
import { openPage } from '../kit/browser-page.ts';
import { type RunningCli, startCli } from '../kit/cli.ts';

/** Inside `page.evaluate` and `waitForFunction`: the page's own. */
declare const window: { readonly zerogap: ZerogapTestHook };

let folder: string;
let cli: RunningCli;
let page: Page;
let problems: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerogap-training-page-'));
  cli = startCli([
    ...['train', '--task', 'crazyflie-hover', '--steps', '100000000', '--out', join(folder, 'run')],
    ...['--num-envs', '16', '--workers', '1', '--port', '0'],
    ...['--set', 'evaluation.everyRounds=4', '--set', 'evaluation.episodes=2'],
  ]);
  const text = await cli.waitFor(/http:\S+:\d+/);
  const address = /http:\S+:\d+/.exec(text)![0];
  // As Chromium says under LANG=C.UTF-8.
  const language = 'en-US@posix';
  ({ page, problems } = await openPage(address, { width: 1200, height: 800 }, language));
});

afterAll(async () => {
  await closeBrowser();
  cli.child.kill('SIGKILL');
  await cli.result;
  rmSync(folder, { recursive: true, force: true });
});

describe('the page of a run that learns', () => {
  it('draws curves that go on as rounds do, and success by what was drawn', async () => {
    const status = page.getByRole('status', { name: 'Progress' });
    await page.waitForFunction(
      (element) => /round [1-9]/.test(element?.textContent ?? ''),
      await status.elementHandle(),
    );
    const before = await status.textContent();
    await expect.poll(() => status.textContent(), { timeout: 20_000 }).not.toBe(before);
    for (const title of ['Return', 'Success', 'Episode', 'Speed']) {
      const chart = page.getByRole('figure', { name: title, exact: true });
      expect(await chart.locator('canvas').count()).toBe(1);
    }
    const value = page.getByRole('figure', { name: 'Speed', exact: true }).locator('b');
    expect(Number(await value.textContent())).toBeGreaterThan(0);
    const success = page.getByRole('region', { name: 'Success by what was drawn' });
    await success.getByText('%', { exact: false }).or(success.locator('.bin')).first().waitFor();
    expect(await success.locator('.context').count()).toBeGreaterThan(3);
  });

  it('shows a few robots that move, and says that they are not those that are learnt from', async () => {
    await page.waitForFunction(() => window.zerogap.framesReceived > 5);
    const read = () => page.evaluate(() => window.zerogap.getPosition('p0'));
    const before = await read();
    await expect.poll(read, { timeout: 20_000 }).not.toEqual(before);
    expect(await page.evaluate(() => window.zerogap.robots.length)).toBe(6);
    await page.getByText(/6 robots beside the 16 that are learnt from/).waitFor();
    await page
      .getByText(/success [\d.]+ %, return/)
      .first()
      .waitFor({ timeout: 30_000 });
    // There is nothing to stop here but the run itself, which is its terminal's to do.
    expect(await page.getByRole('button', { name: /stop/i }).count()).toBe(0);
    expect(problems).toEqual([]);
  });
});
