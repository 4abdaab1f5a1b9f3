/*
 * To be imported before anything that formats numbers: Chromium under LANG=C.UTF-8 says `en-US@posix`, which is no language
 * tag (BCP 47), and uPlot asks for it while it is loaded.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}
