import {
  checkLength,
  describe,
  ExpressionError,
  Float,
  isEqual,
  toItems,
  toNumber,
  type Value,
} from './value.ts';

type Operator = (a: Value, b: Value) => Value;

/** Python's binary operators. @throws ExpressionError where operands do not fit or the result is no number */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  '+': (a, b) => {
    if (typeof a === 'string' && typeof b === 'string') {
      checkLength(a.length + b.length);
      return a + b;
    }
    if (Array.isArray(a) && Array.isArray(b)) {
      checkLength(a.length + b.length);
      return [...a, ...b] as Value[];
    }
    return compute('+', a, b, (x, y) => x + y);
  },
  '-': (a, b) =>
    a instanceof Set && b instanceof Set
      ? new Set([...a].filter((item) => !b.has(item)))
      : compute('-', a, b, (x, y) => x - y),
  '*': (a, b) => {
    if (typeof b === 'string' || Array.isArray(b)) return repeat(b as Value, a);
    if (typeof a === 'string' || Array.isArray(a)) return repeat(a as Value, b);
    return compute('*', a, b, (x, y) => x * y);
  },
  '/': (a, b) => new Float(toNumber(compute('/', a, b, (x, y) => x / checkDivisor(y)))),
  '//': (a, b) => compute('//', a, b, (x, y) => Math.floor(x / checkDivisor(y))),
  // The result has the sign of the divisor.
  '%': (a, b) => compute('%', a, b, (x, y) => x - checkDivisor(y) * Math.floor(x / y)),
  '**': (a, b) => {
    const power = compute('**', a, b, (x, y) => x ** y);
    return toNumber(b) < 0 ? new Float(toNumber(power)) : power;
  },
  '|': (a, b) =>
    a instanceof Set && b instanceof Set
      ? new Set([...a, ...b])
      : compute('|', a, b, (x, y) => x | y),
  '&': (a, b) =>
    a instanceof Set && b instanceof Set
      ? new Set([...a].filter((item) => b.has(item)))
      : compute('&', a, b, (x, y) => x & y),
  '^': (a, b) => compute('^', a, b, (x, y) => x ^ y),
  '==': (a, b) => isEqual(a, b),
  '!=': (a, b) => !isEqual(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>': (a, b) => compare(a, b) > 0,
  '>=': (a, b) => compare(a, b) >= 0,
  is: isSame,
  'is not': (a, b) => !isSame(a, b),
  in: contains,
  'not in': (a, b) => !contains(a, b),
};

/** `-value` or `+value` */
export function applySign(sign: 1 | -1, value: Value): Value {
  const number = sign * toNumber(value);
  // A whole number has one zero.
  return value instanceof Float ? new Float(number) : number + 0;
}

function compute(
  sign: string,
  a: Value,
  b: Value,
  apply: (x: number, y: number) => number,
): number | Float {
  for (const side of [a, b]) {
    if (typeof side === 'number' || typeof side === 'boolean' || side instanceof Float) continue;
    throw new ExpressionError(`'${sign}' cannot take ${describe(a)} and ${describe(b)}`);
  }
  const value = checkNumber(apply(toNumber(a), toNumber(b)));
  return a instanceof Float || b instanceof Float ? new Float(value) : value + 0;
}

/** @throws ExpressionError for what is no number, or no finite one */
export function checkNumber(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ExpressionError('the result is not a finite number');
}

function isSame(a: Value, b: Value): boolean {
  return isEqual(a, b) && typeof a === typeof b;
}

function checkDivisor(value: number): number {
  if (value === 0) throw new ExpressionError('division by zero');
  return value;
}

function repeat(value: Value, times: Value): Value {
  const count = Math.max(0, Math.trunc(toNumber(times)));
  if (typeof value === 'string') {
    checkLength(value.length * count);
    return value.repeat(count);
  }
  const items = toItems(value);
  checkLength(items.length * count);
  return Array.from({ length: count }, () => items).flat();
}

export function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return toNumber(a) - toNumber(b);
}

function contains(item: Value, container: Value): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    throw new ExpressionError(`'in' a text needs a text before it, got ${describe(item)}`);
  }
  return toItems(container).some((other) => isEqual(other, item));
}
