/**
 * Runs a loader that was made for a page and talks to its console.
 * @returns its result, and what it said was wrong
 */
export function runQuietly<T>(load: () => T): { readonly result: T; readonly faults: string[] } {
  const faults: string[] = [];
  const { debug, warn, error } = console;
  const silent = () => {};
  Object.assign(console, {
    debug: silent,
    warn: silent,
    error: (...said: readonly unknown[]) => void faults.push(said.join(' ')),
  });
  try {
    return { result: load(), faults };
  } finally {
    Object.assign(console, { debug, warn, error });
  }
}
