import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { UserError } from '../errors.ts';

/** One element of an XML text, with the line it starts on. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Counted from 1. */
  readonly line: number;
}

const ATTRIBUTES = ':@';
// The declaration says Symbol, the object type; the value is a primitive symbol.
const META_DATA = XMLParser.getMetaDataSymbol() as unknown as symbol;

/**
 * Reads XML into elements, in document order; text and comments are dropped.
 * @param where file name for messages
 * @throws UserError with the line where the text stops being XML
 */
export function parseXml(text: string, where: string): XmlElement {
  const validity = XMLValidator.validate(text);
  if (validity !== true) {
    const { line, col, msg } = validity.err;
    throw new UserError({
      where: `${where}:${line}${col === undefined ? '' : `:${col}`}`,
      problem: 'this is not well-formed XML',
      expected: 'matching, properly closed elements',
      got: msg,
      remedy: 'Correct the file at that place.',
    });
  }
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    parseTagValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    captureMetaData: true,
  });
  const elements = readElements(parser.parse(text), makeLineCounter(text));
  const root = elements[0];
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

function readElements(nodes: unknown, lineOf: (index: number) => number): XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  const elements: XmlElement[] = [];
  for (const node of nodes as Record<string | symbol, unknown>[]) {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
    if (name === undefined || name.startsWith('#')) continue;
    const metaData = node[META_DATA] as { startIndex?: number } | undefined;
    elements.push({
      name,
      attributes: (node[ATTRIBUTES] ?? {}) as Record<string, string>,
      children: readElements(node[name], lineOf),
      line: lineOf(metaData?.startIndex ?? 0),
    });
  }
  return elements;
}

function makeLineCounter(text: string): (index: number) => number {
  const lineStarts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === '\n') lineStarts.push(i + 1);
  return (index) => {
    let line = 0;
    while (line < lineStarts.length && lineStarts[line]! <= index) line++;
    return line;
  };
}
