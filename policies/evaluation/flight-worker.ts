import { parentPort } from 'node:worker_threads';
import { NonFiniteError } from '../../sim/env-guard.ts';
import { UserError, UserErrors } from '../../sim/errors.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { flySeeds } from './flight.ts';
import type { FlightAnswer, FlightRequest } from './flight-crew.ts';

const port = parentPort!;

async function answer({ task, conditions, seeds }: FlightRequest): Promise<FlightAnswer> {
  try {
    return { kind: 'flown', flight: await flySeeds(getTask(task), conditions, seeds) };
  } catch (error) {
    return describe(error);
  }
}

/** An error as another thread can make it anew. */
function describe(error: unknown): FlightAnswer {
  if (error instanceof NonFiniteError) return { kind: 'notFinite', dump: error.dump };
  if (error instanceof UserError) {
    const errors = error instanceof UserErrors ? error.errors : [error];
    // A cause may hold what cannot be sent; its text is in the message already.
    return { kind: 'refused', errors: errors.map(({ parts: { cause: _, ...parts } }) => parts) };
  }
  return { kind: 'fault', text: error instanceof Error ? (error.stack ?? '') : String(error) };
}

port.on('message', (request: FlightRequest) => {
  void answer(request).then((result) => port.postMessage(result));
});
