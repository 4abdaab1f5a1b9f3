import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import { type Field, getParsedDefinitions, getStruct, makeHolds } from './definitions.ts';
import { fromWideText, toWideDefinitions, toWideText } from './wide-text.ts';

const writers = new Map<string, MessageWriter>();
const readers = new Map<string, MessageReader>();

/**
 * Serialises a message that fits its definition: little-endian CDR with its encapsulation header, wide strings as
 * wide-text.ts says.
 */
export function writeCdr(type: string, message: unknown): Uint8Array {
  let writer = writers.get(type);
  if (writer === undefined) {
    writer = new MessageWriter(toWideDefinitions(getParsedDefinitions(type)));
    writers.set(type, writer);
  }
  return writer.writeMessage(toWideText(type, padStrings(type, message)));
}

/** Deserialises CDR bytes; numeric arrays become typed arrays. @throws RangeError if the bytes end early */
export function readCdr(type: string, bytes: Uint8Array): unknown {
  let reader = readers.get(type);
  if (reader === undefined) {
    reader = new MessageReader(toWideDefinitions(getParsedDefinitions(type)));
    readers.set(type, reader);
  }
  return fromWideText(type, reader.readMessage(bytes));
}

const encoder = new TextEncoder();
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII itself
const NOT_ASCII = /[^\x00-\x7f]/;

/**
 * The CDR writer takes a string's length in UTF-16 units for its length in UTF-8 bytes, and cuts
 * what does not fit. Padded with one character for each missing byte, the length is right, and
 * the padding is what gets cut. Returns the message itself if all its strings are ASCII.
 */
function padStrings(type: string, message: unknown): unknown {
  if (!hasStrings(type)) return message;
  const source = message as Record<string, unknown>;
  let padded: Record<string, unknown> | undefined;
  for (const { name, element, array } of getStruct(type).fields) {
    if (element.kind === 'primitive' && element.type !== 'string') continue;
    const value = source[name];
    const result =
      array === undefined ? padValue(element, value) : padAll(element, value as unknown[]);
    if (result === value) continue;
    padded ??= { ...source };
    padded[name] = result;
  }
  return padded ?? message;
}

const hasStrings = makeHolds(({ element }) => element.type === 'string');

function padValue(element: Field['element'], value: unknown): unknown {
  return element.kind === 'message' ? padStrings(element.type, value) : padString(value as string);
}

function padAll(element: Field['element'], values: readonly unknown[]): readonly unknown[] {
  let padded: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    const result = padValue(element, values[i]);
    if (result === values[i]) continue;
    padded ??= [...values];
    padded[i] = result;
  }
  return padded ?? values;
}

function padString(text: string): string {
  return NOT_ASCII.test(text) ? text.padEnd(encoder.encode(text).length, ' ') : text;
}
