/**
 * Values of xacro expressions, which are Python's: None is `undefined`, lists and tuples are arrays, dictionaries
 * are Maps. Whole and broken numbers are not told apart, so that `${4/2}` writes 2 where Python writes 2.0.
 */
export type Value =
  | undefined
  | boolean
  | number
  | string
  | readonly Value[]
  | ReadonlySet<Value>
  | Dict
  | Namespace
  | Callable;

export type Dict = ReadonlyMap<Value, Value>;
export type Callable = (args: readonly Value[], named: ReadonlyMap<string, Value>) => Value;

/** What stands before a dot: `math`, `python`, `xacro`. */
export class Namespace {
  readonly members: ReadonlyMap<string, Value>;

  constructor(members: ReadonlyMap<string, Value>) {
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
  // True is 1 in Python.
  const plain = (value: Value) => (typeof value === 'boolean' ? Number(value) : value);
  return plain(a) === plain(b);
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
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`;
  if (value instanceof Set) return `{${[...value].map(inner).join(', ')}}`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${inner(key)}: ${inner(item)}`).join(', ')}}`;
  }
  throw new ExpressionError(`${describeType(value)} cannot be written as text`);
}

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  throw new ExpressionError(`expected a number, got ${describe(value)}`);
}

export function describe(value: Value): string {
  const kind = describeType(value);
  if (typeof value !== 'string' && typeof value !== 'number') return kind;
  const text = toText(value);
  return `${kind} '${text.length > 60 ? `${text.slice(0, 57)}...` : text}'`;
}

export function describeType(value: Value): string {
  if (value === undefined) return 'None';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a dictionary';
  if (value instanceof Set) return 'a set';
  if (value instanceof Namespace) return 'a namespace';
  if (typeof value === 'function') return 'a function';
  return `a ${typeof value}`;
}

const WHOLE_OR_BROKEN = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/** What a text that is a whole value means: a number, a boolean, a quoted text, or itself. */
export function toLiteral(text: string): Value {
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1);
  if (WHOLE_OR_BROKEN.test(text)) return Number(text);
  if (text === 'true' || text === 'True') return true;
  if (text === 'false' || text === 'False') return false;
  return text;
}
