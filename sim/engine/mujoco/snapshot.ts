import {
  openFrame,
  packFrame,
  refuseContent,
  type SnapshotLabel,
  viewBytes,
} from '../snapshot-frame.ts';

/** The numbers of all copies, one after another. @param rows per copy, the arrays of its state */
export function packSnapshot(
  label: SnapshotLabel,
  rows: readonly (readonly Float64Array[])[],
): Uint8Array {
  return packFrame(label, rows.flat().map(viewBytes));
}

/**
 * Back from `packSnapshot`.
 * @param likeRow the arrays of one copy, for their lengths
 * @throws UserError for a snapshot that is not whole or of another world
 */
export function openSnapshot(
  snapshot: Uint8Array,
  label: SnapshotLabel,
  likeRow: readonly Float64Array[],
): readonly (readonly Float64Array[])[] {
  const payload = openFrame(label, snapshot);
  const width = likeRow.reduce((sum, { length }) => sum + length, 0);
  if (payload.byteLength !== 8 * width * label.numRobots) {
    throw refuseContent('mujoco', `${payload.byteLength / 8 / label.numRobots} numbers a robot`);
  }
  const numbers = new Float64Array(payload.buffer);
  let o = 0;
  const take = (length: number) => {
    o += length;
    return numbers.subarray(o - length, o);
  };
  return Array.from({ length: label.numRobots }, () => likeRow.map(({ length }) => take(length)));
}
