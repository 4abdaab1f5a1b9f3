/**
 * jax-js asks the browser how many threads to use; Node 20 has no `navigator`. One thread also makes
 * sums come out in the same order each time.
 */
if (!('navigator' in globalThis)) {
  Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 1 } });
}

export {};
