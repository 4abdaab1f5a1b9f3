import type { Column } from './arrow-batch.ts';
import type { StoredRow } from './episode-table.ts';
import { FRAME_COUNTERS, FRAME_FLAGS, type FrameFeature } from './frame-features.ts';

/** [1] frames of a block, and of a row group of the file: 8 MB of a row of 120 numbers */
export const BLOCK_FRAMES = 16_384;

export interface FrameSource {
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
  /** By counter of FRAME_COUNTERS; there is one task, 0 */
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
  { features, rateHz }: FrameSource,
  { summary, stored, index }: StoredRow,
  range: { readonly firstRow: number; readonly numRows: number; readonly index: number },
): void {
  const at = block.numRows;
  const { firstRow, numRows } = range;
  features.forEach(({ width }, k) => {
    const rows = stored.values[k]!.subarray(firstRow * width, (firstRow + numRows) * width);
    block.floats[k]!.set(rows, at * width);
  });
  block.controller.set(stored.controller.subarray(firstRow, firstRow + numRows), at);
  const [done, terminated, truncated, success] = block.flags;
  const [frameIndex, episodeIndex, globalIndex] = block.counters;
  const last = stored.numFrames - 1;
  for (let k = 0; k < numRows; k++) {
    const frame = firstRow + k;
    block.timestamp[at + k] = frame / rateHz;
    frameIndex![at + k] = frame;
    episodeIndex![at + k] = index;
    globalIndex![at + k] = range.index + k;
    const isLast = frame === last;
    done![at + k] = Number(isLast);
    terminated![at + k] = Number(isLast && summary.end === 'terminated');
    truncated![at + k] = Number(isLast && summary.end === 'truncated');
    success![at + k] = Number(isLast && summary.success);
  }
  block.numRows += numRows;
}
