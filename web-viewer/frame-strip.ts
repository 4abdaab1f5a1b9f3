import type { Browser, Page } from 'playwright-core';

export interface FrameStripOptions {
  /** [1] pictures side by side */
  readonly count: number;
  /** [s] of the robots' own clock between two pictures; one that comes later is labelled with its own time */
  readonly everyS: number;
  /** [px] of each picture, out of the middle of the 3D view */
  readonly width: number;
  readonly height: number;
}

interface StripFrame {
  /** [s] since the first */
  readonly timeS: number;
  readonly png: Buffer;
}

/** [s] stamp of the newest frame, as the page's test hook tells it. */
const CLOCK = 'window.zerogap.timeS';
/** [ms] for the robots' clock to go on, and for a browser without a graphics card to draw */
export const PATIENCE_MS = 180_000;
/** [ms] between looks at it */
const LOOK_MS = 5;

/**
 * Takes pictures of a page whose robots move. Whoever draws slowly plays a recording slowly: `zerogap replay --rate 0.1`.
 * @throws Error when the robots' clock stands still
 */
export async function takeFrames(page: Page, options: FrameStripOptions): Promise<StripFrame[]> {
  const { count, everyS } = options;
  const clip = await computeClip(page, options);
  const frames: StripFrame[] = [];
  const startS = await readTime(page);
  for (let k = 0; k < count; k++) {
    const dueS = startS + k * everyS;
    const look = { timeout: PATIENCE_MS, polling: LOOK_MS };
    await page.waitForFunction(`${CLOCK} >= ${dueS}`, undefined, look);
    const timeS = await readTime(page);
    frames.push({
      timeS: timeS - startS,
      png: await page.screenshot({ clip, timeout: PATIENCE_MS }),
    });
  }
  return frames;
}

function readTime(page: Page): Promise<number> {
  return page.evaluate<number>(CLOCK);
}

/** The middle of the 3D view. */
async function computeClip(page: Page, { width, height }: FrameStripOptions) {
  const view = await page.locator('main.viewport').boundingBox();
  if (view === null) throw new Error('the page has no 3D view');
  const w = Math.min(width, view.width);
  const h = Math.min(height, view.height);
  return {
    x: view.x + (view.width - w) / 2,
    y: view.y + (view.height - h) / 2,
    width: w,
    height: h,
  };
}

/**
 * One PNG of all pictures, each with its time below it; the browser draws it.
 * @param columns [1] pictures in a row
 */
export async function joinFrames(
  browser: Browser,
  frames: readonly StripFrame[],
  columns = frames.length,
): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
  try {
    const figures = frames.map(
      ({ png, timeS }) =>
        `<figure><img src="data:image/png;base64,${png.toString('base64')}"><figcaption>${timeS.toFixed(2)} s</figcaption></figure>`,
    );
    await page.setContent(`<style>
body { margin: 0; }
#strip { display: inline-grid; grid-template-columns: repeat(${columns}, auto); gap: 2px; background: #fff; }
figure { margin: 0; font: 13px/20px system-ui, sans-serif; text-align: center; color: #222; }
img { display: block; }
</style><div id="strip">${figures.join('')}</div>`);
    const strip = page.locator('#strip');
    const box = await strip.boundingBox();
    if (box !== null) {
      await page.setViewportSize({ width: Math.ceil(box.width), height: Math.ceil(box.height) });
    }
    return await strip.screenshot();
  } finally {
    await page.close();
  }
}
