import type { StoredRow } from './episode-table.ts';
import { FRAME_COUNTERS, FRAME_FLAGS } from './frame-features.ts';
import type { ColumnChunk, FrameColumn } from './frame-file.ts';

/** [1] frames from which on a row group is full; it holds whole episodes, one at least */
const GROUP_FRAMES = 8192;

/** Some whole episodes, one after the other. */
export interface FrameGroup {
  readonly rows: readonly StoredRow[];
  readonly numFrames: number;
  /** [1] frames of the dataset before them */
  readonly firstFrame: number;
}

/** Cuts the episodes of a shard into groups. @param rows in their order */
export function* cutGroups(rows: readonly StoredRow[], firstFrame: number): Generator<FrameGroup> {
  let group: StoredRow[] = [];
  let numFrames = 0;
  let first = firstFrame;
  for (const row of rows) {
    if (numFrames > 0 && numFrames + row.stored.numFrames > GROUP_FRAMES) {
      yield { rows: group, numFrames, firstFrame: first };
      first += numFrames;
      group = [];
      numFrames = 0;
    }
    group.push(row);
    numFrames += row.stored.numFrames;
  }
  yield { rows: group, numFrames, firstFrame: first };
}

/** The columns that every file of frames ends with; in the order of `listCounterChunks`. */
export const COUNTER_COLUMNS: readonly FrameColumn[] = [
  ...FRAME_FLAGS.map((name): FrameColumn => ({ name, kind: 'bool' })),
  { name: 'controller', kind: 'uint8' },
  { name: 'timestamp', kind: 'float32' },
  ...FRAME_COUNTERS.map((name): FrameColumn => ({ name, kind: 'int64', isIndexed: true })),
];

/** What the frames of a group are besides their numbers. @param rateHz control rate */
export function listCounterChunks(group: FrameGroup, rateHz: number): ColumnChunk[] {
  const { rows, numFrames, firstFrame } = group;
  const flags = FRAME_FLAGS.map(() => new Uint8Array(Math.ceil(numFrames / 8)));
  const controller = new Int32Array(numFrames);
  const timestamp = new Float32Array(numFrames);
  const frame = new Int32Array(2 * numFrames);
  const episode = new Int32Array(2 * numFrames);
  const index = new Int32Array(2 * numFrames);
  const task = new Int32Array(2 * numFrames);
  let at = 0;
  for (const { stored, summary, index: number } of rows) {
    for (let k = 0; k < stored.numFrames; k++, at++) {
      controller[at] = stored.controller[k]!;
      timestamp[at] = k / rateHz;
      setInt64(frame, at, k);
      setInt64(episode, at, number);
      setInt64(index, at, firstFrame + at);
    }
    const last = at - 1;
    const { end, success } = summary;
    const raised = [true, end === 'terminated', end === 'truncated', success];
    raised.forEach((isRaised, k) => {
      if (isRaised) flags[k]![last >> 3]! |= 1 << (last & 7);
    });
  }
  const longest = Math.max(...rows.map(({ stored }) => stored.numFrames));
  return [
    ...flags.map((bits) => ({ pieces: [bits] })),
    { pieces: [viewBytes(controller)] },
    { pieces: [viewBytes(timestamp)] },
    { pieces: [viewBytes(frame)], range: [0, longest - 1] },
    { pieces: [viewBytes(episode)], range: [rows[0]!.index, rows.at(-1)!.index] },
    { pieces: [viewBytes(index)], range: [firstFrame, firstFrame + numFrames - 1] },
    { pieces: [viewBytes(task)], range: [0, 0] },
  ];
}

/** By halves: a bigint per number would be an object per number. */
function setInt64(halves: Int32Array, at: number, value: number): void {
  halves[2 * at] = value | 0;
  halves[2 * at + 1] = Math.floor(value / 2 ** 32);
}

/** Parquet is little-endian, as are all machines that Node runs on but a few. */
export function viewBytes(array: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
