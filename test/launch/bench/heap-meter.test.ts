import { describe, expect, it } from 'vitest';
import { HEAP_METER_RESOLUTION, measureHeapGrowth } from '../../../launch/bench/heap-meter.ts';

/** Keeps the compiler from leaving out what nobody looks at. */
let kept: unknown;

// On a 64-bit machine a list of n is an object of four words and a store of two words and n: 48 + 8 n bytes.
const WORDS_OF_A_LIST = 6;

describe('measureHeapGrowth', () => {
  it('reads nothing of a function that allocates nothing', async () => {
    const numbers = new Float64Array(8);
    const growth = await measureHeapGrowth(() => {
      for (let k = 0; k < 8; k++) numbers[k]! += 0.5;
    });
    expect(Math.abs(growth)).toBeLessThan(HEAP_METER_RESOLUTION);
  });

  it.each([72, 800, 3200])('reads %d B of a function that allocates as much', async (bytes) => {
    const length = bytes / 8 - WORDS_OF_A_LIST;
    const growth = await measureHeapGrowth(() => {
      kept = new Array(length);
    });
    expect(kept).toHaveLength(length);
    // What is left at the end of a page of 256 kB when the next list does not fit is counted too.
    expect(growth).toBeGreaterThan(bytes - HEAP_METER_RESOLUTION);
    expect(growth).toBeLessThan(bytes * 1.02 + HEAP_METER_RESOLUTION);
  });
});
