import { Schema, Table, tableToIPC } from 'apache-arrow';
import { type Column, makeBatch } from './arrow-batch.ts';
import type { StagedFile } from './files.ts';
import {
  binary,
  bool,
  byte,
  encodeThrift,
  i32,
  i64,
  list,
  struct,
  type ThriftStruct,
  type ThriftValue,
  text,
} from './thrift.ts';

/** A column of a file of frames: numbers, or lists of `width` numbers; never anything missing. */
export interface FrameColumn {
  readonly name: string;
  readonly kind: 'float32' | 'int64' | 'uint8' | 'bool';
  /** Of float32 alone. */
  readonly width?: number;
  /** Whether each row group says the smallest and the largest, for readers that select rows; of int64 alone. */
  readonly isIndexed?: boolean;
}

/** Bytes of a column in one row group, as its encoding has them, in pieces. */
export interface ColumnChunk {
  readonly pieces: readonly Uint8Array[];
  readonly range?: readonly [min: number, max: number] | undefined;
}

// Numbers of parquet-format's parquet.thrift.
const PHYSICAL = { bool: 0, uint8: 1, int64: 2, float32: 4 } as const;
/** PLAIN, and DELTA_BINARY_PACKED, see `encodeDeltas`. */
const ENCODING = { bool: 0, uint8: 5, int64: 5, float32: 0 } as const;
const REQUIRED = 0;
const REPEATED = 2;
const LIST = 3;
const UINT_8 = 11;
const RLE = 3;
const UNCOMPRESSED = 0;
const MAGIC = new TextEncoder().encode('PAR1');

/**
 * Writes the frames of a shard as Parquet, straight from where they lie: plain encoding of all but whole numbers, no
 * compression. Encoding the same lists by parquet-wasm took 1 µs per frame of 84 numbers and as much again in copies
 * and garbage, a fifth of what it takes to simulate one. Snappy would make the file three tenths smaller.
 * Format: github.com/apache/parquet-format. Everything else of a dataset is written by parquet-wasm.
 */
export class FrameFile {
  readonly #file: StagedFile;
  readonly #columns: readonly FrameColumn[];
  readonly #rowGroups: ThriftValue[] = [];
  #numRows = 0;

  constructor(file: StagedFile, columns: readonly FrameColumn[]) {
    this.#file = file;
    this.#columns = columns;
    void file.write([MAGIC]);
  }

