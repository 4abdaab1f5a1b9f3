/** Types of Thrift's compact protocol, as they stand in the headers of fields and lists. */
const TYPE = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 };

/** A value with its type; a struct is its fields by their ids. */
export type ThriftValue =
  | { readonly kind: 'i32' | 'i64' | 'byte'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'binary'; readonly value: Uint8Array }
  | { readonly kind: 'list'; readonly value: readonly ThriftValue[] }
  | { readonly kind: 'struct'; readonly value: ThriftStruct };
export type ThriftStruct = Readonly<Record<number, ThriftValue | undefined>>;

export const i32 = (value: number): ThriftValue => ({ kind: 'i32', value });
export const i64 = (value: number): ThriftValue => ({ kind: 'i64', value });
export const byte = (value: number): ThriftValue => ({ kind: 'byte', value });
export const bool = (value: boolean): ThriftValue => ({ kind: 'bool', value });
export const binary = (value: Uint8Array): ThriftValue => ({ kind: 'binary', value });
export const text = (value: string): ThriftValue => binary(new TextEncoder().encode(value));
export const list = (value: readonly ThriftValue[]): ThriftValue => ({ kind: 'list', value });
export const struct = (value: ThriftStruct): ThriftValue => ({ kind: 'struct', value });

/**
 * A struct in Thrift's compact protocol (thrift/doc/specs/thrift-compact-protocol.md), in which the headers and the
 * footer of a Parquet file are written. Lists of numbers, texts and structs; no maps, sets or fractions.
 */
export function encodeThrift(value: ThriftStruct): Uint8Array {
  const out: number[] = [];
  writeStruct(out, value);
  return Uint8Array.from(out);
}

function writeStruct(out: number[], fields: ThriftStruct): void {
  let previous = 0;
  // Names that are whole numbers are in ascending order.
  for (const [name, field] of Object.entries(fields)) {
    if (field === undefined) continue;
    const id = Number(name);
    const type = field.kind === 'bool' ? (field.value ? TYPE.true : TYPE.false) : TYPE[field.kind];
    if (id - previous > 15) throw new RangeError(`thrift: field ${id} is too far from ${previous}`);
    out.push(((id - previous) << 4) | type);
    previous = id;
    if (field.kind !== 'bool') writeValue(out, field);
  }
  out.push(0);
}

function writeValue(out: number[], value: ThriftValue): void {
  switch (value.kind) {
    case 'byte':
      out.push(value.value & 0xff);
      break;
    case 'i32':
    case 'i64':
      writeVarint(out, value.value >= 0 ? 2 * value.value : -2 * value.value - 1);
      break;
    case 'binary':
      writeVarint(out, value.value.length);
      for (const one of value.value) out.push(one);
      break;
    case 'struct':
      writeStruct(out, value.value);
      break;
    case 'list':
      writeList(out, value.value);
      break;
    case 'bool':
      throw new RangeError('thrift: a truth value stands in the header of its field');
  }
}

function writeList(out: number[], values: readonly ThriftValue[]): void {
  const first = values[0];
  if (first?.kind === 'bool') throw new RangeError('thrift: no lists of truth values');
  const type = first === undefined ? TYPE.struct : TYPE[first.kind];
  if (values.length < 15) {
    out.push((values.length << 4) | type);
  } else {
    out.push(0xf0 | type);
    writeVarint(out, values.length);
  }
  for (const value of values) writeValue(out, value);
}

/** Seven bits at a time, lowest first. By division: offsets in files are longer than 32 bits. */
function writeVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
}
