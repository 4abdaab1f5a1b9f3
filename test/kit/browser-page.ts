import type { Page } from 'playwright-core';
import { BROWSER_PATIENCE_MS, openBrowser } from './browser.ts';

/** Inside the page. */
declare const navigator: object;

export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the page's console, and uncaught errors. */
  readonly problems: readonly string[];
}

/**
 * Opens an address in a fresh tab and listens for everything that goes wrong in it.
 * @param language what the browser says that the user's is, if it is to say something odd
 */
export async function openPage(
  url: string,
  viewport: { readonly width: number; readonly height: number },
  language?: string,
): Promise<WatchedPage> {
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport, locale: 'en-US' });
  page.setDefaultTimeout(BROWSER_PATIENCE_MS);
  if (language !== undefined) await page.addInitScript(sayLanguage, language);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const type = message.type();
    // The software renderer complains of its own slowness when a test reads pixels.
    if ((type === 'error' || type === 'warning') && !/GPU stall/.test(message.text())) {
      problems.push(`${type}: ${message.text()}`);
    }
  });
  await page.goto(url);
  return { page, problems };
}

/** Inside the page. */
function sayLanguage(value: string): void {
  Object.defineProperty(navigator, 'language', { value, configurable: true });
}
