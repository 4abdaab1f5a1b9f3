import { AskedThread } from '../../sim/asked-thread.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { type Flight, type FlightConditions, flySeeds } from './flight.ts';

/** What a thread is asked. */
export interface FlightRequest {
  readonly task: string;
  readonly conditions: FlightConditions;
  readonly seeds: readonly number[];
}

/** Robots that share a world. */
const BATCH = 50;

/** Threads that fly episodes; without any, the thread that asks flies them. */
export class FlightCrew {
  readonly #members: readonly AskedThread<FlightRequest, Flight>[];

  /** @throws RangeError unless numWorkers is a whole number from 0 on */
  constructor(numWorkers: number) {
    if (!Number.isInteger(numWorkers) || numWorkers < 0) {
      throw new RangeError(`FlightCrew: numWorkers must be 0 or more, got ${numWorkers}`);
    }
    const entry = new URL('./flight-worker-entry.js', import.meta.url);
    this.#members = Array.from(
      { length: numWorkers },
      (_, index) => new AskedThread({ entry, name: `flight ${index}` }),
    );
  }

  /**
   * Flies an episode under each seed; how many threads there are changes nothing.
   * @param onProgress told of how many are done
   * @throws UserError if the policy does not fit; NonFiniteError; RangeError for a task that threads do not know
   */
  async fly(
    task: TaskDefinition,
    conditions: FlightConditions,
    seeds: readonly number[],
    onProgress?: (done: number) => void,
  ): Promise<Flight> {
    const batches = cutBatches(seeds, Math.max(1, this.#members.length));
    const flights = new Array<Flight>(batches.length);
    let next = 0;
    let done = 0;
    const work = async (flyBatch: (batch: readonly number[]) => Promise<Flight>) => {
      while (next < batches.length) {
        const index = next++;
        try {
          flights[index] = await flyBatch(batches[index]!);
        } catch (error) {
          next = batches.length;
          throw error;
        }
        done += batches[index]!.length;
        onProgress?.(done);
      }
    };
    if (this.#members.length === 0) await work((batch) => flySeeds(task, conditions, batch));
    else {
      assertKnown(task);
      const ask = { task: task.name, conditions };
      const asked = await Promise.allSettled(
        this.#members.map((member) => work((batch) => member.ask({ ...ask, seeds: batch }))),
      );
      // All of them first: who is asked next must not still be at work on this.
      const failed = asked.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
    // In their batches, environments are numbered from 0 on each.
    const episodes = flights
      .flatMap((flight) => flight.episodes)
      .map((one, i) => ({ ...one, env: i }));
    return { pilotName: flights[0]!.pilotName, episodes };
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.end()));
  }
}

/** As few as fit, and at least one for every thread, if there are as many seeds. */
function cutBatches(seeds: readonly number[], numWorkers: number): (readonly number[])[] {
  const size = Math.min(BATCH, Math.ceil(seeds.length / numWorkers));
  return Array.from({ length: Math.ceil(seeds.length / size) }, (_, k) =>
    seeds.slice(k * size, (k + 1) * size),
  );
}

function assertKnown(task: TaskDefinition): void {
  if (getTask(task.name) === task) return;
  throw new RangeError(
    `FlightCrew: task '${task.name}' is code, which no thread can be sent; use no threads`,
  );
}
