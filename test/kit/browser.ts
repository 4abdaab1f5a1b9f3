import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/** [ms] A page that is drawn without a graphics card stands still for long where others want the processor, too. */
export const BROWSER_PATIENCE_MS = 150_000;

let opening: Promise<Browser> | undefined;

/**
 * A real Chromium with WebGL 2 (SwiftShader) that comes with `npm ci`; opened once per process.
 * The package's flags include --no-sandbox: containers run tests as root, and only our own page is opened.
 */
export function openBrowser(): Promise<Browser> {
  opening ??= launch();
  return opening;
}

export async function closeBrowser(): Promise<void> {
  const browser = await opening;
  opening = undefined;
  await browser?.close();
}

async function launch(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    // One process for everything saves memory where the package comes from, and dies as one.
    args: chromium.args.filter((arg) => arg !== '--single-process'),
    headless: true,
  });
}
