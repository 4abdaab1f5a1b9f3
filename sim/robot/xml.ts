import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { UserError } from '../errors.ts';

/** One element of an XML text, with the line it starts on. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** What stands between its children, trimmed; empty if nothing does. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** File it was written in, where that is not the file that is being read (xacro includes others). */
  readonly file?: string | undefined;
}

const ATTRIBUTES = ':@';
const TEXT = '#text';
// The declaration says Symbol, the object type; the value is a primitive symbol.
const META_DATA = XMLParser.getMetaDataSymbol() as unknown as symbol;

/**
 * Reads XML into elements, in document order; comments are dropped.
 * @param where file name for messages
 * @throws UserError with the line where the text stops being XML
 */
export function parseXml(text: string, where: string): XmlElement {
  const body = text.replace(/^\uFEFF/, '');
  const nodes = parseNodes(body, where);
  const elements = readElements(nodes, makeLineCounter(body));
  const root = elements[0];
  const garbled = elements.flatMap((element) => findGarbled(element) ?? [])[0];
  if (garbled !== undefined) throw describeGarbled(garbled, where);
  if (root === undefined || elements.length !== 1) {
    throw new UserError({
      where,
      problem: 'the file needs exactly one outermost element',
      expected: 'one',
      got: `${elements.length}`,
      remedy: 'Wrap everything in one element.',
    });
  }
  return root;
}

/** What a decoder puts in place of bytes that are no UTF-8; in comments they do no harm. */
const REPLACEMENT = '\uFFFD';

function findGarbled(element: XmlElement): XmlElement | undefined {
  const { name, attributes, text, children } = element;
  if ([name, text, ...Object.values(attributes)].some((part) => part.includes(REPLACEMENT))) {
    return element;
  }
  for (const child of children) {
    const garbled = findGarbled(child);
    if (garbled !== undefined) return garbled;
  }
  return undefined;
}

function describeGarbled({ name, line }: XmlElement, where: string): UserError {
  return new UserError({
    where: `${where}:${line}`,
    problem: `<${name}> holds letters that are not UTF-8`,
    expected: 'a file in UTF-8',
    got: 'another encoding, such as Latin-1 or GBK',
    remedy: 'Save the file as UTF-8.',
  });
}

function parseNodes(text: string, where: string): unknown {
  const refuse = (place: string, got: string, cause?: unknown) =>
    new UserError({
      where: `${where}${place}`,
      problem: 'this is not well-formed XML',
      expected: 'matching, properly closed elements in UTF-8',
      got,
      remedy: 'Correct the file at that place.',
      cause,
    });
  try {
    const validity = XMLValidator.validate(text);
    if (validity !== true) {
      const { line, col, msg } = validity.err;
      throw refuse(`:${line}${col === undefined ? '' : `:${col}`}`, msg);
    }
    return new XMLParser({
      preserveOrder: true,
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseAttributeValue: false,
      parseTagValue: false,
      ignoreDeclaration: true,
      ignorePiTags: true,
      captureMetaData: true,
    }).parse(text);
  } catch (error) {
    // The parser throws plain errors of its own: forbidden names, entities that grow without end.
    if (error instanceof UserError) throw error;
    throw refuse('', error instanceof Error ? error.message : String(error), error);
  }
}

/** By recursion: the parser has refused what is nested more than 100 deep. */
function readElements(nodes: unknown, lineOf: (index: number) => number): XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  const elements: XmlElement[] = [];
  for (const node of nodes as Record<string | symbol, unknown>[]) {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
    if (name === undefined || name.startsWith('#')) continue;
    const metaData = node[META_DATA] as { startIndex?: number } | undefined;
    const line = lineOf(metaData?.startIndex ?? 0);
    elements.push({
      name,
      attributes: (node[ATTRIBUTES] ?? {}) as Record<string, string>,
      children: readElements(node[name], lineOf),
      text: readText(node[name]),
      line,
    });
  }
  return elements;
}

function readText(nodes: unknown): string {
  if (!Array.isArray(nodes)) return '';
  return (nodes as Record<string, unknown>[])
    .map((node) => node[TEXT])
    .filter((text) => text !== undefined)
    .join(' ')
    .trim();
}

/** Lines are counted from 1, places in the text from 0. */
function makeLineCounter(text: string): (index: number) => number {
  const lineStarts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === '\n') lineStarts.push(i + 1);
  return (index) => {
    let low = 0;
    let high = lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (lineStarts[middle]! <= index) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** Writes elements as XML text again. */
export function formatXml(element: XmlElement, indent = ''): string {
  const attributes = Object.entries(element.attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('');
  const open = `${indent}<${element.name}${attributes}`;
  if (element.children.length === 0) {
    const { text } = element;
    return text === '' ? `${open}/>\n` : `${open}>${escapeXml(text)}</${element.name}>\n`;
  }
  const text = element.text === '' ? '' : `${indent}  ${escapeXml(element.text)}\n`;
  const children = element.children.map((child) => formatXml(child, `${indent}  `)).join('');
  return `${open}>\n${text}${children}${indent}</${element.name}>\n`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
