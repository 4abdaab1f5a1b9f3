import { getAttribute, getItem, getSlice } from './access.ts';
import type { Names, Node } from './names.ts';
import type { TokenCursor } from './token-cursor.ts';
import {
  type Callable,
  describe,
  ExpressionError,
  Float,
  getSize,
  isTrue,
  toDict,
  toItems,
  toKey,
  type Value,
} from './value.ts';

const CONSTANTS: Readonly<Record<string, Value>> = { True: true, False: false, None: undefined };

/** How what stands in brackets is read. */
export interface InnerReaders {
  /** One expression. */
  readOne(): Node;
  /** One expression, or a tuple without brackets. */
  readList(end: string): Node;
  /** Without a condition behind it. */
  readOr(): Node;
}

/** What operators stand between: values, names, brackets, calls, comprehensions. */
export class OperandReader {
  readonly #cursor: TokenCursor;
  readonly #readers: InnerReaders;

  constructor(cursor: TokenCursor, readers: InnerReaders) {
    this.#cursor = cursor;
    this.#readers = readers;
  }

  /** A value with what follows it at once: `.name`, `[…]`, `(…)`. */
  readOperand(): Node {
    let node = this.#readAtom();
    for (;;) {
      const base = node;
      if (this.#cursor.take('.')) {
        const { kind, value: name } = this.#cursor.peek;
        if (kind !== 'name') throw this.#cursor.unexpected('a name');
        this.#cursor.advance();
        node = (names) => getAttribute(base(names), name);
      } else if (this.#cursor.take('[')) {
        node = this.#readSubscript(base);
      } else if (this.#cursor.take('(')) {
        node = this.#readCall(base);
      } else {
        return node;
      }
    }
  }

  #readSubscript(base: Node): Node {
    const readPart = () =>
      this.#cursor.is(':') || this.#cursor.is(']') ? undefined : this.#readers.readOne();
    const first = readPart();
    if (first !== undefined && this.#cursor.take(']')) {
      return (names) => getItem(base(names), first(names));
    }
    const parts = [first];
    while (this.#cursor.take(':')) parts.push(readPart());
    this.#cursor.expect(']');
    if (parts.length < 2 || parts.length > 3) throw new ExpressionError('empty brackets');
    return (names) => getSlice(base(names), ...parts.map((part) => part?.(names)));
  }

