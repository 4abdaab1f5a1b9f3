import { setImmediate } from 'node:timers/promises';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import type { EnvPlan } from '../env-plan.ts';
import { throwIfAny, UserError, type UserErrorParts } from '../errors.ts';
import { type VecMemory, viewVecRows } from './memory.ts';
import { type Order, OrderBook } from './orders.ts';
import type { VecShard } from './plan.ts';
import { makeShardHost, type ShardHost, type ShardNews } from './shard-host.ts';
import type { VecWorkerData, VecWorkerMessage } from './worker.ts';

/** Whoever simulates shards: worker threads, or the thread that asks. One order per shard at a time. */
export interface Crew {
  /** Every shard is told; those that are alone with their thread begin at once. */
  give(shards: readonly VecShard[], order: Order): void;
  /**
   * Resolves when these shards have done what they were told.
   * @returns what they had to tell
   * @throws WorkerDeath
   */
  finish(shards: readonly VecShard[]): Promise<readonly ShardNews[]>;
  /** Ends all threads and gives their memory back. */
  close(): Promise<void>;
}

/** A worker thread has ended by itself. */
export class WorkerDeath extends Error {
  override readonly name = 'WorkerDeath';
  readonly worker: number;

  constructor(worker: number, cause: string) {
    super(cause);
    this.worker = worker;
  }
}

/** Simulates in the thread that asks: `give` blocks. */
export async function makeLocalCrew(
  plan: EnvPlan,
  shards: readonly VecShard[],
  memory: VecMemory,
): Promise<Crew> {
  const hosts: ShardHost[] = [];
  for (const shard of shards) {
    const rows = viewVecRows(memory, shard.firstEnv, shard.numEnvs);
    hosts.push(await makeShardHost(plan, shard, rows));
  }
  const told = new Map<number, ShardNews>();
  return {
    give(wanted, order) {
      for (const { index } of wanted) {
        const news = hosts[index]!.perform(order);
        if (news !== undefined) told.set(index, news);
      }
    },
    finish: async (wanted) => takeNews(told, wanted),
    async close() {
      for (const host of hosts.splice(0)) host.free();
    },
  };
}

/** [ms] for a thread to end its order after it has been dismissed */
const DISMISSAL_MS = 2000;

/**
 * Starts the workers and waits until all of them have made their worlds.
 * @param entry of the worker threads
 * @throws UserErrors as makeSimEnv does
 */
export async function makeWorkerCrew(
  plan: EnvPlan,
  shards: readonly VecShard[],
  memory: VecMemory,
  { numWorkers, entry }: { readonly numWorkers: number; readonly entry: URL },
): Promise<Crew> {
  const orders = OrderBook.allocate(shards.length, numWorkers);
  const hands = Array.from({ length: numWorkers }, (_, worker) => {
    const { port1: ours, port2: news } = new MessageChannel();
    const data: VecWorkerData = {
      worker,
      plan: { ...plan, task: plan.task.name },
      shards: shards.filter((shard) => shard.worker === worker),
      numShards: shards.length,
      memory,
      orders: orders.memory,
      news,
    };
    const thread = new Worker(entry, {
      workerData: data,
      transferList: [news],
      execArgv: [],
      name: `simulation ${worker}`,
    });
    return watch(thread, worker, ours);
  });
  const crew = new WorkerCrew(orders, hands);
  try {
    await Promise.all(hands.map(({ ready }) => ready));
  } catch (error) {
    await crew.close();
    throw error;
  }
  return crew;
}

interface Hand {
  readonly news: MessagePort;
  /** Resolves when its worlds are made. */
  readonly ready: Promise<void>;
  /** Resolves with what `work` resolves with; rejects when the thread ends without having been dismissed. */
  outlive(work: Promise<void>): Promise<void>;
  end(): Promise<void>;
}

/** Turns everything that a worker can do into a start, a refusal, a death or an end. */
function watch(thread: Worker, worker: number, news: MessagePort): Hand {
  let isDismissed = false;
  let death: WorkerDeath | undefined;
  const mourners = new Set<(death: WorkerDeath) => void>();
  const die = (cause: string): void => {
    if (isDismissed || death !== undefined) return;
    death = new WorkerDeath(worker, cause);
    for (const mourn of mourners) mourn(death);
  };
  const exit = new Promise<void>((resolve) => {
    thread.on('exit', (code) => {
      die(`the thread ended by itself with code ${code}`);
      resolve();
    });
  });
  thread.on('error', (error: unknown) =>
    die(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  const outlive = (work: Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      if (death !== undefined) reject(death);
      // Not a race with a promise of the death: every step would leave a reaction on it.
      mourners.add(reject);
      work.then(resolve, reject).finally(() => mourners.delete(reject));
    });
  const started = new Promise<void>((resolve, reject) => {
    thread.on('message', (message: VecWorkerMessage) => {
      if (message.kind === 'ready') resolve();
      else reject(collect(message.errors));
    });
  });
  return {
    news,
    ready: outlive(started),
    outlive,
    async end() {
      isDismissed = true;
      const timer = setTimeout(() => void thread.terminate(), DISMISSAL_MS);
      await exit;
      clearTimeout(timer);
      news.close();
    },
  };
}

function collect(parts: readonly UserErrorParts[]): unknown {
  try {
    throwIfAny(parts.map((part) => new UserError(part)));
    return new Error('simulation thread: refused without a reason');
  } catch (error) {
    return error;
  }
}

class WorkerCrew implements Crew {
  readonly #orders: OrderBook;
  readonly #hands: readonly Hand[];
  readonly #told = new Map<number, ShardNews>();

  constructor(orders: OrderBook, hands: readonly Hand[]) {
    this.#orders = orders;
    this.#hands = hands;
  }

  give(shards: readonly VecShard[], order: Order): void {
    for (const { index, worker } of shards) this.#orders.give(index, worker, order);
  }

  async finish(shards: readonly VecShard[]): Promise<readonly ShardNews[]> {
    for (const { index, worker } of shards) {
      if (this.#orders.isDone(index)) continue;
      await this.#hands[worker]!.outlive(this.#orders.waitUntilDone(index));
    }
    // Timers and sockets have their turn, however fast one step follows the other.
    await setImmediate();
    for (const { news } of this.#hands) {
      for (
        let got = receiveMessageOnPort(news);
        got !== undefined;
        got = receiveMessageOnPort(news)
      ) {
        const told = got.message as ShardNews;
        this.#told.set(told.shard, told);
      }
    }
    return takeNews(this.#told, shards);
  }

  async close(): Promise<void> {
    this.#hands.forEach((_hand, worker) => {
      this.#orders.dismiss(worker);
    });
    await Promise.all(this.#hands.map((hand) => hand.end()));
  }
}

function takeNews(told: Map<number, ShardNews>, shards: readonly VecShard[]): ShardNews[] {
  return shards.flatMap(({ index }) => {
    const news = told.get(index);
    told.delete(index);
    return news === undefined ? [] : [news];
  });
}
