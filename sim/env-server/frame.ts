import { UserError } from '../errors.ts';

/** Name and version of the protocol; a frame that an older reader would misunderstand is a new version. */
export const PROTOCOL = { name: 'zerogap.env', version: 1 } as const;

/** What a frame is about. Up to 63: a client's request; from 64: the server's reply. */
export const KINDS = {
  ...{ hello: 1, reset: 2, step: 3, get: 4, set: 5, ping: 6, close: 7 },
  ...{ welcome: 65, result: 66, value: 67, pong: 68, bye: 69, error: 70 },
} as const;
export type KindName = keyof typeof KINDS;

/** [bytes] 'Z', 'G', version, kind, request, length of the block, length of the text. */
export const HEADER_BYTES = 16;
const MAGIC = [0x5a, 0x47] as const;

export interface Frame {
  readonly kind: KindName;
  /** Chosen by the client, repeated in the reply. */
  readonly request: number;
  /** Raw arrays, little-endian. Borrowed: the next read overwrites it. */
  readonly block: Uint8Array;
  /** JSON, or empty. */
  readonly text: string;
}

/** [bytes] the longest parts that a reader takes, so that nobody makes it allocate what they like. */
export interface FrameLimits {
  readonly block: number;
  readonly text: number;
}

/** The other side does not speak this protocol, or does not keep to it: the connection cannot go on. */
export class ProtocolError extends UserError {}

const KIND_NAMES = new Map(
  Object.entries(KINDS).map(([name, value]) => [value as number, name as KindName]),
);

/** @throws RangeError for a request that does not fit in 32 bits */
export function writeHeader(
  out: Uint8Array,
  header: {
    readonly kind: KindName;
    readonly request: number;
    readonly blockBytes: number;
    readonly textBytes: number;
  },
): void {
  const { kind, request, blockBytes, textBytes } = header;
  if (!(request >= 0 && request <= 0xffffffff)) {
    throw new RangeError(`writeHeader: request must fit in 32 bits, got ${request}`);
  }
  const view = new DataView(out.buffer, out.byteOffset, HEADER_BYTES);
  out.set(MAGIC);
  out[2] = PROTOCOL.version;
  out[3] = KINDS[kind];
  view.setUint32(4, request, true);
  view.setUint32(8, blockBytes, true);
  view.setUint32(12, textBytes, true);
}

/** A frame of its own bytes; for what is rare. */
export function makeFrame(frame: {
  readonly kind: KindName;
  readonly request: number;
  readonly block?: Uint8Array;
  readonly text?: string;
}): Uint8Array {
  const text = Buffer.from(frame.text ?? '', 'utf8');
  const block = frame.block ?? new Uint8Array(0);
  const bytes = new Uint8Array(HEADER_BYTES + block.length + text.length);
  writeHeader(bytes, {
    kind: frame.kind,
    request: frame.request,
    blockBytes: block.length,
    textBytes: text.length,
  });
  bytes.set(block, HEADER_BYTES);
  bytes.set(text, HEADER_BYTES + block.length);
  return bytes;
}

/**
 * Puts frames together from the pieces in which a stream delivers them. Holds one frame at a time and never
 * more memory than its limits; blocks start on a multiple of 8 bytes.
 */
export class FrameReader {
  readonly #header = new Uint8Array(HEADER_BYTES);
  readonly #view = new DataView(this.#header.buffer);
  #limits: FrameLimits;
  #body = new Uint8Array(0);
  #headerFilled = 0;
  #bodyFilled = 0;
  #blockBytes = 0;
  #textBytes = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** From the next frame on. */
  setLimits(limits: FrameLimits): void {
    this.#limits = limits;
  }

  /**
   * The frames that a piece completes, one by one; each is borrowed until the next is asked for.
   * @throws ProtocolError for what is no frame, another version, an unknown kind or a part beyond the limits
   */
  *read(piece: Uint8Array): Generator<Frame> {
    let at = 0;
    while (at < piece.length || this.#isComplete()) {
      if (this.#headerFilled < HEADER_BYTES) {
        at += this.#takeHeader(piece.subarray(at));
        continue;
      }
      const part = piece.subarray(at, at + this.#bodyBytes - this.#bodyFilled);
      this.#body.set(part, this.#bodyFilled);
      this.#bodyFilled += part.length;
      at += part.length;
      if (!this.#isComplete()) return;
      this.#headerFilled = 0;
      yield this.#viewFrame();
    }
  }

  get #bodyBytes(): number {
    return this.#blockBytes + this.#textBytes;
  }

  #isComplete(): boolean {
    return this.#headerFilled === HEADER_BYTES && this.#bodyFilled === this.#bodyBytes;
  }

  #takeHeader(piece: Uint8Array): number {
    const part = piece.subarray(0, HEADER_BYTES - this.#headerFilled);
    this.#header.set(part, this.#headerFilled);
    this.#headerFilled += part.length;
    // Whoever talks another language may never send a whole header.
    checkOpening(this.#header, this.#headerFilled);
    if (this.#headerFilled < HEADER_BYTES) return part.length;
    this.#blockBytes = this.#view.getUint32(8, true);
    this.#textBytes = this.#view.getUint32(12, true);
    const kind = KIND_NAMES.get(this.#header[3]!)!;
    checkLength(kind, 'block', this.#blockBytes, this.#limits.block);
    checkLength(kind, 'text', this.#textBytes, this.#limits.text);
    if (this.#body.length < this.#bodyBytes) this.#body = new Uint8Array(this.#bodyBytes);
    this.#bodyFilled = 0;
    return part.length;
  }

  #viewFrame(): Frame {
    const text = this.#body.subarray(this.#blockBytes, this.#bodyBytes);
    return {
      kind: KIND_NAMES.get(this.#header[3]!)!,
      request: this.#view.getUint32(4, true),
      block: this.#body.subarray(0, this.#blockBytes),
      text: text.length === 0 ? '' : Buffer.from(text).toString('utf8'),
    };
  }
}

function checkOpening(header: Uint8Array, filled: number): void {
  for (let k = 0; k < Math.min(filled, MAGIC.length); k++) {
    if (header[k] === MAGIC[k]) continue;
    throw new ProtocolError({
      where: 'connection',
      problem: 'this is not a frame of the environment protocol',
      expected: "a frame that begins with 'ZG'",
      got: JSON.stringify(Buffer.from(header.subarray(0, filled)).toString('latin1')),
      remedy: 'Connect with zerogap_env, or as sim/env-server/PROTOCOL.md says',
    });
  }
  if (filled > 2 && header[2] !== PROTOCOL.version) {
    throw new ProtocolError({
      where: 'connection',
      problem: 'the frame is of another version of the protocol',
      expected: `version ${PROTOCOL.version}`,
      got: `version ${header[2]}`,
      remedy: 'Use client and server of the same release',
    });
  }
  if (filled > 3 && !KIND_NAMES.has(header[3]!)) {
    throw new ProtocolError({
      where: 'connection',
      problem: 'there is no such kind of frame',
      expected: Object.entries(KINDS)
        .map(([name, value]) => `${value} ${name}`)
        .join(', '),
      got: String(header[3]),
      remedy: 'Correct the client',
    });
  }
}

function checkLength(kind: KindName, part: string, length: number, most: number): void {
  if (length <= most) return;
  throw new ProtocolError({
    where: `${kind}, ${part}`,
    problem: `the ${part} is longer than this connection takes`,
    expected: `at most ${most} bytes`,
    got: `${length} bytes`,
    remedy: 'Send arrays as the layout in the welcome says',
  });
}
