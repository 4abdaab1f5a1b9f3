import type { Column } from './arrow-batch.ts';
import type { StoredRow } from './episode-table.ts';
import { FRAME_COUNTERS, FRAME_FLAGS, type FrameFeature } from './frame-features.ts';
import type { Scratch } from './scratch.ts';

/** [1] frames of a block, and of a row group of the file: 8 MB of a row of 120 numbers */
export const BLOCK_FRAMES = 16_384;

export interface FrameSource {
  readonly scratch: Scratch;
  readonly features: readonly FrameFeature[];
  /** In their order. */
  readonly rows: readonly StoredRow[];
  /** [1] frames of the dataset before these */
  readonly firstFrame: number;
  /** [Hz] */
  readonly rateHz: number;
}

/** Some frames, one after the other, whichever episodes they are of; arrays are used again for the next block. */
export class FrameBlock {
  numRows = 0;
  /** By feature, [BLOCK_FRAMES, width] */
  readonly floats: readonly Float32Array[];
  /** By flag of FRAME_FLAGS */
  readonly flags = FRAME_FLAGS.map(() => new Uint8Array(BLOCK_FRAMES));
  readonly controller = new Uint8Array(BLOCK_FRAMES);
  /** [s] since the episode began */
  readonly timestamp = new Float32Array(BLOCK_FRAMES);
  /** By counter of FRAME_COUNTERS */
  readonly counters = FRAME_COUNTERS.map(() => new Float64Array(BLOCK_FRAMES));

  constructor(features: readonly FrameFeature[]) {
    this.floats = features.map(({ width }) => new Float32Array(BLOCK_FRAMES * width));
  }

  /** Columns of the numbers that every frame has besides the features. */
  listCounters(): Column[] {
    return [
      ...FRAME_FLAGS.map((name, k) => ({ name, kind: 'bool' as const, values: this.flags[k]! })),
      { name: 'controller', kind: 'uint8', values: this.controller },
      { name: 'timestamp', kind: 'float32', values: this.timestamp },
      ...FRAME_COUNTERS.map((name, k) => ({
        name,
        kind: 'int64' as const,
        values: this.counters[k]!,
      })),
    ];
  }
}

/** All frames in the order of their episodes, block by block; the block is borrowed until the next. */
export function* readBlocks(source: FrameSource): Generator<FrameBlock> {
  const block = new FrameBlock(source.features);
  let index = source.firstFrame;
  for (const row of source.rows) {
    for (let frame = 0; frame < row.stored.numFrames; ) {
      const numRows = Math.min(row.stored.numFrames - frame, BLOCK_FRAMES - block.numRows);
      fill(block, source, row, { firstRow: frame, numRows, index });
      frame += numRows;
      index += numRows;
      if (block.numRows < BLOCK_FRAMES) continue;
      yield block;
      block.numRows = 0;
    }
  }
  if (block.numRows > 0) yield block;
}

/** Appends rows of one episode. */
function fill(
  block: FrameBlock,
  { scratch, features, rateHz }: FrameSource,
  row: StoredRow,
  range: { readonly firstRow: number; readonly numRows: number; readonly index: number },
): void {
  const at = block.numRows;
  for (let feature = 0; feature < features.length; feature++) {
    scratch.read(block.floats[feature]!, at, row.stored, { feature, ...range });
  }
  scratch.readController(block.controller, at, row.stored, range);
  const { summary, stored } = row;
  for (let k = 0; k < range.numRows; k++) {
    const frame = range.firstRow + k;
    const isLast = frame === stored.numFrames - 1;
    setRow(block.flags, at + k, [
      Number(isLast),
      Number(isLast && summary.end === 'terminated'),
      Number(isLast && summary.end === 'truncated'),
      Number(isLast && summary.success),
    ]);
    block.timestamp[at + k] = frame / rateHz;
    setRow(block.counters, at + k, [frame, row.index, range.index + k, 0]);
  }
  block.numRows += range.numRows;
}

function setRow(
  columns: readonly (Uint8Array | Float64Array)[],
  at: number,
  values: readonly number[],
): void {
  for (let k = 0; k < columns.length; k++) columns[k]![at] = values[k]!;
}
