import { createHash } from 'node:crypto';
import protobuf from 'protobufjs/light.js';
import {
  ATTRIBUTE_TYPE,
  type DecodedValue,
  decodeModel,
  ELEMENT_TYPES,
  type ElementType,
  FLOAT32,
  notOnnx,
} from '../../sim/onnx/decode-model.ts';
import { METADATA_FIELD, MetadataEntry, ModelProto } from '../../sim/onnx/onnx-descriptor.ts';

/*
 * Reads and writes ONNX files. Metadata is cut out and put in at the level of bytes, so that what a
 * graph's hash covers is never encoded anew.
 */

/** TensorProto.DataType */
const INT32 = 6;
const INT64 = 7;
/** Wire type "length-delimited", protobuf encoding specification. */
const LENGTH_DELIMITED = 2;

/** A number, or the name of a dimension that is free. */
export type Dimension = number | string;

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType | 'other';
  readonly shape: readonly Dimension[];
}

export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A constant tensor, row-major: numbers, or the sizes and indices that some operators take as int64. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A graph input; float32 unless it says otherwise. */
export interface OnnxInput {
  readonly name: string;
  readonly shape: readonly Dimension[];
  readonly type?: 'float32' | 'int32';
}

/** What a writer needs to say about a graph of float32 tensors. */
export interface OnnxGraph {
  readonly name: string;
  readonly irVersion: number;
  readonly opset: number;
  readonly producerName: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly Dimension[] }[];
}

/** What a reader learns from a file without running it. */
export interface OnnxSummary {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsets: Readonly<Record<string, number>>;
  /** Graph inputs that a caller must feed: those with an initial value are left out. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Number of weights: elements of all constants. */
  readonly numParameters: number;
  readonly metadata: ReadonlyMap<string, string>;
  /** sha256, in hex, of everything but the metadata. */
  readonly graphSha256: string;
}

/** Serialises a graph as a ModelProto. Same graph, same bytes. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const value = (v: OnnxInput) => ({
    name: v.name,
    type: {
      tensorType: {
        elemType: v.type === 'int32' ? INT32 : FLOAT32,
        shape: {
          dim: v.shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })),
        },
      },
    },
  });
  const message = ModelProto.fromObject({
    irVersion: graph.irVersion,
    producerName: graph.producerName,
    opsetImport: [{ domain: '', version: graph.opset }],
    graph: {
      name: graph.name,
      node: graph.nodes.map((node, i) => ({
        name: `${node.op}_${i}`,
        opType: node.op,
        input: node.inputs,
        output: node.outputs,
        attribute: Object.entries(node.attributes ?? {}).map(([name, attribute]) => ({
          name,
          ...encodeAttribute(attribute),
        })),
      })),
      initializer: graph.constants.map((constant) => ({
        name: constant.name,
        dims: constant.shape,
        dataType: constant.data instanceof Float32Array ? FLOAT32 : INT64,
        rawData: toLittleEndian(constant.data),
      })),
      input: graph.inputs.map(value),
      output: graph.outputs.map(value),
    },
  });
  return Uint8Array.from(ModelProto.encode(message).finish());
}

function encodeAttribute(attribute: OnnxAttribute): Record<string, unknown> {
  if ('float' in attribute) return { f: attribute.float, type: ATTRIBUTE_TYPE.float };
  if ('int' in attribute) return { i: attribute.int, type: ATTRIBUTE_TYPE.int };
  return { ints: attribute.ints, type: ATTRIBUTE_TYPE.ints };
}

/**
 * Reads what a file says about itself.
 * @throws UserError if the bytes are not a complete ONNX model
 */
