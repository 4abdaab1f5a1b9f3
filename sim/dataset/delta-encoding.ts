/** [1] numbers of a block, which has a smallest difference of its own, and of the parts that have a width of their own */
const BLOCK = 128;
const MINIBLOCK = 32;

/**
 * Whole numbers as Parquet's DELTA_BINARY_PACKED has them (parquet-format, Encodings.md): the first one, then by how
 * much each is more than the one before it, in as many bits as that takes. Numbers that rise evenly take next to none.
 * @param values whole, up to 2⁵² either way; no two differences further than 2³² from one another
 */
export function encodeDeltas(values: Float64Array): Uint8Array {
  const out: number[] = [];
  writeVarint(out, BLOCK);
  writeVarint(out, BLOCK / MINIBLOCK);
  writeVarint(out, values.length);
  writeSigned(out, values[0] ?? 0);
  for (let from = 1; from < values.length; from += BLOCK) {
    writeBlock(out, values, from, Math.min(from + BLOCK, values.length));
  }
  return Uint8Array.from(out);
}

/** The numbers from `from` to before `to`; none of them is the first. */
function writeBlock(out: number[], values: Float64Array, from: number, to: number): void {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let k = from; k < to; k++) {
    const difference = values[k]! - values[k - 1]!;
    if (difference < min) min = difference;
    if (difference > max) max = difference;
  }
  writeSigned(out, min);
  if (max === min) {
    // As nearly everywhere in what counts frames.
    out.push(0, 0, 0, 0);
    return;
  }
  const widths = listWidths(values, min, from, to);
  out.push(...widths);
  for (const [part, width] of widths.entries()) {
    const first = from + part * MINIBLOCK;
    if (width > 0) writeMiniblock(out, { values, min, width }, first, to);
  }
}

/** [BLOCK / MINIBLOCK] bits that each part takes; a part that the numbers do not reach takes none */
function listWidths(values: Float64Array, min: number, from: number, to: number): number[] {
  return Array.from({ length: BLOCK / MINIBLOCK }, (_, part) => {
    const first = from + part * MINIBLOCK;
    let max = 0;
    for (let k = first; k < Math.min(first + MINIBLOCK, to); k++) {
      max = Math.max(max, values[k]! - values[k - 1]! - min);
    }
    if (max >= 2 ** 32) throw new RangeError(`delta encoding: differences ${max} apart`);
    return 32 - Math.clz32(max);
  });
}

interface Packing {
  readonly values: Float64Array;
  readonly min: number;
  readonly width: number;
}

/** Always whole, with zeros behind the last number; lowest bit first. */
function writeMiniblock(
  out: number[],
  { values, min, width }: Packing,
  first: number,
  to: number,
): void {
  let bits = 0;
  let numBits = 0;
  for (let k = first; k < first + MINIBLOCK; k++) {
    // By multiplication: 7 bits that are left over and 32 new ones are more than a shift can hold.
    bits += (k < to ? values[k]! - values[k - 1]! - min : 0) * 2 ** numBits;
    for (numBits += width; numBits >= 8; numBits -= 8) {
      out.push(bits % 256);
      bits = Math.floor(bits / 256);
    }
  }
}

/** In zigzag: 0, −1, 1, −2, … are 0, 1, 2, 3, … */
function writeSigned(out: number[], value: number): void {
  writeVarint(out, value >= 0 ? 2 * value : -2 * value - 1);
}

/** Seven bits at a time, lowest first. By division: indices may be longer than 32 bits. */
function writeVarint(out: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  out.push(rest);
}
