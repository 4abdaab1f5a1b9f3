import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ZerogapTestHook } from '../../web-viewer/test-hook.ts';
import { closeBrowser, openBrowser } from '../kit/browser.ts';
import { openPage } from '../kit/browser-page.ts';
import { type RunningCli, readJsonLine, startCli } from '../kit/cli.ts';
import { ARM, writeDescribedArm } from '../kit/described-arm.ts';
import { comparePictures } from '../kit/pictures.ts';

/** Inside `page.evaluate` and `waitForFunction`: the page's own. */
declare const window: { readonly zerogap: ZerogapTestHook };
declare const requestAnimationFrame: (callback: (nowMs: number) => void) => void;

const SMALL = { viewport: { width: 920, height: 440 } };
/** Triangles of the tetrahedron that the upper arm is. */
const MESH_TRIANGLES = 4;

let cli: RunningCli;
let page: Page;
let problems: readonly string[];
let line: Record<string, unknown>;

beforeAll(async () => {
  const path = writeDescribedArm('impossible inertia');
  cli = startCli(['inspect', path, '--page', '--port', '0', '--json']);
  const text = await cli.waitFor(/\{.*"url".*\}/);
  line = JSON.parse(/^\{.*\}$/m.exec(text)![0]);
  // At a fixed resolution: a change of it would change every pixel.
  const watched = await openPage(`${String(line.url)}/?resolution=full`, {
    width: 1000,
    height: 600,
  });
  ({ page, problems } = watched);
  await page.waitForFunction((n) => window.zerogap.meshTriangles === n, MESH_TRIANGLES);
});

afterAll(async () => {
  await closeBrowser();
  cli.child.kill('SIGKILL');
});

const getSlider = (name: string) => page.getByRole('slider', { name, exact: true });
const readLink = (link: string) =>
  page.evaluate((name) => window.zerogap.getLinkPosition(name), link);

