import { sortItems } from './access.ts';
import { checkNumber, compare, OPERATORS } from './operators.ts';
import {
  type Callable,
  checkLength,
  describe,
  describeType,
  ExpressionError,
  Float,
  isTrue,
  Namespace,
  toDict,
  toItems,
  toKey,
  toLiteral,
  toNumber,
  toText,
  type Value,
} from './value.ts';

/** What expressions can ask of the file that is being expanded. */
export interface Host {
  /** @throws ExpressionError where the file cannot be read */
  loadYaml(path: string): Value;
  warn(message: string): void;
  getArgument(name: string): Value;
}

/** Names that every expression knows. */
export function makeBuiltins(host: Host): ReadonlyMap<string, Value> {
  const python = makePython();
  const math = makeMath();
  const xacro = makeXacro(host);
  return new Map<string, Value>([
    ...python,
    ...math,
    ['load_yaml', xacro.get('load_yaml')],
    ['python', new Namespace(python)],
    ['math', new Namespace(math)],
    ['xacro', new Namespace(xacro)],
  ]);
}

const MATH: Readonly<Record<string, (...args: number[]) => number>> = {
  ...{ sin: Math.sin, cos: Math.cos, tan: Math.tan, asin: Math.asin, acos: Math.acos },
  ...{ atan: Math.atan, atan2: Math.atan2, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh },
  ...{ exp: Math.exp, log10: Math.log10, log2: Math.log2, sqrt: Math.sqrt, pow: Math.pow },
  hypot: Math.hypot,
  fabs: Math.abs,
  radians: (degrees) => (degrees! * Math.PI) / 180,
  degrees: (radians) => (radians! * 180) / Math.PI,
  copysign: (size, sign) => Math.abs(size!) * (Math.sign(sign!) || 1),
  log: (value, base = Math.E) => Math.log(value!) / Math.log(base),
};

/** To whole numbers. */
const ROUNDING = { floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc } as const;

function makeMath(): Map<string, Value> {
  const compute = (make: (...args: number[]) => number, args: readonly Value[]) =>
    checkNumber(make(...args.map(toNumber))) + 0;
  return new Map<string, Value>([
    ...Object.entries(MATH).map(([name, make]): [string, Value] => [
      name,
      (args) => new Float(compute(make, args)),
    ]),
    ...Object.entries(ROUNDING).map(([name, make]): [string, Value] => [
      name,
      (args) => compute(make, args),
    ]),
    ['pi', new Float(Math.PI)],
    ['tau', new Float(2 * Math.PI)],
    ['e', new Float(Math.E)],
  ]);
}

const TYPES: readonly (readonly [name: string, make: Callable, test: (value: Value) => boolean])[] =
  [
    ['str', ([value]) => toText(value ?? ''), (value) => typeof value === 'string'],
    [
      'int',
      ([value]) => Math.trunc(readNumber(value)) + 0,
      (value) => typeof value === 'number' || typeof value === 'boolean',
    ],
    ['float', ([value]) => new Float(readNumber(value)), (value) => value instanceof Float],
    ['bool', ([value]) => isTrue(value), (value) => typeof value === 'boolean'],
    ['list', ([value]) => [...toItems(value ?? [])], Array.isArray],
    ['tuple', ([value]) => [...toItems(value ?? [])], Array.isArray],
    ['set', ([value]) => new Set(toItems(value ?? []).map(toKey)), (value) => value instanceof Set],
    ['dict', makeDict, (value) => value instanceof Map],
  ];

