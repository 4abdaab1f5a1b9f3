const MAGIC = 0x5a475232;

/** Arrays of the engine's own that are part of its state, in a fixed order. */
export type StateArrays = readonly (Float64Array | Uint8Array)[];

/**
 * Packs worlds and arrays behind a header: magic number, copies, bodies, number of worlds, bytes of each world
 * and of each array.
 */
export function packSnapshot(
  shape: readonly [numRobots: number, numRows: number],
  arrays: StateArrays,
  worlds: readonly Uint8Array[],
): Uint8Array {
  const parts = [...arrays.map(toBytes), ...worlds];
  const header = toBytes(
    new Uint32Array([MAGIC, ...shape, worlds.length, ...parts.map((part) => part.byteLength)]),
  );
  const out = new Uint8Array([header, ...parts].reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of [header, ...parts]) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}

/**
 * Reads the arrays back in place, and hands out the bytes of the worlds.
 * @throws RangeError for a snapshot of another world
 */
export function unpackSnapshot(
  snapshot: Uint8Array,
  shape: readonly [numRobots: number, numRows: number],
  arrays: StateArrays,
  numWorlds: number,
): readonly Uint8Array[] {
  const words = 4 + arrays.length + numWorlds;
  const isWhole = snapshot.byteLength >= 4 * words;
  const header = new Uint32Array(snapshot.slice(0, isWhole ? 4 * words : 0).buffer);
  const sizes = [...header.subarray(4)];
  const fits =
    header[0] === MAGIC &&
    header[1] === shape[0] &&
    header[2] === shape[1] &&
    header[3] === numWorlds &&
    arrays.every((array, k) => array.byteLength === sizes[k]) &&
    snapshot.byteLength === sizes.reduce((sum, size) => sum + size, 4 * words);
  if (!fits) {
    throw new RangeError(
      `restore: the snapshot is of another world (expected ${shape[0]} robots and ${shape[1]} bodies, got ${header[1]} and ${header[2]})`,
    );
  }
  let at = 4 * words;
  for (const array of arrays) {
    toBytes(array).set(snapshot.subarray(at, at + array.byteLength));
    at += array.byteLength;
  }
  return sizes.slice(arrays.length).map((size) => {
    const world = snapshot.slice(at, at + size);
    at += size;
    return world;
  });
}

function toBytes(array: Float64Array | Uint32Array | Uint8Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
