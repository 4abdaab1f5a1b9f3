import { evaluateExpression } from './expression.ts';
import type { Names } from './names.ts';
import { checkLength, ExpressionError, toText, type Value } from './value.ts';

/** What texts can name besides properties. */
export interface TextHost {
  /** Computes `$(command …)`. @throws ExpressionError */
  substitute(command: string, argument: string, names: Names): Value;
}

/** Deepest nesting of `${…}` in `$(…)` in `${…}`. */
const MAX_DEPTH = 20;
const CLOSING: Readonly<Record<string, string>> = { '{': '}', '(': ')' };

/**
 * Computes `${…}` and `$(…)` in a text; `$${` stands for `${` itself. A text that is one expression has that
 * expression's value and type, any other is joined.
 * @throws ExpressionError that names the expression
 */
export function evaluateText(text: string, names: Names, host: TextHost, depth = 0): Value {
  if (!text.includes('$')) return text;
  if (depth > MAX_DEPTH) throw new ExpressionError(`'${text}' is nested too deeply`);
  const parts = splitText(text).map((part) => {
    names.spend();
    if (part.startsWith('${')) return evaluateInner(part, names, host, depth);
    if (part.startsWith('$(')) return substitute(part, names, host, depth);
    return part.replace(/^\$(\$+[{(])/, '$1');
  });
  if (parts.length === 1) return parts[0];
  const texts = parts.map(toText);
  checkLength(texts.reduce((sum, piece) => sum + piece.length, 0));
  return texts.join('');
}

/** Pieces with their brackets, in order: `$${…`, `${…}`, `$(…)` and what stands between. */
function splitText(text: string): string[] {
  const parts: string[] = [];
  let plain = 0;
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    const [signs = ''] = /^\$+/.exec(text.slice(at, at + 100)) ?? [];
    const bracket = text[at + signs.length] ?? '';
    const closing = CLOSING[bracket];
    if (closing === undefined) {
      at += signs.length;
      continue;
    }
    const end = signs.length > 1 ? at + signs.length + 1 : findEnd(text, at + 1, bracket, closing);
    if (at > plain) parts.push(text.slice(plain, at));
    parts.push(text.slice(at, end));
    plain = end;
    at = end;
  }
  if (plain < text.length) parts.push(text.slice(plain));
  return parts;
}

/** Behind the bracket that closes the one at `start`; brackets in quotes do not count. */
function findEnd(text: string, start: number, bracket: string, closing: string): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (bracket === '{' && (char === "'" || char === '"')) quote = char;
    else if (char === bracket) depth++;
    else if (char === closing && --depth === 0) return at + 1;
  }
  throw new ExpressionError(`'${text.slice(start - 1, start + 29)}' has no closing bracket`);
}

function evaluateInner(part: string, names: Names, host: TextHost, depth: number): Value {
  const source = toText(evaluateText(part.slice(2, -1), names, host, depth + 1));
  try {
    return evaluateExpression(source, names);
  } catch (error) {
    throw locate(error, part);
  }
}

function substitute(part: string, names: Names, host: TextHost, depth: number): Value {
  const inner = toText(evaluateText(part.slice(2, -1), names, host, depth + 1)).trim();
  const [, command = '', argument = ''] = /^(\S*)\s*(.*)$/s.exec(inner) ?? [];
  try {
    return host.substitute(command, argument, names);
  } catch (error) {
    throw locate(error, part);
  }
}

/** Names the innermost expression once. */
function locate(error: unknown, part: string): unknown {
  if (!(error instanceof ExpressionError) || error.message.startsWith('in ')) return error;
  return new ExpressionError(`in ${part}: ${error.message}`, { cause: error });
}
