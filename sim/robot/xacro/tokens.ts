import { ExpressionError } from './value.ts';

export interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'operator' | 'end';
  /** A text without its quotes. */
  readonly value: string;
}

const NUMBER = /(0[xX][0-9a-fA-F]+|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const TEXT = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/sy;
const OPERATOR = /\*\*|\/\/|==|!=|<=|>=|<<|>>|:=|[-+*/%<>()[\]{},.:|&^=!]/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** @throws ExpressionError at a character that begins nothing */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  while (at < source.length) {
    if (/\s/.test(source[at]!)) {
      at++;
      continue;
    }
    const text = match(TEXT);
    const number = text ? null : match(NUMBER);
    const name = text || number ? null : match(NAME);
    const operator = text || number || name ? null : match(OPERATOR);
    const found = text ?? number ?? name ?? operator;
    if (found === null) throw new ExpressionError(`cannot read '${source.slice(at, at + 20)}'`);
    at += found[0].length;
    if (text) tokens.push({ kind: 'text', value: readEscapes(text[1] ?? text[2] ?? '') });
    else if (number) tokens.push({ kind: 'number', value: number[0] });
    else if (name) tokens.push({ kind: 'name', value: name[0] });
    else tokens.push({ kind: 'operator', value: found[0] });
  }
  tokens.push({ kind: 'end', value: '' });
  return tokens;
}

function readEscapes(text: string): string {
  return text.replace(/\\(.)/gs, (_all, char: string) => ESCAPES[char] ?? char);
}