  /** As `StagedFile.write` takes the pieces of all chunks. @param chunks one per column */
  writeRowGroup(numRows: number, chunks: readonly ColumnChunk[]): Promise<void> {
    const start = this.#file.size;
    const parts: Uint8Array[] = [];
    let offset = start;
    const columns = this.#columns.map((column, k) => {
      const page = makePage(column, numRows, chunks[k]!.pieces);
      parts.push(...page.parts);
      const described = describeChunk(column, { offset, ...page }, chunks[k]!.range);
      offset += page.size;
      return described;
    });
    this.#numRows += numRows;
    const size = i64(offset - start);
    this.#rowGroups.push(struct({ 1: list(columns), 2: size, 3: i64(numRows), 6: size }));
    return this.#file.write(parts);
  }

  /** Writes the footer. */
  end(): void {
    const footer = encodeThrift({
      1: i32(2),
      2: list(describeSchema(this.#columns)),
      3: i64(this.#numRows),
      4: list(this.#rowGroups),
      5: list([struct({ 1: text('ARROW:schema'), 2: text(encodeArrowSchema(this.#columns)) })]),
      6: text('zerogap'),
      // Smallest and largest are meant by the order of the type; without saying so they count for nothing.
      7: list(this.#columns.map(() => struct({ 1: struct({}) }))),
    });
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, footer.length, true);
    void this.#file.write([footer, length, MAGIC]);
  }
}

interface Page {
  readonly parts: readonly Uint8Array[];
  readonly numValues: number;
  /** [bytes] with the header */
  readonly size: number;
}

/** A column chunk of one data page: header, levels of lists, values. */
function makePage(column: FrameColumn, numRows: number, values: readonly Uint8Array[]): Page {
  const numValues = numRows * (column.width ?? 1);
  const levels = column.width === undefined ? [] : makeLevels(column.width, numRows);
  const content = [...levels, ...values];
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const header = encodeThrift({
    1: i32(0),
    2: i32(length),
    3: i32(length),
    5: struct({ 1: i32(numValues), 2: i32(ENCODING[column.kind]), 3: i32(RLE), 4: i32(RLE) }),
  });
  return { parts: [header, ...content], numValues, size: header.length + length };
}

function describeChunk(
  column: FrameColumn,
  { offset, size, numValues }: Page & { readonly offset: number },
  range: ColumnChunk['range'],
): ThriftValue {
  const metadata: ThriftStruct = {
    1: i32(PHYSICAL[column.kind]),
    2: list([i32(ENCODING[column.kind]), i32(RLE)]),
    3: list(getPath(column).map(text)),
    4: i32(UNCOMPRESSED),
    5: i64(numValues),
    6: i64(size),
    7: i64(size),
    9: i64(offset),
    12:
      range === undefined
        ? undefined
        : struct({ 3: i64(0), 5: binary(toInt64(range[1])), 6: binary(toInt64(range[0])) }),
  };
  return struct({ 2: i64(0), 3: struct(metadata) });
}

function getPath({ name, width }: FrameColumn): string[] {
  return width === undefined ? [name] : [name, 'list', 'element'];
}

function describeSchema(columns: readonly FrameColumn[]): ThriftValue[] {
  const root = struct({ 4: text('schema'), 5: i32(columns.length) });
  return [root, ...columns.flatMap(describeColumn)];
}

/** Lists have three levels, as the format's LogicalTypes.md wants them. */
function describeColumn({ name, kind, width }: FrameColumn): ThriftValue[] {
  const type = i32(PHYSICAL[kind]);
  if (width !== undefined) {
    const logical = struct({ 3: struct({}) });
    return [
      struct({ 3: i32(REQUIRED), 4: text(name), 5: i32(1), 6: i32(LIST), 10: logical }),
      struct({ 3: i32(REPEATED), 4: text('list'), 5: i32(1) }),
      struct({ 1: type, 3: i32(REQUIRED), 4: text('element') }),
    ];
  }
  if (kind !== 'uint8') return [struct({ 1: type, 3: i32(REQUIRED), 4: text(name) })];
  const logical = struct({ 10: struct({ 1: byte(8), 2: bool(false) }) });
  return [struct({ 1: type, 3: i32(REQUIRED), 4: text(name), 6: i32(UINT_8), 10: logical })];
}

/** The schema as Arrow has it, so that its readers know that lists have a fixed length. */
function encodeArrowSchema(columns: readonly FrameColumn[]): string {
  const { schema } = makeBatch(columns.map(makeEmptyColumn), 0);
  const stream = tableToIPC(new Table(new Schema(schema.fields)), 'stream');
  // A stream ends with a mark of 8 bytes that is no part of the schema.
  return Buffer.from(stream.subarray(0, -8)).toString('base64');
}

function makeEmptyColumn({ name, kind, width }: FrameColumn): Column {
  switch (kind) {
    case 'float32': {
      const column = { name, kind, values: new Float32Array(0) } as const;
      return width === undefined ? column : { ...column, width };
    }
    case 'int64':
      return { name, kind, values: new Float64Array(0) };
    default:
      return { name, kind, values: new Uint8Array(0) };
  }
}

/**
 * Repetition levels (a list begins: 0, it goes on: 1) and definition levels (there is an element: 1) of lists of one
 * length, each behind its own length in bytes.
 */
function makeLevels(width: number, numRows: number): Uint8Array[] {
  const numValues = width * numRows;
  const numBytes = Math.ceil(numValues / 8);
  // A run of packed bits, in groups of eight; then a run of one value over all.
  const packed = encodeRunHeader(2 * numBytes + 1);
  const constant = [...encodeRunHeader(2 * numValues), 1];
  return [
    Uint8Array.from([...encodeLength(packed.length + numBytes), ...packed]),
    getListBits(width, numBytes),
    Uint8Array.from([...encodeLength(constant.length), ...constant]),
  ];
}

/** By width: 0 where a list begins, 1 elsewhere, lowest bit first; shorter ones are its beginning. */
const listBits = new Map<number, Uint8Array>();

function getListBits(width: number, numBytes: number): Uint8Array {
  const known = listBits.get(width);
  if (known !== undefined && known.length >= numBytes) return known.subarray(0, numBytes);
  const bits = new Uint8Array(numBytes).fill(0xff);
  for (let at = 0; at < 8 * numBytes; at += width) bits[at >> 3]! &= ~(1 << (at & 7));
  listBits.set(width, bits);
  return bits;
}

function encodeLength(length: number): number[] {
  return [length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, (length >> 24) & 0xff];
}

/** Seven bits at a time, lowest first. */
function encodeRunHeader(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function toInt64(value: number): Uint8Array {
  return new Uint8Array(BigInt64Array.of(BigInt(value)).buffer);
}
