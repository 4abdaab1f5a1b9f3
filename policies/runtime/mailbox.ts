/**
 * A latest-value mailbox between two threads: one writer, one reader, no waiting, no torn reads.
 *
 * Three slots take turns: the writer fills its own, the reader reads its own, and the third lies in
 * the middle. Handing over is one atomic exchange of slot numbers, so a slot never has two owners, and
 * the exchange orders the plain writes before it against the plain reads after it on every
 * processor (ECMAScript memory model, synchronizes-with). A seqlock would need every number
 * to be atomic to promise as much.
 */
export interface MailboxWriter {
  /** [width] Fill it, then publish. Borrowed until `publish`; its content is then undefined. */
  view(): Float64Array;
  publish(): void;
}

export interface MailboxReader {
  /** Takes the newest published value, if there is one since the last call. */
  receive(): boolean;
  /** [width] The value received last; borrowed until the next `receive`. NaN before the first. */
  view(): Float64Array;
}

/** A row of mailboxes of equal width in one SharedArrayBuffer; structured-clone-able. */
export interface MailboxBuffer {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  /** [1] numbers per value */
  readonly width: number;
}

const NUM_SLOTS = 3;
const SLOT_MASK = 3;
/** Set on the middle slot while the reader has not seen it. */
const FRESH = 4;
/** [bytes] Mailboxes sit on cache lines of their own, so that robots do not slow one another down. */
const LINE = 64;

/** Allocates `count` empty mailboxes. */
export function makeMailboxBuffer(count: number, width: number): MailboxBuffer {
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(width) || width < 1) {
    throw new RangeError(
      `makeMailboxBuffer: needs count and width above 0, got ${count}, ${width}`,
    );
  }
  const box: MailboxBuffer = {
    buffer: new SharedArrayBuffer(count * computeStride(width)),
    count,
    width,
  };
  for (let i = 0; i < count; i++) {
    viewMiddle(box, i)[0] = 1;
    for (const slot of viewSlots(box, i)) slot.fill(Number.NaN);
  }
  return box;
}

/** The writing end of mailbox `index`; there must be one only. */
export function makeMailboxWriter(box: MailboxBuffer, index: number): MailboxWriter {
  const middle = viewMiddle(box, index);
  const slots = viewSlots(box, index);
  let mine = 0;
  return {
    view: () => slots[mine]!,
    publish() {
      mine = Atomics.exchange(middle, 0, mine | FRESH) & SLOT_MASK;
    },
  };
}

/** The reading end of mailbox `index`; there must be one only. */
export function makeMailboxReader(box: MailboxBuffer, index: number): MailboxReader {
  const middle = viewMiddle(box, index);
  const slots = viewSlots(box, index);
  let mine = 2;
  return {
    view: () => slots[mine]!,
    receive() {
      if ((Atomics.load(middle, 0) & FRESH) === 0) return false;
      mine = Atomics.exchange(middle, 0, mine) & SLOT_MASK;
      return true;
    },
  };
}

function computeStride(width: number): number {
  return LINE + Math.ceil((NUM_SLOTS * width * 8) / LINE) * LINE;
}

function viewMiddle(box: MailboxBuffer, index: number): Int32Array {
  checkIndex(box, index);
  return new Int32Array(box.buffer, index * computeStride(box.width), 1);
}

function viewSlots(box: MailboxBuffer, index: number): readonly Float64Array[] {
  const start = index * computeStride(box.width) + LINE;
  return Array.from(
    { length: NUM_SLOTS },
    (_, slot) => new Float64Array(box.buffer, start + slot * box.width * 8, box.width),
  );
}

function checkIndex(box: MailboxBuffer, index: number): void {
  if (Number.isInteger(index) && index >= 0 && index < box.count) return;
  throw new RangeError(`mailbox ${index} of ${box.count}`);
}
