/** Runs a loader that was made for a page and talks to its console. */
export function runQuietly<T>(load: () => T): T {
  const { debug, warn, error } = console;
  const silent = () => {};
  Object.assign(console, { debug: silent, warn: silent, error: silent });
  try {
    return load();
  } finally {
    Object.assign(console, { debug, warn, error });
  }
}
