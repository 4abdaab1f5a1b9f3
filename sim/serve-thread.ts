import { parentPort, type TransferListItem } from 'node:worker_threads';
import type { ThreadAnswer } from './asked-thread.ts';
import { NonFiniteError } from './env-guard.ts';
import { UserError, UserErrors } from './errors.ts';

/**
 * Has this thread answer what an AskedThread asks of it.
 * @param pickTransfer what of an answer goes over instead of being copied
 */
export function serveThread<Request, Answer>(
  handle: (request: Request) => Promise<Answer>,
  pickTransfer: (answer: Answer) => readonly TransferListItem[] = () => [],
): void {
  const port = parentPort;
  if (port === null) throw new RangeError('serveThread: this is not a worker thread');
  port.on('message', (request: Request) => {
    void handle(request).then(
      (answer) => {
        const done: ThreadAnswer<Answer> = { kind: 'done', answer };
        port.postMessage(done, pickTransfer(answer));
      },
      (error: unknown) => port.postMessage(describe(error)),
    );
  });
}

/** An error as another thread can make it anew. */
function describe(error: unknown): ThreadAnswer<never> {
  if (error instanceof NonFiniteError) return { kind: 'notFinite', dump: error.dump };
  if (error instanceof UserError) {
    const errors = error instanceof UserErrors ? error.errors : [error];
    // A cause may hold what cannot be sent; its text is in the message already.
    return { kind: 'refused', errors: errors.map(({ parts: { cause: _, ...parts } }) => parts) };
  }
  return { kind: 'fault', text: error instanceof Error ? (error.stack ?? '') : String(error) };
}
