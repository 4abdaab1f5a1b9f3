import { parentPort, workerData } from 'node:worker_threads';
import { UserError, type UserErrorParts, UserErrors } from '../../sim/errors.ts';
import { makeWallClock } from './clock.ts';
import { runLoop } from './control-loop.ts';
import { type ControlWork, describeError, openControl, type PolicyReport } from './controller.ts';

/** What the control thread is started with. */
export interface ControlWorkerData extends ControlWork {
  /** [s] */
  readonly spinS: number;
  /** [1] raised to end the thread */
  readonly stop: Int32Array;
  /** [1] number of ticks done, for Atomics.wait */
  readonly ticks: Int32Array;
}

/** What the control thread says, besides what it puts into mailboxes. */
export type ControlWorkerMessage =
  | { readonly kind: 'ready'; readonly report: PolicyReport }
  | { readonly kind: 'refused'; readonly errors: readonly UserErrorParts[] }
  | { readonly kind: 'fault'; readonly message: string };

async function runControlWorker(data: ControlWorkerData): Promise<void> {
  const { ticks } = data;
  const clock = makeWallClock(data.stop, data.spinS);
  const control = await openControl(data, clock, () => {
    Atomics.add(ticks, 0, 1);
    Atomics.notify(ticks, 0);
  });
  try {
    post({ kind: 'ready', report: control.report });
    runLoop(control.loop, clock);
  } finally {
    control.release();
  }
}

function post(message: ControlWorkerMessage): void {
  parentPort?.postMessage(message);
}

try {
  await runControlWorker(workerData as ControlWorkerData);
} catch (error) {
  if (error instanceof UserError) {
    const errors = error instanceof UserErrors ? error.errors : [error];
    // A cause may hold what cannot be sent to another thread; its text is in the message already.
    post({ kind: 'refused', errors: errors.map(({ parts: { cause: _, ...parts } }) => parts) });
  } else {
    post({ kind: 'fault', message: describeError(error) });
  }
}
