/**
 * jax-js asks the browser who it is when it shapes its loops; Node 20 has no `navigator`. Node has no
 * web workers either, so all runs on one thread and sums come out in the same order each time.
 */
if (!('navigator' in globalThis)) {
  const value = { userAgent: 'Node.js', hardwareConcurrency: 1 };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
}

export {};
