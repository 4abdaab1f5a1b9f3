// Fills a mailbox with 1, 2, 3, … as fast as it can, in a thread of its own, until told to stop.
import { workerData } from 'node:worker_threads';
import { importTypeScript } from '../../sim/load-typescript.js';

const { makeMailboxWriter } = await importTypeScript(
  new URL('../../policies/runtime/mailbox.ts', import.meta.url),
);
const { box, stop } = workerData;
const writer = makeMailboxWriter(box, 0);
for (let message = 1; Atomics.load(stop, 0) === 0; message++) {
  const row = writer.view();
  for (let k = 0; k < row.length; k++) row[k] = message;
  writer.publish();
}
