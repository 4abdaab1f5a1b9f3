/** [bytes] of a piece of memory: some seconds of a shard */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** Pieces that no shard of this thread needs now. What is never given back costs nobody a page fault or a collection. */
const spare: ArrayBuffer[] = [];

/** Memory for the frames of one shard: taken piece by piece, given back as a whole, and used again by the next. */
export class FrameArena {
  readonly #chunks: ArrayBuffer[] = [];
  /** [bytes] used of the last chunk */
  #used = CHUNK_BYTES;

  /** Copies numbers; the copy is good until `release`. */
  copy(values: Float32Array): Float32Array {
    const copy = new Float32Array(...this.#take(values.byteLength), values.length);
    copy.set(values);
    return copy;
  }

  /** As `copy`. */
  copyBytes(values: Uint8Array): Uint8Array {
    const copy = new Uint8Array(...this.#take(values.byteLength), values.length);
    copy.set(values);
    return copy;
  }

  release(): void {
    for (const chunk of this.#chunks) if (chunk.byteLength === CHUNK_BYTES) spare.push(chunk);
    this.#chunks.length = 0;
    this.#used = CHUNK_BYTES;
  }

  #take(bytes: number): [ArrayBuffer, number] {
    // What is larger than a chunk gets memory of its own.
    if (bytes > CHUNK_BYTES) {
      const own = new ArrayBuffer(bytes);
      this.#chunks.unshift(own);
      return [own, 0];
    }
    if (this.#used + bytes > CHUNK_BYTES) {
      this.#chunks.push(spare.pop() ?? new ArrayBuffer(CHUNK_BYTES));
      this.#used = 0;
    }
    const offset = this.#used;
    // Numbers begin at multiples of their size.
    this.#used += 4 * Math.ceil(bytes / 4);
    return [this.#chunks.at(-1)!, offset];
  }
}
