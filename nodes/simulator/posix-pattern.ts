/** What POSIX calls classes of characters, as ranges; names of entities are ASCII. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: ' \\t-\\r',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
};

/**
 * A POSIX extended regular expression (IEEE Std 1003.1-2024, 9.4), to be found anywhere in a name.
 * @throws Error that says what is wrong with it
 */
export function compilePosixPattern(text: string): RegExp {
  let source = '';
  for (let i = 0; i < text.length; ) {
    if (text[i] === '[') {
      const end = findBracketEnd(text, i);
      source += translateBracket(text.slice(i + 1, end));
      i = end + 1;
    } else if (text[i] === '\\') {
      const next = text[i + 1];
      if (next === undefined) throw new SyntaxError('it ends in a backslash');
      if (/[A-Za-z0-9]/.test(next)) throw new SyntaxError(`\\${next} means nothing in POSIX`);
      source += `\\${next}`;
      i += 2;
    } else if (text.startsWith('(?', i)) {
      throw new SyntaxError(`'(?' means nothing in POSIX`);
    } else {
      source += text[i];
      i++;
    }
  }
  return new RegExp(source);
}

/** A `]` that comes first, or inside `[: :]`, does not end a bracket. */
function findBracketEnd(text: string, start: number): number {
  let i = start + (text[start + 1] === '^' ? 2 : 1);
  if (text[i] === ']') i++;
  for (; i < text.length; i++) {
    if (text[i] === ']') return i;
    if (text[i] !== '[') continue;
    if (text[i + 1] === '.' || text[i + 1] === '=') {
      throw new SyntaxError('collating elements ([. .], [= =]) are not known here');
    }
    if (text[i + 1] !== ':') continue;
    const end = text.indexOf(':]', i + 2);
    if (end < 0) throw new SyntaxError('a [: has no :]');
    i = end + 1;
  }
  throw new SyntaxError('a [ has no ]');
}

function translateBracket(content: string): string {
  const isNegated = content.startsWith('^');
  const parts = (isNegated ? content.slice(1) : content).split(/(\[:[a-z]*:\])/);
  const inner = parts.map((part) => {
    const name = /^\[:([a-z]*):\]$/.exec(part)?.[1];
    if (name === undefined) return part.replace(/[\\\][^]/g, '\\$&');
    const range = CLASSES[name];
    if (range === undefined) throw new SyntaxError(`there is no class [:${name}:]`);
    return range;
  });
  return `[${isNegated ? '^' : ''}${inner.join('')}]`;
}
