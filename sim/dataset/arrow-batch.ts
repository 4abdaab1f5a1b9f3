import * as arrow from 'apache-arrow';

interface Named {
  readonly name: string;
}

/** A column of a table; a `width` makes lists of that many numbers of it. */
export type Column = Named &
  (
    | { readonly kind: 'float32'; readonly values: Float32Array; readonly width?: number }
    | { readonly kind: 'float64'; readonly values: Float64Array; readonly width?: number }
    /** Whole numbers up to 2⁵³ either way. */
    | { readonly kind: 'int64'; readonly values: Float64Array; readonly width?: number }
    | { readonly kind: 'uint8'; readonly values: Uint8Array }
    /** 0 or 1 */
    | { readonly kind: 'bool'; readonly values: Uint8Array }
    | { readonly kind: 'text'; readonly values: readonly (string | undefined)[] }
    | { readonly kind: 'texts'; readonly values: readonly (readonly string[])[] }
  );

/**
 * A table of some columns of equal length.
 * @param metadata of the schema: key-value pairs
 */
export function makeBatch(
  columns: readonly Column[],
  numRows: number,
  metadata: ReadonlyMap<string, string> = new Map(),
): arrow.RecordBatch {
  const data = columns.map((column) => makeData(column, numRows));
  const fields = columns.map(
    ({ name, kind }, k) => new arrow.Field(name, data[k]!.type, kind === 'text'),
  );
  const struct = arrow.makeData({
    type: new arrow.Struct(fields),
    length: numRows,
    nullCount: 0,
    children: data,
  });
  return new arrow.RecordBatch(new arrow.Schema(fields, new Map(metadata)), struct);
}

function makeData(column: Column, numRows: number): arrow.Data {
  switch (column.kind) {
    case 'float32':
      return makeNumbers(new arrow.Float32(), column.values, numRows, column.width);
    case 'float64':
      return makeNumbers(new arrow.Float64(), column.values, numRows, column.width);
    case 'int64': {
      const values = toInt64(column.values.subarray(0, numRows * (column.width ?? 1)));
      return makeNumbers(new arrow.Int64(), values, numRows, column.width);
    }
    case 'uint8':
      return arrow.makeData({
        type: new arrow.Uint8(),
        length: numRows,
        nullCount: 0,
        data: column.values.subarray(0, numRows),
      });
    case 'bool':
      return arrow.makeData({
        type: new arrow.Bool(),
        length: numRows,
        nullCount: 0,
        data: packBits(column.values, numRows),
      });
    case 'text':
      return arrow.vectorFromArray(
        column.values.map((text) => text ?? null),
        new arrow.Utf8(),
      ).data[0]!;
    case 'texts':
      return makeList(
        arrow.vectorFromArray(column.values.flat(), new arrow.Utf8()).data[0]!,
        column.values.map((list) => list.length),
      );
  }
}

function makeNumbers<T extends arrow.Float32 | arrow.Float64 | arrow.Int64>(
  type: T,
  values: T['TArray'],
  numRows: number,
  width: number | undefined,
): arrow.Data {
  const length = numRows * (width ?? 1);
  const numbers = new arrow.Data(type, 0, length, 0, [undefined, values.subarray(0, length)]);
  if (width === undefined) return numbers;
  // Nothing is ever missing: without that freedom a list costs less to encode.
  const item = new arrow.Field('element', type, false);
  return arrow.makeData({
    type: new arrow.FixedSizeList(width, item),
    length: numRows,
    nullCount: 0,
    child: numbers,
  });
}

function makeList(child: arrow.Data, lengths: readonly number[]): arrow.Data {
  const valueOffsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, k) => {
    valueOffsets[k + 1] = valueOffsets[k]! + length;
  });
  return arrow.makeData({
    type: new arrow.List(new arrow.Field('element', child.type, false)),
    length: lengths.length,
    nullCount: 0,
    valueOffsets,
    child,
  });
}

/** By halves: a bigint per number would be an object per number. */
function toInt64(values: Float64Array): BigInt64Array {
  const out = new BigInt64Array(values.length);
  const halves = new Int32Array(out.buffer);
  for (let k = 0; k < values.length; k++) {
    halves[2 * k] = values[k]! | 0;
    halves[2 * k + 1] = Math.floor(values[k]! / 2 ** 32);
  }
  return out;
}

function packBits(values: Uint8Array, numRows: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(numRows / 8));
  for (let k = 0; k < numRows; k++) {
    if (values[k] !== 0) bits[k >> 3]! |= 1 << (k & 7);
  }
  return bits;
}
