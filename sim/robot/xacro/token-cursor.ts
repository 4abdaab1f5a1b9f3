import type { Token } from './tokens.ts';
import { ExpressionError } from './value.ts';

/** Deepest nesting of brackets: each level takes a dozen calls of the reader. */
const MAX_DEPTH = 60;

/** The next token of an expression, and how deep in brackets it stands. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get peek(): Token {
    return this.#tokens[this.#next]!;
  }

  /** The token behind the next one. */
  get second(): Token | undefined {
    return this.#tokens[this.#next + 1];
  }

  advance(count = 1): void {
    this.#next += count;
  }

  is(value: string): boolean {
    const { kind, value: text } = this.peek;
    return (kind === 'operator' || kind === 'name') && text === value;
  }

  take(value: string): boolean {
    if (!this.is(value)) return false;
    this.#next++;
    return true;
  }

  expect(value: string): void {
    if (!this.take(value)) throw this.unexpected(`'${value}'`);
  }

  unexpected(wanted = 'a value'): ExpressionError {
    const { kind, value } = this.peek;
    return new ExpressionError(
      `expected ${wanted}, got ${kind === 'end' ? 'the end' : `'${value}'`}`,
    );
  }

  /** Reads something one level further down. @throws ExpressionError where it is too deep */
  deeper<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new ExpressionError('nested too deeply');
    const made = read();
    this.#depth--;
    return made;
  }
}
