import { serveThread } from '../../sim/serve-thread.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { type Flight, flySeeds } from './flight.ts';
import type { FlightRequest } from './flight-crew.ts';

serveThread(
  async ({ task, conditions, seeds }: FlightRequest): Promise<Flight> =>
    flySeeds(getTask(task), conditions, seeds),
);
