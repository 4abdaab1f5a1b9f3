import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ZerogapTestHook } from '../../web-viewer/test-hook.ts';
import { closeBrowser } from '../kit/browser.ts';
import { openPage } from '../kit/browser-page.ts';
import { type RunningCli, readJsonLine, startCli } from '../kit/cli.ts';

/** Inside `page.evaluate` and `waitForFunction`: the page's own. */
declare const window: { readonly zerogap: ZerogapTestHook };

const ROBOTS = ['cf00', 'cf01', 'cf02', 'cf03'] as const;
/** Height of base_link when the Crazyflie's legs stand on the ground, and some for the estimator. [m] */
const ON_THE_GROUND = 0.05;

let cli: RunningCli;
let url = '';

beforeAll(async () => {
  cli = startCli([
    ...['start', '--robots', String(ROBOTS.length), '--port', '0', '--no-record', '--json'],
  ]);
  const text = await cli.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)![0];
});

afterAll(async () => {
  await closeBrowser();
  cli.child.kill('SIGKILL');
});

describe('the demo, from the command line to the browser and back', () => {
  it('flies under the ONNX policy, falls when STOP is pressed, flies again when reset and cleared', async () => {
    const { page, problems } = await openPage(url, { width: 1000, height: 600 });
    const height = (robot: string) =>
      page.evaluate((name) => window.zerogap.getPosition(name)?.[2] ?? Number.NaN, robot);
    const waitForAll = (above: boolean, limit: number) =>
      page.waitForFunction(
        ([names, isAbove, z]) =>
          names.every((name) => {
            const now = window.zerogap.getPosition(name)?.[2];
            return now !== undefined && (isAbove ? now > z : now < z);
          }),
        [ROBOTS, above, limit] as const,
      );

    // Courses lie between 0.7 m and 1.3 m; take-off is from the ground.
    await waitForAll(true, 0.5);
    const [before] = await page.evaluate(() => [window.zerogap.getPosition('cf00')]);
    await page.waitForFunction(
      ([x, y]) => {
        const now = window.zerogap.getPosition('cf00')!;
        return Math.hypot(now[0]! - x!, now[1]! - y!) > 0.2;
      },
      before!.slice(0, 2),
    );
    expect(await page.evaluate(() => window.zerogap.pathPoints.length)).toBe(ROBOTS.length);

    await page.getByRole('button', { name: 'STOP ALL' }).click();
    await waitForAll(false, ON_THE_GROUND);
    await page.waitForFunction(
      (names) => names.every((name) => window.zerogap.getSafety(name) === 'stop'),
      ROBOTS,
    );
    // Stays down although the policy goes on.
    await page.waitForTimeout(500);
    for (const robot of ROBOTS) expect(await height(robot)).toBeLessThan(ON_THE_GROUND);

    // Back at the start, but stopped until a person says otherwise.
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('button', { name: 'Reset: sure?' }).click();
    await page.waitForTimeout(500);
    for (const robot of ROBOTS) expect(await height(robot)).toBeLessThan(ON_THE_GROUND);
    await page.getByRole('button', { name: 'Clear stop' }).click();
    await page.getByRole('button', { name: 'Clear stop: sure?' }).click();
    await waitForAll(true, 0.5);
    expect(problems).toEqual([]);
    await page.close();

    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.result;
    expect(code).toBe(0);
    const summary = readJsonLine(stdout) as {
      viewer: { framesSent: number };
      safety: { stop: number };
    };
    expect(summary.viewer.framesSent).toBeGreaterThan(30);
    expect(summary.safety.stop).toBeGreaterThan(0);
  });
});
