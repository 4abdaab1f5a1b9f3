import { HEADER_LENGTH } from './cdr-sink.ts';

/** Second byte of the header of plain CDR; the first is zero. */
const BIG_ENDIAN = 0;
const LITTLE_ENDIAN = 1;
/** [B] texts up to this length are looked up: names and frames come again with every message */
const LONGEST_KNOWN = 64;
/** [1] texts that are remembered, a power of two */
const NUM_KNOWN = 1024;
/** [1] arguments of one call, of which engines take some 100,000 */
const MAX_ARGUMENTS = 10_000;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Where compiled readers (cdr-reader.ts) take what they read. */
export class CdrSource {
  /** From the first value on. */
  values: DataView = new DataView(new ArrayBuffer(0));
  isLittleEndian = true;
  /** [B] behind the header */
  at = 0;
  readonly #known: string[] = new Array(NUM_KNOWN).fill('');

  /** Whether the bytes are plain CDR, of either order. @throws RangeError if they have no header */
  begin(bytes: Uint8Array): boolean {
    if (bytes.length < HEADER_LENGTH) {
      throw new RangeError(`CDR has a header of ${HEADER_LENGTH} bytes, here are ${bytes.length}`);
    }
    const order = bytes[1];
    if (bytes[0] !== 0 || (order !== BIG_ENDIAN && order !== LITTLE_ENDIAN)) return false;
    this.isLittleEndian = order === LITTLE_ENDIAN;
    const first = bytes.byteOffset + HEADER_LENGTH;
    this.values = new DataView(bytes.buffer, first, bytes.length - HEADER_LENGTH);
    this.at = 0;
    return true;
  }

  /** Goes past a value of this size, aligned to it. @returns [B] where it is, behind the header */
  claim(size: number): number {
    const start = (this.at + size - 1) & -size;
    this.at = start + size;
    return start;
  }

  /**
   * Goes past so many values of this size, aligned to it: no list is made for what is not there.
   * @returns [B] where the first one is, behind the header
   * @throws RangeError if the bytes end early
   */
  claimAll(size: number, count: number): number {
    if (count === 0) return this.at;
    const start = this.claim(size);
    this.#require(start, size * count);
    this.at = start + size * count;
    return start;
  }

  /**
   * The length of a list.
   * @param size [B] the least that each element takes
   * @throws RangeError if the bytes end early
   */
  readCount(size: number): number {
    const count = this.values.getUint32(this.claim(4), this.isLittleEndian);
    this.#require(this.at, size * count);
    return count;
  }

  readText(): string {
    // The zero behind it counts; some writers leave it away where there is nothing before it.
    const count = this.readCount(1);
    if (count === 0) return '';
    const end = this.at + count - 1;
    if (this.values.getUint8(end) !== 0)
      throw new RangeError('a text in CDR lacks the zero at its end');
    const text = count > 1 ? (this.#findKnown(count - 1) ?? this.#decode(count - 1)) : '';
    this.at = end + 1;
    return text;
  }

  readWideText(): string {
    const length = this.readCount(4);
    const start = this.claimAll(4, length);
    let text = '';
    for (let from = 0; from < length; from += MAX_ARGUMENTS) {
      const units = Array.from({ length: Math.min(MAX_ARGUMENTS, length - from) }, (_, k) =>
        this.values.getUint32(start + 4 * (from + k), this.isLittleEndian),
      );
      text += String.fromCharCode(...units);
    }
    return text;
  }

  /** Fills numbers as they lie in memory, which has to be the bytes' own order. */
  copyInto(numbers: ArrayBufferView, start: number): void {
    const { buffer, byteOffset } = this.values;
    const from = new Uint8Array(buffer, byteOffset + start, numbers.byteLength);
    new Uint8Array(numbers.buffer).set(from);
  }

  /** A short text of ASCII; undefined where it is another one. */
  #findKnown(length: number): string | undefined {
    if (length > LONGEST_KNOWN) return undefined;
    const { values, at } = this;
    // FNV-1a (Fowler, Noll, Vo)
    let hash = 0x811c9dc5;
    for (let k = 0; k < length; k++) {
      const unit = values.getUint8(at + k);
      if (unit > 0x7f) return undefined;
      hash = Math.imul(hash ^ unit, 0x01000193);
    }
    const slot = (hash ^ (hash >>> 16)) & (NUM_KNOWN - 1);
    const known = this.#known[slot]!;
    if (this.#isNext(known, length)) return known;
    const text = this.#decode(length);
    this.#known[slot] = text;
    return text;
  }

  #isNext(text: string, length: number): boolean {
    if (text.length !== length) return false;
    const { values, at } = this;
    for (let k = 0; k < length; k++) {
      if (text.charCodeAt(k) !== values.getUint8(at + k)) return false;
    }
    return true;
  }

  #decode(length: number): string {
    const { buffer, byteOffset } = this.values;
    return decoder.decode(new Uint8Array(buffer, byteOffset + this.at, length));
  }

  #require(start: number, length: number): void {
    const left = this.values.byteLength - start;
    if (length > left) {
      throw new RangeError(`CDR ends early: ${length} bytes should follow, ${left} do`);
    }
  }
}
