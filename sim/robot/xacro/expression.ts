import { getAttribute, getItem, getSlice } from './access.ts';
import { applySign, OPERATORS } from './operators.ts';
import { type Token, tokenize } from './tokens.ts';
import {
  type Callable,
  describe,
  ExpressionError,
  Float,
  isTrue,
  toItems,
  toKey,
  type Value,
} from './value.ts';

/** Where the names of an expression are looked up. */
export interface Names {
  /** @throws ExpressionError for a name that means nothing */
  lookUp(name: string): Value;
  /** Counts work, 1 unless given; @throws ExpressionError when there has been too much of it */
  spend(amount?: number): void;
}

type Node = (names: Names) => Value;

/** Deepest nesting of brackets: each level takes a dozen calls of the reader. */
const MAX_DEPTH = 60;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', 'in', 'is'];
const CONSTANTS: Readonly<Record<string, Value>> = { True: true, False: false, None: undefined };

/**
 * Computes the Python expression of a `${…}`. Numbers, texts, lists, dictionaries, sets, comprehensions, conditional
 * expressions, calls and methods are known; lambda, assignments and formatted texts (f'…') are not.
 * @throws ExpressionError that says what is wrong
 */
export function evaluateExpression(source: string, names: Names): Value {
  const reader = new ExpressionReader(tokenize(source));
  const node = reader.readAll();
  return node(names);
}

/** Recursive descent over Python's grammar for expressions; each method is one level of it, loosest first. */
class ExpressionReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  readAll(): Node {
    const node = this.#readList('end');
    if (this.#peek.kind !== 'end') throw this.#unexpected();
    return node;
  }

