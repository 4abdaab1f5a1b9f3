import { Worker } from 'node:worker_threads';
import type { ShardReceipt } from '../../sim/dataset/shard-writer.ts';
import type { Shard } from '../../sim/episode/plan.ts';
import { throwIfAny, UserError, type UserErrorParts } from '../../sim/errors.ts';
import { RunFailure } from '../output.ts';
import type {
  EpisodesCommand,
  EpisodesJob,
  EpisodesMessage,
  EpisodesWorkerData,
  SimulatedShard,
} from './job.ts';

/** A thread of a run. Whatever it is asked rejects once it has failed. */
export interface CrewMember {
  /** Resolves when the thread can simulate. @throws UserError as `makePilot` does */
  readonly ready: Promise<void>;
  /** One at a time; undefined if it was stopped. */
  simulate(shard: Shard): Promise<SimulatedShard | undefined>;
  /** Writes a shard that it has simulated. */
  close(shard: number, firstFrame: number): ClosingShard;
  /** Resolves when the thread has ended; what it has not written is lost. */
  end(): Promise<void>;
}

export interface ClosingShard {
  /** Resolves when the thread holds it no more and can simulate. [s] that it took */
  readonly written: Promise<number>;
  /** Resolves when the disk has it. */
  readonly closed: Promise<ShardReceipt>;
}

/** The threads of a run, and what they share. */
export interface Crew {
  readonly members: readonly CrewMember[];
  /** Makes every thread give up the shard that it is in. */
  raiseStop(): void;
  /** Steps, episodes and successes so far, of all threads. */
  sumProgress(): readonly [steps: number, episodes: number, successes: number];
}

export function startCrew(job: EpisodesJob, numWorkers: number): Crew {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const progress = Array.from(
    { length: numWorkers },
    () => new Float64Array(new SharedArrayBuffer(3 * 8)),
  );
  return {
    members: progress.map((row, index) => startMember(index, { job, progress: row, stop })),
    raiseStop: () => void Atomics.store(stop, 0, 1),
    sumProgress: () => {
      const sum = (k: number) => progress.reduce((total, row) => total + row[k]!, 0);
      return [sum(0), sum(1), sum(2)];
    },
  };
}

function startMember(index: number, data: EpisodesWorkerData): CrewMember {
  const url = new URL('./worker-entry.js', import.meta.url);
  const worker = new Worker(url, { workerData: data, execArgv: [], name: `episodes ${index}` });
  const answers = new Answers();
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      answers.fail(new RunFailure(`worker ${index} ended by itself with code ${code}`));
      resolve();
    });
  });
  const ready = answers.expect<void>('ready');
  worker.on('error', (error) => answers.fail(describeFault(index, error.stack ?? error.message)));
  let isReady = false;
  worker.on('message', (message: EpisodesMessage) => {
    if (message.kind === 'ready') {
      isReady = true;
      answers.settle('ready', undefined);
    } else if (message.kind === 'simulated') answers.settle('simulate', message);
    else if (message.kind === 'stopped') answers.settle('simulate', undefined);
    else if (message.kind === 'written') answers.settle(`write ${message.shard}`, message.writeS);
    else if (message.kind === 'closed')
      answers.settle(`close ${message.receipt.shard}`, message.receipt);
    else if (message.kind === 'refused') {
      const error = collect(message.errors);
      answers.fail(isReady ? asFailure(error) : error);
    } else answers.fail(describeFault(index, message.message));
  });
  const post = (command: EpisodesCommand) => worker.postMessage(command);
  return {
    ready,
    simulate(shard) {
      post({ kind: 'simulate', shard });
      return answers.expect('simulate');
    },
    close(shard, firstFrame) {
      post({ kind: 'close', shard, firstFrame });
      return {
        written: answers.expect(`write ${shard}`),
        closed: answers.expect(`close ${shard}`),
      };
    },
    async end() {
      if (answers.hasFailed) void worker.terminate();
      else post({ kind: 'end' });
      await ended;
    },
  };
}

/** What a thread has been asked and has not answered. */
class Answers {
  readonly #pending = new Map<
    string,
    { readonly resolve: (value: never) => void; readonly reject: (error: unknown) => void }
  >();
  #error: unknown;

  get hasFailed(): boolean {
    return this.#error !== undefined;
  }

  expect<Answer>(question: string): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#error === undefined) this.#pending.set(question, { resolve, reject });
      else reject(this.#error);
    });
    // Whoever asked may be busy with something else when it fails.
    answer.catch(() => {});
    return answer;
  }

  settle(question: string, answer: unknown): void {
    // The question names the kind of its answer.
    this.#pending.get(question)?.resolve(answer as never);
    this.#pending.delete(question);
  }

  /** The first error is told, later ones are its consequence. */
  fail(error: unknown): void {
    this.#error ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#error);
    this.#pending.clear();
  }
}

/** What is refused once a run has begun, by a disk that is full, is no fault of the input. */
export function asFailure(error: unknown): unknown {
  return error instanceof UserError ? new RunFailure(error.message, { cause: error }) : error;
}

function describeFault(worker: number, text: string): RunFailure {
  return new RunFailure(`worker ${worker}: ${text}`);
}

/** The error that a thread sent part by part. */
function collect(parts: readonly UserErrorParts[]): unknown {
  try {
    throwIfAny(parts.map((part) => new UserError(part)));
    return new RangeError('worker: refused without a reason');
  } catch (error) {
    return error;
  }
}
