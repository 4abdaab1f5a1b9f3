import type { Names, Node } from './names.ts';
import { OperandReader } from './operands.ts';
import { applySign, OPERATORS } from './operators.ts';
import { TokenCursor } from './token-cursor.ts';
import { type Token, tokenize } from './tokens.ts';
import { getSize, isTrue, type Value } from './value.ts';

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', 'in', 'is'];

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
  readonly #cursor: TokenCursor;
  readonly #operands: OperandReader;

  constructor(tokens: readonly Token[]) {
    this.#cursor = new TokenCursor(tokens);
    this.#operands = new OperandReader(this.#cursor, {
      readOne: () => this.#readConditional(),
      readList: (end) => this.#readList(end),
      readOr: () => this.#readOr(),
    });
  }

  readAll(): Node {
    const node = this.#readList('end');
    if (this.#cursor.peek.kind !== 'end') throw this.#cursor.unexpected();
    return node;
  }

  /** One expression, or a tuple without brackets. */
  #readList(end: string): Node {
    const first = this.#readConditional();
    if (!this.#cursor.is(',')) return first;
    const items = [first];
    while (this.#cursor.take(',')) {
      if (this.#cursor.is(end) || this.#cursor.peek.kind === 'end') break;
      items.push(this.#readConditional());
    }
    return (names) => items.map((item) => item(names));
  }

  #readConditional(): Node {
    return this.#cursor.deeper(() => {
      const then = this.#readOr();
      if (!this.#cursor.take('if')) return then;
      const condition = this.#readOr();
      this.#cursor.expect('else');
      const otherwise = this.#readConditional();
      return (names) => (isTrue(condition(names)) ? then(names) : otherwise(names));
    });
  }

  #readOr(): Node {
    let left = this.#readAnd();
    while (this.#cursor.take('or')) {
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
    while (this.#cursor.take('and')) {
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
    while (this.#cursor.take('not') || this.#cursor.take('!')) isNegated = !isNegated;
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
    if (this.#cursor.is('not') && this.#cursor.second?.value === 'in') {
      this.#cursor.advance(2);
      return 'not in';
    }
    const sign = COMPARISONS.find((candidate) => this.#cursor.is(candidate));
    if (sign === undefined) return undefined;
    this.#cursor.advance();
    return sign === 'is' && this.#cursor.take('not') ? 'is not' : sign;
  }

  #readBinary(level: number): Node {
    const signs = [['|'], ['^'], ['&'], ['+', '-'], ['*', '/', '//', '%']][level];
    if (signs === undefined) return this.#readUnary();
    let left = this.#readBinary(level + 1);
    for (;;) {
      const sign = signs.find((candidate) => this.#cursor.is(candidate));
      if (sign === undefined) return left;
      this.#cursor.advance();
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
    while (this.#cursor.is('-') || this.#cursor.is('+')) {
      if (this.#cursor.peek.value === '-') sign = sign === 1 ? -1 : 1;
      isSigned = true;
      this.#cursor.advance();
    }
    const node = this.#readPower();
    if (!isSigned) return node;
    return (names) => applySign(sign, node(names));
  }

  /** Binds tighter than a sign before it, looser than one after it: -2 ** -2 is -(2 ** (-2)). */
  #readPower(): Node {
    const base = this.#operands.readOperand();
    if (!this.#cursor.take('**')) return base;
    const exponent = this.#readUnary();
    return (names) => OPERATORS['**']!(base(names), exponent(names));
  }
}