function makePython(): Map<string, Value> {
  const isInstance: Callable = ([value, type]) =>
    toItems(Array.isArray(type) ? type : [type]).some((one) => {
      const known = TYPES.find(([, make]) => make === one);
      if (known === undefined) throw new ExpressionError(`${describe(one)} is no type`);
      return known[2](value);
    });
  const pick = (args: readonly Value[], sign: number) => {
    const items = args.length === 1 ? toItems(args[0]) : args;
    if (items.length === 0) throw new ExpressionError('the least or greatest of nothing');
    return items.reduce((best, item) => (sign * compare(item, best) > 0 ? item : best));
  };
  return new Map<string, Value>([
    ...TYPES.map(([name, make]): [string, Value] => [name, make]),
    ['isinstance', isInstance],
    ['len', ([value]) => toItems(value).length],
    ['abs', ([value]) => keepKind(value, Math.abs(toNumber(value)))],
    ['min', (args) => pick(args, -1)],
    ['max', (args) => pick(args, 1)],
    [
      'round',
      ([value, digits]) => {
        const rounded = round(toNumber(value), toNumber(digits ?? 0));
        return digits === undefined ? rounded + 0 : keepKind(value, rounded);
      },
    ],
    ['sum', ([value]) => toItems(value).reduce((sum, x) => OPERATORS['+']!(sum, x), 0)],
    ['any', ([value]) => toItems(value).some(isTrue)],
    ['all', ([value]) => toItems(value).every(isTrue)],
    ['sorted', ([value], named) => sortItems(toItems(value), named.get('reverse'))],
    ['reversed', ([value]) => [...toItems(value)].reverse()],
    ['enumerate', ([value]) => toItems(value).map((item, i) => [i, item])],
    ['zip', (args) => zip(args.map(toItems))],
    ['range', makeRange],
    ['map', ([make, value]) => toItems(value).map((item) => callWith(make, item))],
  ]);
}

function makeXacro(host: Host): Map<string, Value> {
  const say: Callable = (args) => {
    host.warn(args.map(toText).join(' '));
    return '';
  };
  const stop: Callable = (args) => {
    throw new ExpressionError(args.map(toText).join(' '));
  };
  return new Map<string, Value>([
    ['load_yaml', ([path]) => host.loadYaml(toText(path))],
    ['arg', ([name]) => host.getArgument(toText(name))],
    ['message', say],
    ['warning', say],
    ['error', stop],
    ['fatal', stop],
    ['print_location', () => ''],
    // Dictionaries have dots here anyway.
    ['dotify', ([value]) => value],
    ['tokenize', ([text, sep], named) => splitTokens(toText(text), named.get('sep') ?? sep)],
  ]);
}

function splitTokens(text: string, separators: Value): Value {
  const signs = separators === undefined ? ',; ' : toText(separators);
  const parts: string[] = [''];
  for (const char of text) {
    if (signs.includes(char)) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part !== '');
}

function makeDict(args: readonly Value[], named: ReadonlyMap<string, Value>): Value {
  const [first] = args;
  const pairs =
    first instanceof Map ? [...first].map(([key, value]) => [key, value]) : toItems(first ?? []);
  return toDict([...pairs, ...named]);
}

function makeRange(args: readonly Value[]): Value {
  const [first = 0, second, step = 1] = args.map(toNumber);
  const [start, end] = second === undefined ? [0, first] : [first, second];
  const count = step === 0 ? Number.NaN : Math.max(0, Math.ceil((end - start) / step));
  if (Number.isNaN(count)) throw new ExpressionError('range() with a step of 0');
  checkLength(count);
  return Array.from({ length: count }, (_, i) => start + i * step);
}

function zip(lists: readonly (readonly Value[])[]): Value {
  const length = lists.length === 0 ? 0 : Math.min(...lists.map((list) => list.length));
  return Array.from({ length }, (_, i) => lists.map((list) => list[i]));
}

function callWith(make: Value, item: Value): Value {
  if (typeof make !== 'function') throw new ExpressionError(`${describe(make)} is no function`);
  return (make as Callable)([item], new Map());
}

/** Halves go to the even neighbour, as in Python. */
function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  const scaled = value * factor;
  const nearest = Math.round(scaled);
  const isHalf = Math.abs(scaled - Math.trunc(scaled)) === 0.5;
  return checkNumber((isHalf && nearest % 2 !== 0 ? nearest - 1 : nearest) / factor);
}

/** A float where the value was one. */
function keepKind(value: Value, number: number): Value {
  return value instanceof Float ? new Float(number) : number;
}

function readNumber(value: Value): number {
  const number = typeof value === 'string' ? toLiteral(value.trim()) : value;
  if (typeof number === 'boolean' || typeof number === 'number' || number instanceof Float) {
    return toNumber(number);
  }
  throw new ExpressionError(`${describeType(value)} '${toText(value)}' is no number`);
}
