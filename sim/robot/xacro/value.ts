/** A float, which Python tells from a whole number: `${4/2}` writes 2.0. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/**
 * Values of xacro expressions, which are Python's: None is `undefined`, an int is a number, lists and tuples are arrays,
 * dictionaries are Maps.
 */
export type Value =
  | undefined
  | boolean
  | number
  | Float
  | string
  | readonly Value[]
  | ReadonlySet<Value>
  | Dict
  | Namespace
  | Callable;

export type Dict = ReadonlyMap<Value, Value>;
export type Callable = (args: readonly Value[], named: ReadonlyMap<string, Value>) => Value;

/** What a namespace holds, by name. */
export type Members = Pick<ReadonlyMap<string, Value>, 'has' | 'get' | 'keys'>;

/** What stands before a dot: `math`, `python`, `xacro`, and the `ns` of an include. */
export class Namespace {
  readonly members: Members;

  constructor(members: Members) {
    this.members = members;
  }
}

/** What is wrong with an expression; the expander adds where it stands. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** Longest text or list that an expression may make: a few characters can ask for gigabytes. */
export const MAX_LENGTH = 1_000_000;

export function checkLength(length: number): void {
  if (length > MAX_LENGTH) throw new ExpressionError(`more than ${MAX_LENGTH} characters or items`);
}

export function isTrue(value: Value): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  return Boolean(value);
}

export function isEqual(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  }
  if (a instanceof Set && b instanceof Set) {
    return a.size === b.size && [...a].every((item) => b.has(item));
  }
  if (a instanceof Map && b instanceof Map) {
    return (
      a.size === b.size && [...a].every(([key, item]) => b.has(key) && isEqual(item, b.get(key)))
    );
  }
  return toKey(a) === toKey(b);
}

/** What a value is found by in a dictionary or set: True, 1 and 1.0 are one key. */
export function toKey(value: Value): Value {
  if (value instanceof Float) return value.value;
  return typeof value === 'boolean' ? Number(value) : value;
}

/** The items that `for` would give. */
export function toItems(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value as readonly Value[];
  if (typeof value === 'string') return [...value];
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Set) return [...value];
  throw new ExpressionError(`${describeType(value)} has no items`);
}

/** As Python's `str`. */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  const text = toRepr(value, 0);
  checkLength(text.length);
  return text;
}

/** As Python's `repr`. */
function toRepr(value: Value, depth: number): string {
  if (depth > 20) throw new ExpressionError('a value nested too deeply to be written');
  const inner = (item: Value) => toRepr(item, depth + 1);
  if (value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Float) return formatFloat(value.value);
  if (typeof value === 'number') return formatInt(value);
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`;
  if (value instanceof Set) return `{${[...value].map(inner).join(', ')}}`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${inner(key)}: ${inner(item)}`).join(', ')}}`;
  }
  throw new ExpressionError(`${describeType(value)} cannot be written as text`);
}

/** Python's: as short as can be, with a point or an exponent, which has two digits. */
function formatFloat(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf').toLowerCase();
  if (size >= 1e16 || (size > 0 && size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** All digits, however many. */
function formatInt(value: number): string {
  return Number.isInteger(value) ? String(BigInt(value)) : String(value);
}

export function toNumber(value: Value): number {
  if (value instanceof Float) return value.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  throw new ExpressionError(`expected a number, got ${describe(value)}`);
}

export function describe(value: Value): string {
  const kind = describeType(value);
  const isShown = typeof value === 'string' || typeof value === 'number' || value instanceof Float;
  if (!isShown) return kind;
  const text = toText(value);
  return `${kind} '${text.length > 60 ? `${text.slice(0, 57)}...` : text}'`;
}

export function describeType(value: Value): string {
  if (value === undefined) return 'None';
  if (value instanceof Float) return 'a number';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a dictionary';
  if (value instanceof Set) return 'a set';
  if (value instanceof Namespace) return 'a namespace';
  if (typeof value === 'function') return 'a function';
  return `a ${typeof value}`;
}

const INT = /^\s*[+-]?\d+\s*$/;
const FLOAT = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/** What a text that is a whole value means: a number, a boolean, a quoted text, or itself. */
export function toLiteral(text: string): Value {
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1);
  if (INT.test(text)) return Number(text);
  if (FLOAT.test(text)) return new Float(Number(text));
  if (text === 'true' || text === 'True') return true;
  if (text === 'false' || text === 'False') return false;
  return text;
}

/** What it costs to make or to look through a value. */
export function getSize(value: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : 0;
}

/** A dictionary of pairs. */
export function toDict(pairs: readonly Value[]): Value {
  return new Map(
    pairs.map((pair) => {
      const [key, value] = toItems(pair);
      return [toKey(key), value];
    }),
  );
}
