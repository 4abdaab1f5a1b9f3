import { compare } from './operators.ts';
import {
  type Callable,
  checkLength,
  type Dict,
  describe,
  describeType,
  ExpressionError,
  isEqual,
  isTrue,
  Namespace,
  toItems,
  toKey,
  toNumber,
  toText,
  type Value,
} from './value.ts';

/** `value[key]` */
export function getItem(value: Value, key: Value): Value {
  if (value instanceof Map) {
    if (value.has(toKey(key))) return value.get(toKey(key));
    const keys = [...value.keys()].map(toText).join(', ');
    throw new ExpressionError(`no key ${describe(key)}; there are: ${keys}`);
  }
  if (typeof value !== 'string' && !Array.isArray(value)) {
    throw new ExpressionError(`${describe(value)} has no items to pick`);
  }
  const items = toItems(value);
  const index = toNumber(key);
  const item = items.at(index);
  if (!Number.isInteger(index) || index < -items.length || index >= items.length) {
    throw new ExpressionError(`no item ${toText(key)} among ${items.length}`);
  }
  return item;
}

/** `value[start:end:step]` */
export function getSlice(value: Value, ...parts: readonly Value[]): Value {
  const items = toItems(value);
  const [start, end, step] = parts.map((part) => (part === undefined ? undefined : toNumber(part)));
  if (step !== undefined && step !== 1 && step !== -1) {
    throw new ExpressionError('slices with a step other than 1 or -1 are not known here');
  }
  if (step === -1 && (start !== undefined || end !== undefined)) {
    throw new ExpressionError('a backward slice with bounds is not known here');
  }
  const picked = step === -1 ? [...items].reverse() : items.slice(start ?? 0, end ?? items.length);
  return typeof value === 'string' ? picked.join('') : picked;
}

/** `value.name`: a method, a member of a namespace, or a key of a dictionary. */
export function getAttribute(value: Value, name: string): Value {
  if (value instanceof Namespace) {
    if (value.members.has(name)) return value.members.get(name);
    throw new ExpressionError(`no '${name}'; there are: ${[...value.members.keys()].join(', ')}`);
  }
  const method = findMethod(value, name);
  if (method !== undefined) return method;
  if (value instanceof Map) return getItem(value, name);
  throw new ExpressionError(`${describeType(value)} has no '${name}'`);
}

function findMethod(value: Value, name: string): Callable | undefined {
  if (typeof value === 'string') {
    const method = TEXT_METHODS.get(name);
    return method && ((args, named) => method(value, args, named));
  }
  if (value instanceof Map) {
    const method = DICT_METHODS.get(name);
    return method && ((args) => method(value, args));
  }
  const list = Array.isArray(value) ? LIST_METHODS.get(name) : undefined;
  return list && ((args) => list(toItems(value), args));
}

type TextMethod = (
  text: string,
  args: readonly Value[],
  named: ReadonlyMap<string, Value>,
) => Value;

const asText = (value: Value): string => {
  if (typeof value === 'string') return value;
  throw new ExpressionError(`expected a text, got ${describe(value)}`);
};

const TEXT_METHODS: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  ['lower', (text) => text.toLowerCase()],
  ['upper', (text) => text.toUpperCase()],
  ['capitalize', (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()],
  ['strip', (text, [set]) => trim(text, set, true, true)],
  ['lstrip', (text, [set]) => trim(text, set, true, false)],
  ['rstrip', (text, [set]) => trim(text, set, false, true)],
  ['startswith', (text, [start]) => text.startsWith(asText(start))],
  ['endswith', (text, [end]) => text.endsWith(asText(end))],
  ['find', (text, [part]) => text.indexOf(asText(part))],
  ['count', (text, [part]) => text.split(asText(part)).length - 1],
  ['isdigit', (text) => /^\d+$/.test(text)],
  ['split', split],
  ['join', (text, [items]) => join(toItems(items).map(asText), text)],
  ['replace', (text, [from, to]) => join(text.split(asText(from)), asText(to))],
  ['format', (text, args, named) => format(text, args, named)],
]);

function join(parts: readonly string[], between: string): string {
  checkLength(parts.reduce((sum, part) => sum + part.length + between.length, 0));
  return parts.join(between);
}

function split(text: string, [separator, limit]: readonly Value[]): Value {
  const parts =
    separator === undefined ? text.split(/\s+/).filter(Boolean) : text.split(asText(separator));
  if (separator === '') throw new ExpressionError('an empty separator');
  if (limit === undefined) return parts;
  const count = toNumber(limit);
  if (separator === undefined) throw new ExpressionError('split() with a limit needs a separator');
  return parts.length <= count + 1
    ? parts
    : [...parts.slice(0, count), parts.slice(count).join(asText(separator))];
}

function trim(text: string, set: Value, atStart: boolean, atEnd: boolean): string {
  const isTaken = (char: string) =>
    set === undefined ? /\s/.test(char) : asText(set).includes(char);
  let start = 0;
  let end = text.length;
  while (atStart && start < end && isTaken(text[start]!)) start++;
  while (atEnd && end > start && isTaken(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** `{}`, `{0}` and `{name}`; formats behind a colon are not known. */
function format(text: string, args: readonly Value[], named: ReadonlyMap<string, Value>): string {
  let next = 0;
  const made = text.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (all, field: string | undefined) => {
    if (field === undefined) return all[0]!;
    const value = /^\d*$/.test(field)
      ? args[field === '' ? next++ : Number(field)]
      : named.get(field);
    if (value === undefined) throw new ExpressionError(`format() knows no '{${field}}' here`);
    return toText(value);
  });
  checkLength(made.length);
  return made;
}

const DICT_METHODS: ReadonlyMap<string, (dict: Dict, args: readonly Value[]) => Value> = new Map<
  string,
  (dict: Dict, args: readonly Value[]) => Value
>([
  ['get', (dict, [key, fallback]) => (dict.has(toKey(key)) ? dict.get(toKey(key)) : fallback)],
  ['keys', (dict) => [...dict.keys()]],
  ['values', (dict) => [...dict.values()]],
  ['items', (dict) => [...dict].map(([key, value]) => [key, value])],
]);

const LIST_METHODS: ReadonlyMap<
  string,
  (items: readonly Value[], args: readonly Value[]) => Value
> = new Map<string, (items: readonly Value[], args: readonly Value[]) => Value>([
  ['index', (items, [item]) => findIndex(items, item)],
  ['count', (items, [item]) => items.filter((other) => isEqual(other, item)).length],
]);

function findIndex(items: readonly Value[], item: Value): number {
  const index = items.findIndex((other) => isEqual(other, item));
  if (index < 0) throw new ExpressionError(`${describe(item)} is not in the list`);
  return index;
}

export function sortItems(items: readonly Value[], isReversed: Value): Value {
  const sorted = [...items].sort(compare);
  return isTrue(isReversed) ? sorted.reverse() : sorted;
}
