import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';

/*
 * Takes a picture of a running viewer, for documentation:
 *   npm run screenshot -- --url http://127.0.0.1:8080 --out docs/viewer.png --wait 15 --follow cf05
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    out: { type: 'string', default: 'viewer.png' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '860' },
    /** [s] from opening the page to the picture */
    wait: { type: 'string', default: '12' },
    /** Robot to select. */
    select: { type: 'string' },
    /** Robot to select and to follow. */
    follow: { type: 'string' },
  },
});

const browser = await playwright.launch({
  executablePath: await chromium.executablePath(),
  args: chromium.args.filter((arg) => arg !== '--single-process'),
});
const viewport = { width: Number(values.width), height: Number(values.height) };
const page = await browser.newPage({ viewport, locale: 'en-US' });
const address = new URL(values.url);
address.searchParams.set('resolution', 'full');
await page.goto(address.href);
const robot = values.follow ?? values.select;
if (robot !== undefined) await page.getByRole('button', { name: `${robot},` }).click();
if (values.follow !== undefined) await page.getByRole('button', { name: 'Follow' }).click();
await page.waitForTimeout(1000 * Number(values.wait));
await writeFile(values.out, await page.screenshot());
await browser.close();
