import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';

/** [B per call] what the meter cannot tell from nothing: reading the heap's size costs some bytes itself. */
export const HEAP_METER_RESOLUTION = 0.1;

const MOST_CALLS = 50_000;
const FEWEST_CALLS = 16;
const WARM_UP_CALLS = 20_000;
const NUM_RUNS = 10;
/** [event loop turns] within which the news of a collection arrives */
const TURNS = 4;

/**
 * Bytes that a synchronous function leaves on the heap of this thread per call, once it is warm.
 *
 * The heap grows by exactly what is allocated for as long as nothing is collected, so a run during which
 * the garbage collector worked says nothing and is repeated with half as many calls. News of a
 * collection reaches the observer some turns of the event loop later, which is waited for. Of several
 * runs the least counts: compilation, which goes on beside them, only ever adds.
 * @throws RangeError if not even the fewest calls get by without a collection
 */
export async function measureHeapGrowth(call: () => void): Promise<number> {
  const collect = exposeGarbageCollector();
  let numCollections = 0;
  const observer = new PerformanceObserver((list) => {
    numCollections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  try {
    for (let i = 0; i < WARM_UP_CALLS; i++) call();
    let numCalls = MOST_CALLS;
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < NUM_RUNS; ) {
      collect();
      await waitForNews();
      numCollections = 0;
      const growth = measureRun(call, numCalls);
      await waitForNews();
      if (numCollections === 0) {
        least = Math.min(least, growth);
        run++;
      } else if (numCalls > FEWEST_CALLS) numCalls = Math.ceil(numCalls / 2);
      else throw new RangeError(`${FEWEST_CALLS} calls fill the young generation`);
    }
    return least;
  } finally {
    observer.disconnect();
  }
}

function measureRun(call: () => void, numCalls: number): number {
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < numCalls; i++) call();
  return (process.memoryUsage().heapUsed - before) / numCalls;
}

async function waitForNews(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
}

function exposeGarbageCollector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc') as () => void;
}
