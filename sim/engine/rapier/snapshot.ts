import {
  openFrame,
  packFrame,
  refuseContent,
  type SnapshotLabel,
  viewBytes,
} from '../snapshot-frame.ts';

/** Arrays of the engine's own that are part of its state, in a fixed order. */
export type StateArrays = readonly (Float64Array | Uint8Array)[];

/** Packs arrays and worlds behind a header: the number of worlds, then the bytes of each array and of each world. */
export function packSnapshot(
  label: SnapshotLabel,
  arrays: StateArrays,
  worlds: readonly Uint8Array[],
): Uint8Array {
  const parts = [...arrays.map(viewBytes), ...worlds];
  const header = new Uint32Array([worlds.length, ...parts.map((part) => part.byteLength)]);
  return packFrame(label, [viewBytes(header), ...parts]);
}

/**
 * Reads the arrays back in place, and hands out the bytes of the worlds.
 * @throws UserError for a snapshot that is not whole or of another world
 */
export function unpackSnapshot(
  snapshot: Uint8Array,
  label: SnapshotLabel,
  arrays: StateArrays,
  numWorlds: number,
): readonly Uint8Array[] {
  const payload = openFrame(label, snapshot);
  const numParts = arrays.length + numWorlds;
  const [worlds, ...sizes] = new Uint32Array(payload.slice(0, 4 * (1 + numParts)).buffer);
  const fits = worlds === numWorlds && arrays.every((array, k) => array.byteLength === sizes[k]);
  if (!fits) throw refuseContent('rapier', `${worlds} worlds for ${numWorlds}`);
  let at = 4 * (1 + numParts);
  const take = (size: number) => {
    at += size;
    return payload.slice(at - size, at);
  };
  for (const array of arrays) viewBytes(array).set(take(array.byteLength));
  return sizes.slice(arrays.length).map(take);
}
