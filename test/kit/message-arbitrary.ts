import fc from 'fast-check';
import { type Field, getStruct, type PrimitiveType } from '../../nodes/ros/definitions.ts';

/** Any message of a type, as its definition allows it; numeric lists as plain arrays. */
export function anyMessage(type: string): fc.Arbitrary<Record<string, unknown>> {
  const fields = getStruct(type).fields.map((field) => [field.name, anyField(field)] as const);
  // fc.record makes objects without a prototype, which no user does.
  return fc.record(Object.fromEntries(fields)).map((message) => ({ ...message }));
}

function anyField({ element, array }: Field): fc.Arbitrary<unknown> {
  const one = element.kind === 'message' ? anyMessage(element.type) : anyPrimitive(element.type);
  if (array === undefined) return one;
  const { length, maxLength = 3 } = array;
  return fc.array(one, { minLength: length ?? 0, maxLength: length ?? maxLength });
}

function anyPrimitive(type: PrimitiveType): fc.Arbitrary<unknown> {
  switch (type) {
    case 'bool':
      return fc.boolean();
    case 'string':
    case 'wstring':
      return fc.string({ unit: 'grapheme', maxLength: 8 });
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'uint8':
      return fc.integer({ min: 0, max: 255 });
    case 'int16':
      return fc.integer({ min: -32768, max: 32767 });
    case 'uint16':
      return fc.integer({ min: 0, max: 65535 });
    case 'int32':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case 'uint32':
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case 'int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'float32':
      return fc.float();
    case 'float64':
      return fc.double();
  }
}
