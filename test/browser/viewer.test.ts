import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import { makeViewerNode, type ViewerNode, type ViewerOptions } from '../../nodes/viewer-node.ts';
import type { ZerogapTestHook } from '../../web-viewer/test-hook.ts';
import { closeBrowser } from '../kit/browser.ts';
import { openPage, type WatchedPage } from '../kit/browser-page.ts';
import { comparePictures } from '../kit/pictures.ts';
import { buildScene } from '../kit/scenes.ts';
import {
  FLEET_MAP_FROM_ODOM,
  FLEET_MODEL,
  FLEET_ROBOTS,
  PATH_POINTS,
  publishFleet,
} from './published-fleet.ts';

/** Inside `page.evaluate` and `waitForFunction`: the page's own. */
declare const window: { readonly zerogap: ZerogapTestHook };

const LAPTOP = { width: 1000, height: 600 };
const PHONE = { width: 360, height: 640 };

const context = makeEmbeddedContext({ log: () => {} });
const fleet = publishFleet(context);
let viewer: ViewerNode;
const pages: Page[] = [];

function startViewer(options: Partial<ViewerOptions> = {}): Promise<ViewerNode> {
  return makeViewerNode(context, {
    model: FLEET_MODEL,
    robots: FLEET_ROBOTS,
    mapFromOdom: FLEET_MAP_FROM_ODOM,
    host: '127.0.0.1',
    port: 0,
    frameRateHz: 30,
    runInfo: { profile: 'test' },
    ...options,
  });
}

/** A page that has received frames and paths. */
async function openViewer(url = viewer.url, viewport = LAPTOP): Promise<WatchedPage> {
  const watched = await openPage(url, viewport);
  pages.push(watched.page);
  await watched.page.waitForFunction(() => window.zerogap.framesReceived > 5);
  return watched;
}

async function click(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click();
}

const getStop = (page: Page) => page.getByRole('button', { name: 'STOP ALL' });

beforeAll(async () => {
  viewer = await startViewer();
});

afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
});

afterAll(async () => {
  await closeBrowser();
  await viewer.close();
  fleet.close();
  await context.shutdown();
});

