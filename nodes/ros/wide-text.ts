import type { MessageDefinition, MessageDefinitionField } from '@foxglove/message-definition';
import { type Field, getStruct, makeHolds } from './definitions.ts';

/**
 * Wide strings in CDR. The standards contradict each other and the CDR library refuses; ROS 2 on Linux writes how many UTF-16
 * units there are and each of them in 32 bits, without an end: rmw_cyclonedds (Serialization.cpp, its legacy encoding) and
 * Fast DDS (rosidl_typesupport_fastrtps, serialization_helpers.hpp) alike. That is how a sequence of uint32 is written, and
 * a message around a sequence adds nothing to its bytes, so the library is told that it is one.
 */
interface WideText {
  readonly units: ArrayLike<number>;
}

/** A name that no package can have. */
const WIDE_TEXT = '_/WideText';
const WIDE_TEXT_DEFINITION: MessageDefinition = {
  name: WIDE_TEXT,
  definitions: [{ name: 'units', type: 'uint32', isArray: true }],
};
/** [1] arguments of one call, of which engines take some 100,000 */
const MAX_ARGUMENTS = 10_000;

/** The same layout, in words that the CDR library knows. */
export function toWideDefinitions(definitions: MessageDefinition[]): MessageDefinition[] {
  if (!definitions.some((one) => one.definitions.some(isWide))) return definitions;
  const told = definitions.map((one) => ({
    ...one,
    definitions: one.definitions.map((field) => (isWide(field) ? tellOtherwise(field) : field)),
  }));
  return [...told, WIDE_TEXT_DEFINITION];
}

/** The message as the other words have it: itself, if its type has no wide strings. */
export function toWideText(type: string, message: unknown): unknown {
  return replaceText(type, message, (text) => ({
    units: Uint32Array.from({ length: (text as string).length }, (_, k) =>
      (text as string).charCodeAt(k),
    ),
  }));
}

/** Back to what `toWideText` was given. */
export function fromWideText(type: string, message: unknown): unknown {
  return replaceText(type, message, (text) => readUnits((text as WideText).units));
}

/** Whether a message of this type, or one in it, has wide strings. */
export const hasWideText = makeHolds(({ element }) => element.type === 'wstring');

function isWide({ type, isConstant }: MessageDefinitionField): boolean {
  return type === 'wstring' && isConstant !== true;
}

function tellOtherwise({ name, isArray, arrayLength }: MessageDefinitionField) {
  const array = isArray ? { isArray, ...(arrayLength === undefined ? {} : { arrayLength }) } : {};
  return { name, type: WIDE_TEXT, isComplex: true, ...array };
}

function replaceText(type: string, message: unknown, replace: (text: unknown) => unknown): unknown {
  if (!hasWideText(type)) return message;
  const replaced: Record<string, unknown> = { ...(message as object) };
  for (const { name, element, array } of getStruct(type).fields) {
    if (!hasWide(element)) continue;
    const convert = (value: unknown) =>
      element.kind === 'message' ? replaceText(element.type, value, replace) : replace(value);
    const value = replaced[name];
    replaced[name] = array === undefined ? convert(value) : (value as unknown[]).map(convert);
  }
  return replaced;
}

function hasWide(element: Field['element']): boolean {
  return element.kind === 'message' ? hasWideText(element.type) : element.type === 'wstring';
}

function readUnits(units: ArrayLike<number>): string {
  let text = '';
  for (let from = 0; from < units.length; from += MAX_ARGUMENTS) {
    const part = Array.prototype.slice.call(units, from, from + MAX_ARGUMENTS) as number[];
    text += String.fromCharCode(...part);
  }
  return text;
}
