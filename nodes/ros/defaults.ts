import { type Field, getStruct } from './definitions.ts';

/** A message with every field at the default of its definition: zero, empty or false where that gives none. */
export function makeDefaultMessage(type: string): Record<string, unknown> {
  return Object.fromEntries(getStruct(type).fields.map((field) => [field.name, makeValue(field)]));
}

/** A copy in which the fields that a message lacks have their defaults, nested ones too. */
export function fillDefaults(type: string, message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const given = message as Readonly<Record<string, unknown>>;
  const filled: Record<string, unknown> = { ...given };
  for (const field of getStruct(type).fields) {
    const value = given[field.name];
    if (value === undefined) filled[field.name] = makeValue(field);
    else if (field.element.kind === 'message') {
      const nested = field.element.type;
      filled[field.name] = Array.isArray(value)
        ? value.map((one) => fillDefaults(nested, one))
        : fillDefaults(nested, value);
    }
  }
  return filled;
}

function makeValue({ element, array, defaultValue }: Field): unknown {
  if (defaultValue !== undefined) return structuredClone(defaultValue);
  if (array !== undefined)
    return Array.from({ length: array.length ?? 0 }, () => makeElement(element));
  return makeElement(element);
}

function makeElement(element: Field['element']): unknown {
  if (element.kind === 'message') return makeDefaultMessage(element.type);
  switch (element.type) {
    case 'bool':
      return false;
    case 'string':
    case 'wstring':
      return '';
    case 'int64':
    case 'uint64':
      return 0n;
    default:
      return 0;
  }
}
