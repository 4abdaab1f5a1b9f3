import { makeDefaultMessage } from './defaults.ts';
import { type Field, getStruct } from './definitions.ts';
import { copyChecked } from './validate.ts';

/**
 * A plain object that another definition of the type gave (rclnodejs', a recording's) as our own message: the fields that
 * our definition has and no others, defaults for what the other one lacks, truth values that are truth values.
 * @throws MessageError if it is not what its definition says
 */
export function readObject<T>(type: string, object: unknown, topic: string): T {
  return copyChecked(type, shape(type, object), topic) as T;
}

function shape(type: string, object: unknown): unknown {
  if (typeof object !== 'object' || object === null) return object;
  const given = object as Readonly<Record<string, unknown>>;
  const { fields } = getStruct(type);
  const shaped: Record<string, unknown> = {};
  let defaults: Readonly<Record<string, unknown>> | undefined;
  for (const field of fields) {
    const value = given[field.name];
    if (value === undefined) {
      defaults ??= makeDefaultMessage(type);
      shaped[field.name] = defaults[field.name];
    } else shaped[field.name] = shapeField(field, value);
  }
  return shaped;
}

function shapeField({ element, array }: Field, value: unknown): unknown {
  const shapeOne = (one: unknown) => {
    if (element.kind === 'message') return shape(element.type, one);
    if (element.type === 'bool') return Boolean(one);
    if (element.type === 'int64' || element.type === 'uint64') {
      return typeof one === 'number' ? BigInt(one) : one;
    }
    return one;
  };
  if (array === undefined) return shapeOne(value);
  // A typed array is as it should be already.
  if (ArrayBuffer.isView(value) && element.type !== 'bool') return value;
  return Array.from(value as ArrayLike<unknown>, shapeOne);
}
