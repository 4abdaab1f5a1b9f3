import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { EnvPlan } from '../env-plan.ts';
import { UserError, type UserErrorParts, UserErrors } from '../errors.ts';
import type { TaskDefinition } from '../task/task.ts';
import { getTask } from '../tasks/registry.ts';
import { type VecMemory, viewVecRows } from './memory.ts';
import { OrderBook } from './orders.ts';
import type { VecShard } from './plan.ts';
import { makeShardHost, type ShardHost, type ShardNews } from './shard-host.ts';

/** What a worker is started with. */
export interface VecWorkerData {
  readonly worker: number;
  /** A task is code and cannot be sent: its name is. */
  readonly plan: Omit<EnvPlan, 'task'> & { readonly task: string };
  /** Those of this worker. */
  readonly shards: readonly VecShard[];
  readonly numShards: number;
  readonly memory: VecMemory;
  readonly orders: SharedArrayBuffer;
  /** Where news of the shards go, before their order is concluded. */
  readonly news: MessagePort;
}

/** What a worker says of itself, by message. */
export type VecWorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly errors: readonly UserErrorParts[] };

/**
 * The life of a worker thread: makes its shards' worlds, then carries out orders until it is dismissed.
 * @param findTask for tasks that sim/tasks does not have; call it from an entry of your own, see `workerEntry`
 */
export async function serveShards(
  findTask: (name: string) => TaskDefinition = getTask,
): Promise<void> {
  const data = workerData as VecWorkerData;
  const hosts: ShardHost[] = [];
  try {
    const plan: EnvPlan = { ...data.plan, task: findTask(data.plan.task) };
    for (const shard of data.shards) {
      const rows = viewVecRows(data.memory, shard.firstEnv, shard.numEnvs);
      hosts.push(await makeShardHost(plan, shard, rows));
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const errors = error instanceof UserErrors ? error.errors : [error];
    // A cause may hold what cannot be sent to another thread; its text is in the message already.
    say({ kind: 'refused', errors: errors.map(({ parts: { cause: _, ...parts } }) => parts) });
    return;
  }
  say({ kind: 'ready' });
  carryOut(data, hosts);
  for (const host of hosts) host.free();
}

function carryOut({ worker, orders, numShards, news }: VecWorkerData, hosts: ShardHost[]): void {
  const book = new OrderBook(orders, numShards);
  while (!book.isDismissed(worker)) {
    const wakes = book.countWakes(worker);
    let hasWorked = false;
    for (const host of hosts) {
      const { index } = host.shard;
      const order = book.find(index);
      if (order === undefined) continue;
      hasWorked = true;
      const told = host.perform(order);
      if (told !== undefined) news.postMessage(told satisfies ShardNews);
      book.conclude(index, told === undefined || told.kind === 'episodes' ? 'done' : 'failed');
    }
    if (!hasWorked) book.sleep(worker, wakes);
  }
  news.close();
}

function say(message: VecWorkerMessage): void {
  parentPort?.postMessage(message);
}
