import { encodeDeltas } from './delta-encoding.ts';
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
  const timestamp = new Float32Array(numFrames);
  const [controller, frame, episode, index] = Array.from(
    { length: 4 },
    () => new Float64Array(numFrames),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  let at = 0;
  for (const { stored, summary, index: number } of rows) {
    for (let k = 0; k < stored.numFrames; k++, at++) {
      controller[at] = stored.controller[k]!;
      timestamp[at] = k / rateHz;
      frame[at] = k;
      episode[at] = number;
      index[at] = firstFrame + at;
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
    { pieces: [encodeDeltas(controller)] },
    { pieces: [viewBytes(timestamp)] },
    { pieces: [encodeDeltas(frame)], range: [0, longest - 1] },
    { pieces: [encodeDeltas(episode)], range: [rows[0]!.index, rows.at(-1)!.index] },
    { pieces: [encodeDeltas(index)], range: [firstFrame, firstFrame + numFrames - 1] },
    { pieces: [encodeDeltas(new Float64Array(numFrames))], range: [0, 0] },
  ];
}

/** Parquet is little-endian, as are all machines that Node runs on but a few. */
export function viewBytes(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
