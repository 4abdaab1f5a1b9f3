/** [1] of bytes before the first value: the encapsulation header */
export const HEADER_LENGTH = 4;
/** Of plain CDR, little-endian; then two bytes of options. */
const LITTLE_ENDIAN = [0, 1, 0, 0];
/** [B] so that what is aligned in the message, from behind the header, is aligned in memory, too */
const START = 4;
const FIRST = START + HEADER_LENGTH;
/** [1] characters up to which a loop is quicker than the engine's encoder */
const SHORT = 64;

const encoder = new TextEncoder();

/** Where compiled writers (cdr-writer.ts) put what they write; it grows with what it was given. */
export class CdrSink {
  /** From the first value on. */
  values = new DataView(new ArrayBuffer(0));
  /** [B] behind the header */
  at = 0;
  #bytes = new Uint8Array(0);
  #view = Buffer.alloc(0);

  constructor() {
    this.#grow(1024);
  }

  begin(): void {
    this.at = 0;
  }

  /** What was written, header and all; its memory is written over by what comes next. */
  view(): Buffer {
    const length = HEADER_LENGTH + this.at;
    if (this.#view.length !== length || this.#view.buffer !== this.#bytes.buffer) {
      this.#view = Buffer.from(this.#bytes.buffer, START, length);
    }
    return this.#view;
  }

  /** Makes room for values of this size, aligned to it. @returns [B] where the first one goes, behind the header */
  claim(size: number, count = 1): number {
    const start = (this.at + size - 1) & -size;
    this.#reserve(start + count * size);
    // What an earlier message left there would go out with this one.
    for (let k = this.at; k < start; k++) this.#bytes[FIRST + k] = 0;
    this.at = start + count * size;
    return start;
  }

  /** Of a list, before its elements. */
  writeCount(count: number): void {
    const at = this.claim(4);
    this.values.setUint32(at, count, true);
  }

  /** UTF-8 with a zero behind it, which counts. */
  writeText(text: string): void {
    const at = this.claim(4);
    const start = FIRST + this.at;
    // A unit of UTF-16 takes up to three bytes.
    this.#reserve(this.at + 3 * text.length + 1);
    const length = this.#writeShortAscii(text, start) ?? this.#encode(text, start);
    this.#bytes[start + length] = 0;
    this.values.setUint32(at, length + 1, true);
    this.at += length + 1;
  }

  writeWideText(text: string): void {
    this.writeCount(text.length);
    const at = this.claim(4, text.length);
    for (let k = 0; k < text.length; k++) {
      this.values.setUint32(at + 4 * k, text.charCodeAt(k), true);
    }
  }

  /** Numbers as they lie in memory (zerogap runs on nothing that is big-endian), where room was claimed for them. */
  copy(numbers: ArrayBufferView, at: number): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    this.#bytes.set(bytes, FIRST + at);
  }

  /** [B] undefined where the text is long, or more than ASCII */
  #writeShortAscii(text: string, start: number): number | undefined {
    if (text.length > SHORT) return undefined;
    for (let k = 0; k < text.length; k++) {
      const unit = text.charCodeAt(k);
      if (unit > 0x7f) return undefined;
      this.#bytes[start + k] = unit;
    }
    return text.length;
  }

  #encode(text: string, start: number): number {
    return encoder.encodeInto(text, this.#bytes.subarray(start)).written;
  }

  #reserve(length: number): void {
    if (FIRST + length > this.#bytes.length) this.#grow(length);
  }

  #grow(length: number): void {
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(FIRST + length)));
    larger.set(this.#bytes);
    larger.set(LITTLE_ENDIAN, START);
    this.#bytes = larger;
    this.values = new DataView(larger.buffer, FIRST);
  }
}