export function readModel(bytes: Uint8Array, where: string): OnnxSummary {
  const chunks = splitFields(bytes, where);
  const model = decodeModel(bytes, where);
  const initial = new Set(model.graph.initializer.map((tensor) => tensor.name));
  return {
    irVersion: model.irVersion,
    producerName: model.producerName,
    opsets: Object.fromEntries(
      model.opsetImport.map((set) => [set.domain === '' ? 'ai.onnx' : set.domain, set.version]),
    ),
    inputs: model.graph.input.filter((v) => !initial.has(v.name)).map(toOnnxValue),
    outputs: model.graph.output.map(toOnnxValue),
    numParameters: model.graph.initializer.reduce(
      (sum, tensor) => sum + tensor.dims.reduce((product, d) => product * d, 1),
      0,
    ),
    metadata: new Map(model.metadataProps.map((entry) => [entry.key, entry.value])),
    graphSha256: hashWithoutMetadata(bytes, chunks),
  };
}

/** sha256, in hex, of a model's bytes without its metadata. */
export function computeGraphSha256(bytes: Uint8Array, where = 'model'): string {
  return hashWithoutMetadata(bytes, splitFields(bytes, where));
}

/** The same model with one metadata entry set; every other byte stays as it is. */
export function setMetadata(
  bytes: Uint8Array,
  key: string,
  value: string,
  where: string,
): Uint8Array {
  const kept = splitFields(bytes, where)
    .filter((chunk) => chunk.metadataKey !== key)
    .map((chunk) => bytes.subarray(chunk.start, chunk.end));
  const entry = MetadataEntry.encode(MetadataEntry.fromObject({ key, value })).finish();
  const header = protobuf.Writer.create()
    .uint32((METADATA_FIELD << 3) | LENGTH_DELIMITED)
    .uint32(entry.length)
    .finish();
  return concatenate([...kept, header, entry]);
}

interface Chunk {
  readonly field: number;
  readonly start: number;
  readonly end: number;
  /** Only on metadata entries. */
  readonly metadataKey?: string;
}

/** Top-level fields of a ModelProto, in file order, by their place in the bytes. */
function splitFields(bytes: Uint8Array, where: string): Chunk[] {
  const chunks: Chunk[] = [];
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const tag = reader.uint32();
      const field = tag >>> 3;
      const bodyAt = reader.pos;
      reader.skipType(tag & 7);
      const chunk = { field, start, end: reader.pos };
      if (field !== METADATA_FIELD) chunks.push(chunk);
      else chunks.push({ ...chunk, metadataKey: readMetadataKey(bytes, bodyAt) });
    }
  } catch (cause) {
    throw notOnnx(where, bytes, cause);
  }
  if (!chunks.some((chunk) => chunk.field === 7)) throw notOnnx(where, bytes, undefined);
  return chunks;
}

function readMetadataKey(bytes: Uint8Array, at: number): string {
  const reader = protobuf.Reader.create(bytes);
  reader.pos = at;
  const entry = MetadataEntry.decode(reader, reader.uint32());
  return String(MetadataEntry.toObject(entry, { defaults: true }).key);
}

function hashWithoutMetadata(bytes: Uint8Array, chunks: readonly Chunk[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) {
    if (chunk.field !== METADATA_FIELD) hash.update(bytes.subarray(chunk.start, chunk.end));
  }
  return hash.digest('hex');
}

function toOnnxValue(value: DecodedValue): OnnxValue {
  const tensor = value.type?.tensorType;
  const names: Readonly<Record<number, ElementType>> = ELEMENT_TYPES;
  return {
    name: value.name,
    type: (tensor ? names[tensor.elemType] : undefined) ?? 'other',
    shape: (tensor?.shape?.dim ?? []).map((d) => {
      if (d.dimParam !== undefined && d.dimParam !== '') return d.dimParam;
      return d.dimValue !== undefined && d.dimValue > 0 ? d.dimValue : '?';
    }),
  };
}

function toLittleEndian(data: Float32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  if (data instanceof BigInt64Array) {
    data.forEach((value, i) => {
      view.setBigInt64(8 * i, value, true);
    });
    return bytes;
  }
  for (let i = 0; i < data.length; i++) view.setFloat32(4 * i, data[i]!, true);
  return bytes;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
