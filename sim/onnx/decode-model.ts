import { UserError } from '../errors.ts';
import { ModelProto } from './onnx-descriptor.ts';

/** TensorProto.DataType, by the names that onnxruntime uses. */
export const ELEMENT_TYPES = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
} as const satisfies Record<number, string>;
export type ElementType = (typeof ELEMENT_TYPES)[keyof typeof ELEMENT_TYPES];
export const FLOAT32 = 1;
/** AttributeProto.AttributeType */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;

export interface DecodedValue {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: {
        readonly dim: readonly { readonly dimValue?: number; readonly dimParam?: string }[];
      } | null;
    } | null;
  } | null;
}

export interface DecodedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian; empty where `floatData` is used. */
  readonly rawData: Uint8Array;
  readonly floatData: readonly number[];
}

export interface DecodedNode {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly {
    readonly name: string;
    readonly f: number;
    readonly i: number;
    readonly type: number;
  }[];
}

/** A ModelProto as plain values, as far as the descriptor knows its fields. */
export interface DecodedModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
  readonly graph: {
    readonly node: readonly DecodedNode[];
    readonly initializer: readonly DecodedTensor[];
    readonly input: readonly DecodedValue[];
    readonly output: readonly DecodedValue[];
  };
}

/** @throws UserError if the bytes are not a complete ONNX model */
export function decodeModel(bytes: Uint8Array, where: string): DecodedModel {
  try {
    const plain: unknown = ModelProto.toObject(ModelProto.decode(bytes), {
      longs: Number,
      arrays: true,
      defaults: true,
    });
    // `defaults` fills a missing graph with null.
    const model = plain as DecodedModel & { graph: DecodedModel['graph'] | null };
    const isComplete = model.irVersion >= 1 && model.opsetImport.length > 0 && model.graph !== null;
    if (isComplete) return model;
  } catch (cause) {
    throw notOnnx(where, bytes, cause);
  }
  throw notOnnx(where, bytes, undefined);
}

export function notOnnx(where: string, bytes: Uint8Array, cause: unknown): UserError {
  const start = Array.from(bytes.subarray(0, 4), (b) => b.toString(16).padStart(2, '0')).join(' ');
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new UserError({
    where,
    problem: 'this is not a complete ONNX model',
    expected: 'a serialised ONNX ModelProto',
    got: bytes.length === 0 ? 'an empty file' : `${bytes.length} bytes starting ${start}${reason}`,
    remedy: 'Export the network again, or copy the file again if it was cut short',
    cause,
  });
}
