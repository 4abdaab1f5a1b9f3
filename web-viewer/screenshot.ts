import { writeFile } from 'node:fs/promises';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import chromium from '@sparticuz/chromium';
import { type Page, chromium as playwright } from 'playwright-core';
import { joinFrames, PATIENCE_MS, takeFrames } from './frame-strip.ts';

/** [px] that a browser scrolls by one notch of a mouse wheel */
const NOTCH = 100;
/** [ms] until the view stands after the wheel */
const SETTLE_MS = 1500;

const USAGE = `Takes a picture of a running viewer, or a strip of them, for documentation.

  npm run screenshot -- [options]

  --url ADDRESS    of the page (http://127.0.0.1:8080)
  --out FILE       PNG to write (viewer.png)
  --width PIXELS   of the picture (1440)
  --height PIXELS  of the picture (860)
  --wait SECONDS   from opening the page to the picture (12)
  --select ROBOT   robot to select
  --follow ROBOT   robot to select and to follow
  --toggle NAME    layer to switch, such as collisions; may be repeated
  --zoom NOTCHES   of the mouse wheel, towards the middle of the view (0)
  --orbit AZ,EL    degrees that the camera turns about what it looks at: to its right, up (0,0)
  --frames COUNT   so many pictures of the view's middle side by side in one (1: the whole page once)
  --every SECONDS  of the robots' clock between them (0.1)
  --crop WxH       pixels of each of them (320x260)
  --columns COUNT  of them in a row (all)
  --help           this text
`;

const OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1:8080' },
  out: { type: 'string', default: 'viewer.png' },
  width: { type: 'string', default: '1440' },
  height: { type: 'string', default: '860' },
  wait: { type: 'string', default: '12' },
  select: { type: 'string' },
  follow: { type: 'string' },
  zoom: { type: 'string', default: '0' },
  orbit: { type: 'string', default: '0,0' },
  frames: { type: 'string', default: '1' },
  every: { type: 'string', default: '0.1' },
  crop: { type: 'string', default: '320x260' },
  columns: { type: 'string' },
  toggle: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    for (const name of ['width', 'height', 'wait', 'every'] as const) {
      if (!(Number(values[name]) > 0))
        throw new TypeError(`--${name} '${values[name]}' is no number above 0`);
    }
    for (const name of ['frames', 'columns'] as const) {
      const count = values[name] ?? values.frames;
      if (!/^[1-9]\d*$/.test(count))
        throw new TypeError(`--${name} '${count}' is no whole number above 0`);
    }
    if (!Number.isFinite(Number(values.zoom)))
      throw new TypeError(`--zoom '${values.zoom}' is no number`);
    if (!/^-?\d+,-?\d+$/.test(values.orbit))
      throw new TypeError(`--orbit '${values.orbit}' is not like 90,-15`);
    if (!/^[1-9]\d*x[1-9]\d*$/.test(values.crop))
      throw new TypeError(`--crop '${values.crop}' is not like 320x260`);
    return values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const values = readOptions();
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const browser = await playwright.launch({
  executablePath: await chromium.executablePath(),
  args: chromium.args.filter((arg) => arg !== '--single-process'),
});
try {
  await takePicture();
} catch (error) {
  const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
  process.stderr.write(`no picture of ${values.url}: ${why}\n`);
  process.exitCode = 1;
} finally {
  await browser.close();
}

async function takePicture(): Promise<void> {
  const viewport = { width: Number(values.width), height: Number(values.height) };
  // The page forbids eval, which waiting for the robots' clock needs.
  const page = await browser.newPage({ viewport, locale: 'en-US', bypassCSP: true });
  const address = new URL(values.url);
  address.searchParams.set('resolution', 'full');
  await page.goto(address.href);
  const robot = values.follow ?? values.select;
  if (robot !== undefined) await page.getByRole('button', { name: `${robot},` }).click();
  if (values.follow !== undefined) await page.getByRole('button', { name: 'Follow' }).click();
  for (const name of values.toggle) await page.getByRole('button', { name, exact: true }).click();
  await page.waitForTimeout(1000 * Number(values.wait));
  const [azimuth, elevation] = values.orbit.split(',').map(Number) as [number, number];
  if (azimuth !== 0 || elevation !== 0) await orbit(page, azimuth, elevation);
  if (Number(values.zoom) !== 0) await zoom(page);
  const count = Number(values.frames);
  if (count === 1) {
    await writeFile(values.out, await page.screenshot({ timeout: PATIENCE_MS }));
    return;
  }
  const [width, height] = values.crop.split('x').map(Number) as [number, number];
  const options = { count, everyS: Number(values.every), width, height };
  const frames = await takeFrames(page, options);
  await writeFile(values.out, await joinFrames(browser, frames, Number(values.columns ?? count)));
}

/** Points at the middle of the view; returns its height. [px] */
async function pointAtMiddle(page: Page): Promise<{ x: number; y: number; height: number }> {
  const view = await page.locator('canvas').first().boundingBox();
  if (view === null) throw new Error('the page has no view');
  const middle = { x: view.x + view.width / 2, y: view.y + view.height / 2, height: view.height };
  await page.mouse.move(middle.x, middle.y);
  return middle;
}

/** Drags the view: its height is a whole turn. */
async function orbit(page: Page, azimuth: number, elevation: number): Promise<void> {
  const { x, y, height } = await pointAtMiddle(page);
  await page.mouse.down();
  await page.mouse.move(x - (azimuth / 360) * height, y + (elevation / 360) * height, { steps: 8 });
  await page.mouse.up();
  await page.waitForTimeout(SETTLE_MS);
}

/** Turns the wheel over the middle of the view, where a followed robot is: the view grows towards the pointer. */
async function zoom(page: Page): Promise<void> {
  await pointAtMiddle(page);
  await page.mouse.wheel(0, -NOTCH * Number(values.zoom));
  await page.waitForTimeout(SETTLE_MS);
}