describe('the page in a real browser', () => {
  it('draws robots that move, and that stand still once stopped, with a clean console', async () => {
    // At a fixed resolution: a change of it would change every pixel.
    const { page, problems } = await openViewer(`${viewer.url}/?resolution=full`);
    for (const layer of ['targets', 'courses', 'trails', 'forces', 'shadows'])
      await click(page, layer);
    // In the right half fly cf02 and cf03; cf00, on the left, wears the selection's ring and label.
    const box = (await page.locator('.canvas').boundingBox())!;
    const clip = { ...box, x: box.x + box.width / 2, width: box.width / 2 };
    const takePicture = () => page.screenshot({ clip });
    const before = await takePicture();
    await page.waitForTimeout(600);
    const moving = comparePictures(before, await takePicture());
    // A blank canvas has 1 colour, variance 0 and nothing that changes.
    expect(moving.numColours).toBeGreaterThan(20);
    expect(moving.variance).toBeGreaterThan(20);
    expect(moving.changedShare).toBeGreaterThan(0.001);

    await getStop(page).click();
    await page.getByText('4 of 4 stopped').waitFor();
    await page.waitForTimeout(600);
    const standing = comparePictures(await takePicture(), await takePicture());
    expect(standing.changedShare).toBeLessThan(moving.changedShare / 10);
    await click(page, 'Clear stop');
    await click(page, 'Clear stop');
    await page.getByText('clear_stop: 4 robots did it').first().waitFor();
    expect(problems).toEqual([]);
  });

  it('draws the ground, what stands there and what moves there, with a clean console', async () => {
    const scene = buildScene({
      ground: { kind: 'rough', size: [8, 8], cellSize: 0.1 },
      boxes: [{ count: 5, area: [5, 5] }],
      moving: [{ count: 2, path: 'circle', reach: 1.5, speed: 1, area: [6, 6] }],
    });
    const scenic = await startViewer({ scene });
    try {
      const takePicture = async (from: Page) => {
        const clip = (await from.locator('.canvas').boundingBox())!;
        return from.screenshot({ clip });
      };
      const bare = await openViewer(`${viewer.url}/?resolution=full`);
      const empty = await takePicture(bare.page);
      await bare.page.close();
      const { page, problems } = await openViewer(`${scenic.url}/?resolution=full`);
      // Ground fills most of the picture; robots alone change a few per cent.
      expect(comparePictures(await takePicture(page), empty).changedShare).toBeGreaterThan(0.3);
      // Where nobody has told when an episode began, obstacles stand still; then they go their ways.
      await getStop(page).click();
      await page.getByText('4 of 4 stopped').waitFor();
      for (const layer of ['targets', 'courses', 'trails', 'forces', 'shadows'])
        await click(page, layer);
      await page.waitForTimeout(600);
      const still = comparePictures(await takePicture(page), await takePicture(page));
      fleet.beginEpisode();
      await page.waitForTimeout(1000);
      const before = await takePicture(page);
      await page.waitForTimeout(600);
      const moving = comparePictures(before, await takePicture(page));
      expect(moving.changedShare).toBeGreaterThan(10 * still.changedShare);
      expect(moving.changedShare).toBeGreaterThan(0.001);
      await click(page, 'Clear stop');
      await click(page, 'Clear stop');
      await page.getByText('clear_stop: 4 robots did it').first().waitFor();
      expect(problems).toEqual([]);
    } finally {
      await scenic.close();
    }
  });

  it('shows each robot where its odometry and its place in the map put it', async () => {
    const { page } = await openViewer();
    const [first, second] = await page.evaluate(() => [
      window.zerogap.getPosition('cf00'),
      window.zerogap.getPosition('cf01'),
    ]);
    // All circle with radius 0.25 m at 0.5 m height; neighbours stand 0.6 m apart along x.
    expect(Math.hypot(first![0]!, first![1]!)).toBeCloseTo(0.25, 5);
    expect(first![2]).toBeCloseTo(0.5, 6);
    expect(second![0]! - first![0]!).toBeCloseTo(0.6, 5);
    await page.waitForFunction(
      (x) => Math.abs((window.zerogap.getPosition('cf00')?.[0] ?? x) - x) > 0.05,
      first![0]!,
    );
  });

  it('gives somebody who comes late the courses', async () => {
    const { page } = await openViewer();
    const numPoints = await page.evaluate(() => window.zerogap.pathPoints);
    expect(numPoints).toEqual(FLEET_ROBOTS.map(() => PATH_POINTS));
  });

  it('stops at the first touch and shows the service’s answer', async () => {
    const { page } = await openViewer();
    const calls = fleet.calls.length;
    await getStop(page).click();
    await page.getByText('stop: 4 robots did it').first().waitFor();
    expect(fleet.calls.slice(calls)).toEqual(['stop']);
    await page.waitForFunction(() => window.zerogap.getSafety('cf03') === 'stop');
  });

  it('stops when Escape is pressed twice, not once', async () => {
    const { page } = await openViewer();
    const calls = fleet.calls.length;
    await page.keyboard.press('Escape');
    await page.waitForTimeout(1200);
    expect(fleet.calls.length).toBe(calls);
    // Nothing is awaited in between: a machine that is busy elsewhere takes a second to answer the first press.
    const presses = [0, 1].flatMap(() => [
      page.keyboard.down('Escape'),
      page.keyboard.up('Escape'),
    ]);
    await Promise.all(presses);
    await page.getByText('stop: 4 robots did it').first().waitFor();
    expect(fleet.calls.slice(calls)).toEqual(['stop']);
  });

  it('asks again before it clears a stop', async () => {
    const { page } = await openViewer();
    const calls = fleet.calls.length;
    await click(page, 'Clear stop');
    await page.getByRole('button', { name: 'Clear stop: sure?' }).waitFor();
    expect(fleet.calls.length).toBe(calls);
    await click(page, 'Clear stop');
    await page.getByText('clear_stop: 4 robots did it').first().waitFor();
    expect(fleet.calls.slice(calls)).toEqual(['clear_stop']);
  });

  it('says that it is disconnected, and comes back when the server does', async () => {
    const port = Number(new URL(viewer.url).port);
    const { page } = await openViewer();
    await viewer.close();
    await page.getByText(/Disconnected last data.*The stop button cannot reach/).waitFor();
    expect(await getStop(page).isDisabled()).toBe(true);
    const before = await page.evaluate(() => window.zerogap.framesReceived);
    viewer = await startViewer({ port });
    await page.waitForFunction((n) => window.zerogap.framesReceived > n + 5, before);
    expect(await getStop(page).isEnabled()).toBe(true);
  });

  it('keeps the stop button inside a phone’s screen, whatever panel is open', async () => {
    const { page } = await openViewer(viewer.url, PHONE);
    for (const tab of ['robots', 'signals', 'events']) {
      await page.getByRole('button', { name: tab, exact: true }).click();
      const box = await getStop(page).boundingBox();
      expect(box).not.toBeNull();
      expect(box!.y).toBeGreaterThan(0);
      expect(box!.y + box!.height).toBeLessThanOrEqual(PHONE.height);
      expect(box!.width).toBeGreaterThan(0.8 * PHONE.width);
      await getStop(page).click({ trial: true });
    }
  });

  it('lets a spectator look, with every button off', async () => {
    const spectators = await startViewer({ actions: [], port: 0 });
    const { page } = await openViewer(spectators.url);
    expect(await getStop(page).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Reset' }).isDisabled()).toBe(true);
    await spectators.close();
    await page.getByText(/Disconnected last data/).waitFor();
    expect(await page.getByText('stop button').count()).toBe(0);
  });
});
