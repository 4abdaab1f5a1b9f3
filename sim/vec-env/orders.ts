/// <reference lib="es2024.sharedmemory" />

/** What a shard can be told to do. */
export const ORDERS = { step: 1, start: 2 } as const;
export type Order = (typeof ORDERS)[keyof typeof ORDERS];

/** Numbers per shard: how many orders it was given, how many it has done, the newest, and whether that one failed. */
const STRIDE = 4;
const [GIVEN, DONE, KIND, FAILED] = [0, 1, 2, 3] as const;
/** [ms] of a thread that waits for a shard, before it looks after its events: a step of most tasks takes less */
const STAND_MS = 4;
/**
 * [1] a worker looks for orders before it sleeps, some tenths of a millisecond: one that sleeps is woken late, and, where
 * there are as many threads as cores, on the core that another has.
 */
const LOOKS = 100_000;
/** Numbers per worker, after those of all shards: wake-ups, and whether it is to end. */
const WORKER_STRIDE = 2;

/**
 * Orders to shards and what became of them, in shared memory: some microseconds from thread to thread, and no message.
 * One thread gives orders; each shard is served by one other. A shard has one order at a time.
 */
export class OrderBook {
  /** What to send to a worker: `new OrderBook(book.memory, numShards)` is the same book there. */
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;
  readonly #firstWorker: number;

  constructor(memory: SharedArrayBuffer, numShards: number) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
    this.#firstWorker = numShards * STRIDE;
  }

  static allocate(numShards: number, numWorkers: number): OrderBook {
    const cells = numShards * STRIDE + numWorkers * WORKER_STRIDE;
    return new OrderBook(new SharedArrayBuffer(4 * cells), numShards);
  }

  /** Everything that was written to shared memory before is seen by the worker. */
  give(shard: number, worker: number, order: Order): void {
    const at = shard * STRIDE;
    this.#cells[at + KIND] = order;
    this.#cells[at + FAILED] = 0;
    Atomics.add(this.#cells, at + GIVEN, 1);
    this.#wake(worker);
  }

  /** Tells a worker to end. */
  dismiss(worker: number): void {
    Atomics.store(this.#cells, this.#getWorkerCell(worker) + 1, 1);
    this.#wake(worker);
  }

  isDismissed(worker: number): boolean {
    return Atomics.load(this.#cells, this.#getWorkerCell(worker) + 1) === 1;
  }

  /** The order that a shard has not carried out yet. */
  find(shard: number): Order | undefined {
    return this.isDone(shard) ? undefined : (this.#cells[shard * STRIDE + KIND] as Order);
  }

  isDone(shard: number): boolean {
    const at = shard * STRIDE;
    return Atomics.load(this.#cells, at + DONE) === Atomics.load(this.#cells, at + GIVEN);
  }

  hasFailed(shard: number): boolean {
    return this.#cells[shard * STRIDE + FAILED] === 1;
  }

  /** Says that the shard's order is carried out; all that was written before is seen by whoever waits. */
  conclude(shard: number, how: 'done' | 'failed'): void {
    const at = shard * STRIDE;
    this.#cells[at + FAILED] = how === 'failed' ? 1 : 0;
    Atomics.add(this.#cells, at + DONE, 1);
    Atomics.notify(this.#cells, at + DONE);
  }

  /**
   * Resolves when the shard's order is carried out, or at once. The thread stands still for some milliseconds, then goes
   * on with its events: to be woken from standing still takes a tenth of the time.
   */
  async waitUntilDone(shard: number): Promise<void> {
    const at = shard * STRIDE;
    let isPatient = true;
    for (;;) {
      const done = Atomics.load(this.#cells, at + DONE);
      if (done === Atomics.load(this.#cells, at + GIVEN)) return;
      if (isPatient) {
        isPatient = false;
        Atomics.wait(this.#cells, at + DONE, done, STAND_MS);
        continue;
      }
      const waiting = Atomics.waitAsync(this.#cells, at + DONE, done);
      if (waiting.async) await waiting.value;
    }
  }

  /** Number of wake-ups so far; to be read before looking for orders. */
  countWakes(worker: number): number {
    return Atomics.load(this.#cells, this.#getWorkerCell(worker));
  }

  /** Blocks the worker's thread until it has been woken more often than that. */
  sleep(worker: number, wakes: number): void {
    const at = this.#getWorkerCell(worker);
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(this.#cells, at) !== wakes) return;
    }
    Atomics.wait(this.#cells, at, wakes);
  }

  #wake(worker: number): void {
    const at = this.#getWorkerCell(worker);
    Atomics.add(this.#cells, at, 1);
    Atomics.notify(this.#cells, at);
  }

  #getWorkerCell(worker: number): number {
    return this.#firstWorker + worker * WORKER_STRIDE;
  }
}
