import { Worker } from 'node:worker_threads';
import { type EnvDump, NonFiniteError } from '../../sim/env-guard.ts';
import { throwIfAny, UserError, type UserErrorParts } from '../../sim/errors.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { type Flight, type FlightConditions, flySeeds } from './flight.ts';

/** What a thread is asked. */
export interface FlightRequest {
  readonly task: string;
  readonly conditions: FlightConditions;
  readonly seeds: readonly number[];
}

/** What it says. */
export type FlightAnswer =
  | { readonly kind: 'flown'; readonly flight: Flight }
  | { readonly kind: 'notFinite'; readonly dump: EnvDump }
  | { readonly kind: 'refused'; readonly errors: readonly UserErrorParts[] }
  | { readonly kind: 'fault'; readonly text: string };

/** Robots that share a world. */
const BATCH = 50;

/** Threads that fly episodes; without any, the thread that asks flies them. */
export class FlightCrew {
  readonly #members: readonly Member[];

  /** @throws RangeError unless numWorkers is a whole number from 0 on */
  constructor(numWorkers: number) {
    if (!Number.isInteger(numWorkers) || numWorkers < 0) {
      throw new RangeError(`FlightCrew: numWorkers must be 0 or more, got ${numWorkers}`);
    }
    this.#members = Array.from({ length: numWorkers }, (_, index) => new Member(index));
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

/** One thread, which is asked one thing at a time. */
class Member {
  readonly #worker: Worker;
  #pending: { resolve(flight: Flight): void; reject(error: unknown): void } | undefined;
  #error: unknown;

  constructor(index: number) {
    const url = new URL('./flight-worker-entry.js', import.meta.url);
    this.#worker = new Worker(url, { execArgv: [], name: `flight ${index}` });
    this.#worker.on('message', (answer: FlightAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) =>
      this.#fail(new Error(`evaluation thread ${index} ended by itself with code ${code}`)),
    );
    // What waits for an answer keeps the process alive, not the thread itself.
    this.#worker.unref();
  }

  ask(request: FlightRequest): Promise<Flight> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) {
        reject(this.#error);
        return;
      }
      this.#pending = { resolve, reject };
      this.#worker.ref();
      this.#worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    this.#worker.removeAllListeners('exit');
    await this.#worker.terminate();
  }

  #take(answer: FlightAnswer): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.unref();
    if (answer.kind === 'flown') pending?.resolve(answer.flight);
    else pending?.reject(makeError(answer));
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#pending?.reject(this.#error);
    this.#pending = undefined;
  }
}

function makeError(answer: Exclude<FlightAnswer, { readonly kind: 'flown' }>): unknown {
  if (answer.kind === 'notFinite') return new NonFiniteError(answer.dump);
  if (answer.kind === 'fault') return new Error(`evaluation thread: ${answer.text}`);
  try {
    throwIfAny(answer.errors.map((parts) => new UserError(parts)));
    return new RangeError('evaluation thread: refused without a reason');
  } catch (error) {
    return error;
  }
}