  #readCall(base: Node): Node {
    const args: Node[] = [];
    const named: { readonly name: string; readonly node: Node }[] = [];
    while (!this.#cursor.take(')')) {
      const next = this.#cursor.second;
      if (this.#cursor.peek.kind === 'name' && next?.kind === 'operator' && next.value === '=') {
        const name = this.#cursor.peek.value;
        this.#cursor.advance(2);
        named.push({ name, node: this.#readers.readOne() });
      } else {
        const item = this.#readers.readOne();
        args.push(this.#cursor.is('for') ? this.#readComprehension(item, toList) : item);
      }
      if (!this.#cursor.is(')')) this.#cursor.expect(',');
    }
    return (names) => {
      const target = base(names);
      if (typeof target !== 'function') {
        throw new ExpressionError(`${describe(target)} is no function`);
      }
      const values = args.map((arg) => arg(names));
      names.spend(1 + values.reduce((sum: number, value) => sum + getSize(value), 0));
      const value = (target as Callable)(
        values,
        new Map(named.map(({ name, node }) => [name, node(names)])),
      );
      names.spend(getSize(value));
      return value;
    };
  }

  #readAtom(): Node {
    const token = this.#cursor.peek;
    if (token.kind === 'number') {
      this.#cursor.advance();
      const value = readLiteral(token.value);
      return () => value;
    }
    if (token.kind === 'text') return this.#readText();
    if (this.#cursor.take('(')) return this.#readBracket();
    if (this.#cursor.take('[')) return this.#readItems(']', toList);
    if (this.#cursor.take('{')) return this.#readBraces();
    if (token.kind !== 'name') throw this.#cursor.unexpected();
    this.#cursor.advance();
    if (token.value in CONSTANTS) return () => CONSTANTS[token.value];
    if (['lambda', 'for', 'if', 'else', 'import'].includes(token.value)) {
      throw new ExpressionError(`'${token.value}' is not known here`);
    }
    return (names) => names.lookUp(token.value);
  }

  /** Texts beside one another are one text. */
  #readText(): Node {
    let value = '';
    while (this.#cursor.peek.kind === 'text') {
      value += this.#cursor.peek.value;
      this.#cursor.advance();
    }
    return () => value;
  }

  #readBracket(): Node {
    if (this.#cursor.take(')')) return () => [];
    const first = this.#readers.readList(')');
    const node = this.#cursor.is('for') ? this.#readComprehension(first, toList) : first;
    this.#cursor.expect(')');
    return node;
  }

  #readItems(end: string, collect: (items: Value[]) => Value, first?: Node): Node {
    const items: Node[] = [];
    while (first !== undefined || !this.#cursor.take(end)) {
      const item: Node = first ?? this.#readers.readOne();
      first = undefined;
      if (items.length === 0 && this.#cursor.is('for')) {
        const node = this.#readComprehension(item, collect);
        this.#cursor.expect(end);
        return node;
      }
      items.push(item);
      if (!this.#cursor.is(end)) this.#cursor.expect(',');
    }
    return (names) => collect(items.map((item) => item(names)));
  }

  /** A dictionary if its first item has a colon, or if it is empty; otherwise a set. */
  #readBraces(): Node {
    if (this.#cursor.take('}')) return () => new Map();
    const first = this.#readers.readOne();
    if (!this.#cursor.is(':'))
      return this.#readItems('}', (items) => new Set(items.map(toKey)), first);
    const pairs: Node[] = [];
    for (let key = first; ; key = this.#readers.readOne()) {
      const pair = this.#readPair(key);
      if (pairs.length === 0 && this.#cursor.is('for')) {
        const node = this.#readComprehension(pair, toDict);
        this.#cursor.expect('}');
        return node;
      }
      pairs.push(pair);
      if (!this.#cursor.is('}')) this.#cursor.expect(',');
      if (this.#cursor.take('}')) break;
    }
    return (names) => toDict(pairs.map((pair) => pair(names)));
  }

  #readPair(key: Node): Node {
    this.#cursor.expect(':');
    const value = this.#readers.readOne();
    return (names) => [key(names), value(names)];
  }

  /** `for a, b in items if condition`, behind what is computed for each. */
  #readComprehension(item: Node, collect: (items: Value[]) => Value): Node {
    this.#cursor.expect('for');
    const targets: string[] = [];
    const isBracketed = this.#cursor.take('(');
    do {
      if (this.#cursor.peek.kind !== 'name') throw this.#cursor.unexpected('a name');
      targets.push(this.#cursor.peek.value);
      this.#cursor.advance();
    } while (this.#cursor.take(','));
    if (isBracketed) this.#cursor.expect(')');
    this.#cursor.expect('in');
    const source = this.#readers.readOr();
    const conditions: Node[] = [];
    while (this.#cursor.take('if')) conditions.push(this.#readers.readOr());
    if (this.#cursor.is('for'))
      throw new ExpressionError('a comprehension with two loops is not known here');
    return (names) => {
      const made: Value[] = [];
      for (const value of toItems(source(names))) {
        names.spend();
        const inner = bind(names, targets, value);
        if (conditions.every((condition) => isTrue(condition(inner)))) made.push(item(inner));
      }
      return collect(made);
    };
  }
}

function bind(names: Names, targets: readonly string[], value: Value): Names {
  const values = targets.length === 1 ? [value] : toItems(value);
  if (values.length !== targets.length) {
    throw new ExpressionError(`${values.length} values for the names ${targets.join(', ')}`);
  }
  const own = new Map(targets.map((name, i) => [name, values[i]]));
  return {
    lookUp: (name) => (own.has(name) ? own.get(name) : names.lookUp(name)),
    spend: (amount) => names.spend(amount),
  };
}

/** As it stands in an expression: a point or an exponent makes it a float. */
function readLiteral(text: string): Value {
  const isInt = /^(0[xX][\da-fA-F]+|\d+)$/.test(text);
  return isInt ? Number(text) : new Float(Number(text));
}

function toList(items: Value[]): Value {
  return items;
}
