import { MessageReader, MessageWriter } from '@foxglove/rosmsg2-serialization';
import { getParsedDefinitions, getStruct } from './definitions.ts';

const writers = new Map<string, MessageWriter>();
const readers = new Map<string, MessageReader>();

/** Serialises a message that fits its definition: little-endian CDR with its encapsulation header. */
export function writeCdr(type: string, message: unknown): Uint8Array {
  let writer = writers.get(type);
  if (writer === undefined) {
    writer = new MessageWriter(getParsedDefinitions(type));
    writers.set(type, writer);
  }
  return writer.writeMessage(padStrings(type, message));
}

/** Deserialises CDR bytes; numeric arrays become typed arrays. @throws RangeError if the bytes end early */
export function readCdr(type: string, bytes: Uint8Array): unknown {
  let reader = readers.get(type);
  if (reader === undefined) {
    reader = new MessageReader(getParsedDefinitions(type));
    readers.set(type, reader);
  }
  return reader.readMessage(bytes);
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
    const pad = (one: unknown) =>
      element.kind === 'message' ? padStrings(element.type, one) : padString(one as string);
    const result = array === undefined ? pad(value) : padAll(value as unknown[], pad);
    if (result === value) continue;
    padded ??= { ...source };
    padded[name] = result;
  }
  return padded ?? message;
}

const typesWithStrings = new Map<string, boolean>();

function hasStrings(type: string): boolean {
  let has = typesWithStrings.get(type);
  if (has === undefined) {
    has = getStruct(type).fields.some(({ element }) =>
      element.kind === 'message' ? hasStrings(element.type) : element.type === 'string',
    );
    typesWithStrings.set(type, has);
  }
  return has;
}

function padAll(values: readonly unknown[], pad: (one: unknown) => unknown): readonly unknown[] {
  const padded = values.map(pad);
  return padded.some((value, i) => value !== values[i]) ? padded : values;
}

function padString(text: string): string {
  return NOT_ASCII.test(text) ? text.padEnd(encoder.encode(text).length, ' ') : text;
}
