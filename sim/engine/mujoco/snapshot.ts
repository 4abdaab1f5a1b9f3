/** 'ZGM3', the third layout of these numbers. */
const SNAPSHOT_MAGIC = 0x5a474d33;
const HEADER_NUMBERS = 3;

/** The numbers of all copies, one after another, behind a header. @param rows per copy, the arrays of its state */
export function packSnapshot(rows: readonly (readonly Float64Array[])[]): Uint8Array {
  const width = computeWidth(rows[0]!);
  const out = new Float64Array(HEADER_NUMBERS + rows.length * width);
  out.set([SNAPSHOT_MAGIC, rows.length, width]);
  let o = HEADER_NUMBERS;
  for (const part of rows.flat()) {
    out.set(part, o);
    o += part.length;
  }
  return new Uint8Array(out.buffer);
}

/**
 * Back from `packSnapshot`.
 * @param likeRow the arrays of one copy, for their lengths
 * @throws RangeError for a snapshot of another world
 */
export function openSnapshot(
  snapshot: Uint8Array,
  numRobots: number,
  likeRow: readonly Float64Array[],
): readonly (readonly Float64Array[])[] {
  const width = computeWidth(likeRow);
  const isWhole = snapshot.length > 0 && snapshot.length % 8 === 0;
  const numbers = new Float64Array(isWhole ? snapshot.slice().buffer : new ArrayBuffer(0));
  const isOurs =
    [SNAPSHOT_MAGIC, numRobots, width].every((value, k) => numbers[k] === value) &&
    numbers.length === HEADER_NUMBERS + numRobots * width;
  if (!isOurs) {
    throw new RangeError(
      `restore: the snapshot is of another world (expected ${numRobots} robots of ${width} numbers, got ${numbers[1]} of ${numbers[2]})`,
    );
  }
  let o = HEADER_NUMBERS;
  const take = (length: number) => {
    o += length;
    return numbers.subarray(o - length, o);
  };
  return Array.from({ length: numRobots }, () => likeRow.map(({ length }) => take(length)));
}

function computeWidth(row: readonly Float64Array[]): number {
  return row.reduce((sum, { length }) => sum + length, 0);
}
