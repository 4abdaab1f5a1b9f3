import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  makeMailboxBuffer,
  makeMailboxReader,
  makeMailboxWriter,
} from '../../../policies/runtime/mailbox.ts';

const WIDTH = 64;
const NUM_RECEIVED = 20_000;

describe('a mailbox', () => {
  it('gives the latest value once, and keeps it until there is a newer one', () => {
    const box = makeMailboxBuffer(2, 3);
    const writer = makeMailboxWriter(box, 1);
    const reader = makeMailboxReader(box, 1);
    expect(reader.receive()).toBe(false);
    expect(reader.view()[0]).toBeNaN();
    for (const value of [1, 2, 3]) {
      writer.view().fill(value);
      writer.publish();
    }
    expect(reader.receive()).toBe(true);
    expect([...reader.view()]).toEqual([3, 3, 3]);
    writer.view().fill(4);
    expect(reader.receive()).toBe(false);
    expect([...reader.view()]).toEqual([3, 3, 3]);
    writer.publish();
    expect([...reader.view()]).toEqual([3, 3, 3]);
    expect(reader.receive()).toBe(true);
    expect([...reader.view()]).toEqual([4, 4, 4]);
  });

  it('does not touch its neighbours', () => {
    const box = makeMailboxBuffer(3, 5);
    const readers = [0, 1, 2].map((i) => makeMailboxReader(box, i));
    const writer = makeMailboxWriter(box, 1);
    for (let k = 0; k < 10; k++) {
      writer.view().fill(k);
      writer.publish();
    }
    expect(readers.map((reader) => reader.receive())).toEqual([false, true, false]);
    expect([...readers[0]!.view(), ...readers[2]!.view()].every(Number.isNaN)).toBe(true);
  });

  it('never hands out a torn value while another thread writes as fast as it can', async () => {
    const box = makeMailboxBuffer(1, WIDTH);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const entry = new URL('../../kit/mailbox-hammer.js', import.meta.url);
    const worker = new Worker(entry, { workerData: { box, stop }, execArgv: [] });
    const ended = new Promise<void>((resolve, reject) => {
      worker.once('exit', () => resolve());
      worker.once('error', reject);
    });
    const reader = makeMailboxReader(box, 0);
    let last = 0;
    let overwritten = 0;
    for (let received = 0; received < NUM_RECEIVED; ) {
      if (!reader.receive()) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      received++;
      const row = reader.view();
      const first = row[0]!;
      for (let k = 1; k < WIDTH; k++) {
        if (row[k] !== first) expect.fail(`torn: ${first} and ${row[k]} in one value`);
      }
      if (first <= last) expect.fail(`went back from ${last} to ${first}`);
      overwritten += first - last - 1;
      last = first;
    }
    Atomics.store(stop, 0, 1);
    await ended;
    // The writer was the faster one, so slots were taken from under the reader all the time.
    expect(overwritten).toBeGreaterThan(0);
  });

  it('refuses sizes and places that do not exist', () => {
    expect(() => makeMailboxBuffer(0, 3)).toThrow(RangeError);
    expect(() => makeMailboxBuffer(1, 1.5)).toThrow(RangeError);
    expect(() => makeMailboxWriter(makeMailboxBuffer(2, 3), 2)).toThrow('mailbox 2 of 2');
  });
});