  get #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #is(value: string): boolean {
    const { kind, value: text } = this.#peek;
    return (kind === 'operator' || kind === 'name') && text === value;
  }

  #take(value: string): boolean {
    if (!this.#is(value)) return false;
    this.#next++;
    return true;
  }

  #expect(value: string): void {
    if (!this.#take(value)) throw this.#unexpected(`'${value}'`);
  }

  #unexpected(wanted = 'a value'): ExpressionError {
    const { kind, value } = this.#peek;
    return new ExpressionError(
      `expected ${wanted}, got ${kind === 'end' ? 'the end' : `'${value}'`}`,
    );
  }

  /** One expression, or a tuple without brackets. */
  #readList(end: string): Node {
    const first = this.#readConditional();
    if (!this.#is(',')) return first;
    const items = [first];
    while (this.#take(',')) {
      if (this.#is(end) || this.#peek.kind === 'end') break;
      items.push(this.#readConditional());
    }
    return (names) => items.map((item) => item(names));
  }

  #readConditional(): Node {
    if (++this.#depth > MAX_DEPTH) throw new ExpressionError('nested too deeply');
    const then = this.#readOr();
    let node = then;
    if (this.#take('if')) {
      const condition = this.#readOr();
      this.#expect('else');
      const otherwise = this.#readConditional();
      node = (names) => (isTrue(condition(names)) ? then(names) : otherwise(names));
    }
    this.#depth--;
    return node;
  }

  #readOr(): Node {
    let left = this.#readAnd();
    while (this.#take('or')) {
      const [first, second] = [left, this.#readAnd()];
      left = (names) => {
        const value = first(names);
        return isTrue(value) ? value : second(names);
      };
    }
    return left;
  }

  #readAnd(): Node {
    let left = this.#readNot();
    while (this.#take('and')) {
      const [first, second] = [left, this.#readNot()];
      left = (names) => {
        const value = first(names);
        return isTrue(value) ? second(names) : value;
      };
    }
    return left;
  }

  #readNot(): Node {
    let isNegated = false;
    // C's sign is often written by mistake, and means nothing else here.
    while (this.#take('not') || this.#take('!')) isNegated = !isNegated;
    const node = this.#readComparison();
    return isNegated ? (names) => !isTrue(node(names)) : node;
  }

  /** `a < b < c` is `a < b and b < c`. */
  #readComparison(): Node {
    const first = this.#readBinary(0);
    const rest: { readonly sign: string; readonly node: Node }[] = [];
    for (let sign = this.#takeComparison(); sign; sign = this.#takeComparison()) {
      rest.push({ sign, node: this.#readBinary(0) });
    }
    if (rest.length === 0) return first;
    return (names) => {
      let left = first(names);
      for (const { sign, node } of rest) {
        const right = node(names);
        if (!OPERATORS[sign]!(left, right)) return false;
        left = right;
      }
      return true;
    };
  }

  #takeComparison(): string | undefined {
    if (this.#is('not') && this.#tokens[this.#next + 1]?.value === 'in') {
      this.#next += 2;
      return 'not in';
    }
    const sign = COMPARISONS.find((candidate) => this.#is(candidate));
    if (sign === undefined) return undefined;
    this.#next++;
    return sign === 'is' && this.#take('not') ? 'is not' : sign;
  }

  #readBinary(level: number): Node {
    const signs = [['|'], ['^'], ['&'], ['+', '-'], ['*', '/', '//', '%']][level];
    if (signs === undefined) return this.#readUnary();
    let left = this.#readBinary(level + 1);
    for (;;) {
      const sign = signs.find((candidate) => this.#is(candidate));
      if (sign === undefined) return left;
      this.#next++;
      const [first, second] = [left, this.#readBinary(level + 1)];
      left = (names) => {
        const value = OPERATORS[sign]!(first(names), second(names));
        names.spend(1 + getSize(value));
        return value;
      };
    }
  }

  #readUnary(): Node {
    let sign: 1 | -1 = 1;
    let isSigned = false;
    while (this.#is('-') || this.#is('+')) {
      if (this.#peek.value === '-') sign = sign === 1 ? -1 : 1;
      isSigned = true;
      this.#next++;
    }
    const node = this.#readPower();
    if (!isSigned) return node;
    return (names) => applySign(sign, node(names));
  }

  /** Binds tighter than a sign before it, looser than one after it: -2 ** -2 is -(2 ** (-2)). */
  #readPower(): Node {
    const base = this.#readPostfix();
    if (!this.#take('**')) return base;
    const exponent = this.#readUnary();
    return (names) => OPERATORS['**']!(base(names), exponent(names));
  }

  #readPostfix(): Node {
    let node = this.#readAtom();
    for (;;) {
      const base = node;
      if (this.#take('.')) {
        const { kind, value: name } = this.#peek;
        if (kind !== 'name') throw this.#unexpected('a name');
        this.#next++;
        node = (names) => getAttribute(base(names), name);
      } else if (this.#take('[')) {
        node = this.#readSubscript(base);
      } else if (this.#take('(')) {
        node = this.#readCall(base);
      } else {
        return node;
      }
    }
  }

  #readSubscript(base: Node): Node {
    const readPart = () => (this.#is(':') || this.#is(']') ? undefined : this.#readConditional());
    const first = readPart();
    if (first !== undefined && this.#take(']')) {
      return (names) => getItem(base(names), first(names));
    }
    const parts = [first];
    while (this.#take(':')) parts.push(readPart());
    this.#expect(']');
    if (parts.length < 2 || parts.length > 3) throw new ExpressionError('empty brackets');
    return (names) => getSlice(base(names), ...parts.map((part) => part?.(names)));
  }

  #readCall(base: Node): Node {
    const args: Node[] = [];
    const named: { readonly name: string; readonly node: Node }[] = [];
    while (!this.#take(')')) {
      const next = this.#tokens[this.#next + 1];
      if (this.#peek.kind === 'name' && next?.kind === 'operator' && next.value === '=') {
        const name = this.#peek.value;
        this.#next += 2;
        named.push({ name, node: this.#readConditional() });
      } else {
        const item = this.#readConditional();
        args.push(this.#is('for') ? this.#readComprehension(item, toList) : item);
      }
      if (!this.#is(')')) this.#expect(',');
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
    const token = this.#peek;
    if (token.kind === 'number') {
      this.#next++;
      const value = readLiteral(token.value);
      return () => value;
    }
    if (token.kind === 'text') return this.#readText();
    if (this.#take('(')) return this.#readBracket();
    if (this.#take('[')) return this.#readItems(']', toList);
    if (this.#take('{')) return this.#readBraces();
    if (token.kind !== 'name') throw this.#unexpected();
    this.#next++;
    if (token.value in CONSTANTS) return () => CONSTANTS[token.value];
    if (['lambda', 'for', 'if', 'else', 'import'].includes(token.value)) {
      throw new ExpressionError(`'${token.value}' is not known here`);
    }
    return (names) => names.lookUp(token.value);
  }

  /** Texts beside one another are one text. */
  #readText(): Node {
    let value = '';
    while (this.#peek.kind === 'text') {
      value += this.#peek.value;
      this.#next++;
    }
    return () => value;
  }

  #readBracket(): Node {
    if (this.#take(')')) return () => [];
    const first = this.#readList(')');
    const node = this.#is('for') ? this.#readComprehension(first, toList) : first;
    this.#expect(')');
    return node;
  }

  #readItems(end: string, collect: (items: Value[]) => Value, first?: Node): Node {
    const items: Node[] = [];
    while (first !== undefined || !this.#take(end)) {
      const item: Node = first ?? this.#readConditional();
      first = undefined;
      if (items.length === 0 && this.#is('for')) {
        const node = this.#readComprehension(item, collect);
        this.#expect(end);
        return node;
      }
      items.push(item);
      if (!this.#is(end)) this.#expect(',');
    }
    return (names) => collect(items.map((item) => item(names)));
  }

  /** A dictionary if its first item has a colon, or if it is empty; otherwise a set. */
  #readBraces(): Node {
    if (this.#take('}')) return () => new Map();
    const first = this.#readConditional();
    if (!this.#is(':')) return this.#readItems('}', (items) => new Set(items.map(toKey)), first);
    const pairs: Node[] = [];
    for (let key = first; ; key = this.#readConditional()) {
      const pair = this.#readPair(key);
      if (pairs.length === 0 && this.#is('for')) {
        const node = this.#readComprehension(pair, toDict);
        this.#expect('}');
        return node;
      }
      pairs.push(pair);
      if (!this.#is('}')) this.#expect(',');
      if (this.#take('}')) break;
    }
    return (names) => toDict(pairs.map((pair) => pair(names)));
  }

  #readPair(key: Node): Node {
    this.#expect(':');
    const value = this.#readConditional();
    return (names) => [key(names), value(names)];
  }

  /** `for a, b in items if condition`, behind what is computed for each. */
  #readComprehension(item: Node, collect: (items: Value[]) => Value): Node {
    this.#expect('for');
    const targets: string[] = [];
    const isBracketed = this.#take('(');
    do {
      if (this.#peek.kind !== 'name') throw this.#unexpected('a name');
      targets.push(this.#peek.value);
      this.#next++;
    } while (this.#take(','));
    if (isBracketed) this.#expect(')');
    this.#expect('in');
    const source = this.#readOr();
    const conditions: Node[] = [];
    while (this.#take('if')) conditions.push(this.#readOr());
    if (this.#is('for'))
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

/** What it costs to make or to look through a value. */
function getSize(value: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : 0;
}

/** As it stands in an expression: a point or an exponent makes it a float. */
function readLiteral(text: string): Value {
  const isInt = /^(0[xX][\da-fA-F]+|\d+)$/.test(text);
  return isInt ? Number(text) : new Float(Number(text));
}

function toList(items: Value[]): Value {
  return items;
}

export function toDict(pairs: readonly Value[]): Value {
  return new Map(
    pairs.map((pair) => {
      const [key, value] = toItems(pair);
      return [toKey(key), value];
    }),
  );
}