async function click(name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** The middle of the picture, without the controls at its lower edge. */
async function takePicture(): Promise<Buffer> {
  const { x, y, width, height } = (await page.locator('.canvas').boundingBox())!;
  // The pressed state reaches the picture with the next one.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  return page.screenshot({ clip: { x, y, width, height: height - 60 } });
}

describe('a description on the page', () => {
  it('is drawn although it has problems, which are listed by name beside its warnings', async () => {
    expect(line).toMatchObject({ kind: 'robot', ok: false });
    const list = page.getByRole('region', { name: 'Problems' });
    const errors = await list.locator('[data-severity="error"]').allTextContents();
    expect(errors.length).toBe((line.problems as string[]).length);
    expect(errors.join()).toMatch(/link\[tip\].*triangle inequality/);
    const warnings = await list.locator('[data-severity="warning"]').allTextContents();
    expect(warnings.join()).toMatch(/'gone.stl' of link 'tip'/);
    // The lowest point of the base stands on the floor.
    const [x, y, z] = (await readLink('base'))!;
    expect([x, y]).toEqual([0, 0]);
    expect(z).toBeCloseTo(ARM.floorToBase, 6);
    const { numColours, variance } = comparePictures(await takePicture(), await takePicture());
    expect(numColours).toBeGreaterThan(15);
    expect(variance).toBeGreaterThan(20);
  });

  it('moves its links when sliders are moved, within the limits, and what follows them', async () => {
    const before = await takePicture();
    await getSlider('shoulder').fill('0.5');
    const [x, , z] = (await readLink('tip'))!;
    // About y, a positive angle points the arm down: x = l cos q, z = h − l sin q.
    expect(x).toBeCloseTo(ARM.length * Math.cos(0.5), 3);
    const height = ARM.floorToBase + ARM.shoulderHeight;
    expect(z).toBeCloseTo(height - ARM.length * Math.sin(0.5), 3);
    expect(comparePictures(before, await takePicture()).changedShare).toBeGreaterThan(0.005);
    expect(await getSlider('shoulder').getAttribute('min')).toBe('-1');
    expect(await getSlider('shoulder').getAttribute('max')).toBe('1.5');

    await getSlider('grip').fill('0.2');
    expect((await readLink('left'))![1]).toBeCloseTo(0.2, 6);
    expect((await readLink('right'))![1]).toBeCloseTo(-0.2, 6);
    expect(await getSlider('follow').isDisabled()).toBe(true);
    await click('Home');
    expect((await readLink('tip'))![0]).toBeCloseTo(ARM.length, 6);
  });

  it('keeps the centre of mass up to date as joints move', async () => {
    const read = () => page.evaluate(() => window.zerogap.centreOfMass!);
    // 2 kg at 0; 1 kg at 0.2; 0.2 + 0.1 + 0.1 kg at 0.4: 0.36 / 3.4 along x.
    expect((await read())[0]).toBeCloseTo(0.36 / 3.4, 6);
    await getSlider('shoulder').fill('1.5');
    expect((await read())[0]).toBeCloseTo((0.36 / 3.4) * Math.cos(1.5), 6);
    await page.getByText('centre of mass, base').waitFor();
    await click('Home');
  });

  it('shows each kind of thing at the press of a button, and hides it at the next', async () => {
    const others = ['collisions', 'inertia', 'centre of mass', 'axes', 'frames', 'names'];
    const plain = await takePicture();
    let before = plain;
    for (const name of ['visuals', ...others]) {
      await click(name);
      const after = await takePicture();
      expect(comparePictures(before, after).changedShare, name).toBeGreaterThan(0.0005);
      before = after;
    }
    for (const name of ['visuals', ...others]) await click(name);
    expect(comparePictures(plain, await takePicture()).changedShare).toBe(0);
  });

  it('highlights what is selected in the tree or the picture, and says what is known of it', async () => {
    const plain = await takePicture();
    await page.getByTitle('joint shoulder, revolute').click();
    expect(comparePictures(plain, await takePicture()).changedShare).toBeGreaterThan(0.0005);
    const detail = page.getByRole('region', { name: 'Selection' });
    await detail.getByText('−1 … 1.5 rad').waitFor();
    await detail.getByText('0.25 0.125 0').waitFor();
    // The camera looks at the middle of the robot from the left; the base is below, to the right.
    const { x, y, width, height } = (await page.locator('.canvas').boundingBox())!;
    await page.mouse.click(x + 0.62 * width, y + 0.65 * height);
    await detail.getByRole('heading', { name: 'base' }).waitFor();
    await detail.getByText('2 kg', { exact: true }).waitFor();
    await click('limits');
    const row = page.getByRole('row', { name: 'shoulder' });
    expect(await row.getByRole('cell').allTextContents()).toEqual(['−1', '1.5', '3', '20']);
    await click('pose');
    await click('Clear selection');
  });

  it('appears although what it is comes before the page’s first picture', async () => {
    const slow = await (await openBrowser()).newPage({ ...SMALL, locale: 'en-US' });
    // Preact runs effects, which is when components begin to listen, after a picture or a timeout.
    await slow.addInitScript(() => {
      const hold = globalThis.setTimeout;
      Object.assign(globalThis, {
        setTimeout: (run: () => void, ms = 0) => hold(run, Math.max(ms, 1000)),
        requestAnimationFrame: (run: (ms: number) => void) => hold(() => run(0), 1000),
      });
    });
    await slow.goto(String(line.url));
    await slow.getByRole('slider', { name: 'shoulder', exact: true }).waitFor({ timeout: 10_000 });
    await slow.close();
  });

  it('ends with the command, which says by its exit code that there are problems', async () => {
    expect(problems).toEqual([]);
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.result;
    expect(code).toBe(2);
    expect(readJsonLine(stdout).url).toBe(line.url);
    await page.getByText('The command has ended.').waitFor();
    // What was read is still there to be looked at.
    await getSlider('shoulder').fill('0.5');
    expect((await readLink('tip'))![0]).toBeCloseTo(ARM.length * Math.cos(0.5), 3);
  });
});
