import type { CdrSink } from './cdr-sink.ts';
import { type Field, getStruct } from './definitions.ts';
import { findNumberLayout, type NumberLayout } from './primitives.ts';

/** Writes a message that fits its definition. */
type CdrWriter = (sink: CdrSink, message: unknown) => void;

const writers = new Map<string, CdrWriter>();

/** One function per message type, compiled as those of validate.ts are, and for the same reason. */
export function getCdrWriter(type: string): CdrWriter {
  return writers.get(type) ?? compile(type);
}

function compile(type: string): CdrWriter {
  const { fields } = getStruct(type);
  const nested: CdrWriter[] = [];
  const lines = fields.map((field) => `{ ${emitField(field, nested)} }`);
  const body = `return function (sink, message) { ${lines.join('\n') || EMPTY} };`;
  const compiled = new Function('nested', body)(nested) as CdrWriter;
  writers.set(type, compiled);
  return compiled;
}

/** A message without fields has one after all: rosidl's `structure_needs_at_least_one_member`. */
const EMPTY = 'const at = sink.claim(1); sink.values.setUint8(at, 0);';
/** [1] numbers from which on their memory is copied: below that a loop is quicker */
const MANY = 64;

/** Statements in a block of their own. */
function emitField({ name, element, array }: Field, nested: CdrWriter[]): string {
  const source = `const value = message[${JSON.stringify(name)}];`;
  const count = array?.length === undefined ? 'sink.writeCount(value.length);' : '';
  const layout = element.kind === 'primitive' ? findNumberLayout(element.type) : undefined;
  if (layout !== undefined) {
    return array === undefined
      ? `${source} const at = sink.claim(${layout.size}); ${emitSet(layout, 'at', 'value')}`
      : `${source} ${count} if (value.length > 0) { ${emitNumbers(layout)} }`;
  }
  const write = emitWrite(element, nested);
  return array === undefined
    ? `${source} ${write('value')}`
    : `${source} ${count} for (let k = 0; k < value.length; k++) { ${write('value[k]')} }`;
}

function emitNumbers(layout: NumberLayout): string {
  const { size, typedArray } = layout;
  return `
    const at = sink.claim(${size}, value.length);
    if (value.length > ${MANY} && value instanceof ${typedArray}) sink.copy(value, at);
    else for (let k = 0; k < value.length; k++) { ${emitSet(layout, `at + ${size} * k`, 'value[k]')} }`;
}

function emitSet({ typedArray }: NumberLayout, at: string, value: string): string {
  return `sink.values.set${typedArray.replace('Array', '')}(${at}, ${value}, true);`;
}

/** Of what is no number. */
function emitWrite(element: Field['element'], nested: CdrWriter[]): (value: string) => string {
  if (element.kind === 'message') {
    const index = nested.push(getCdrWriter(element.type)) - 1;
    return (value) => `nested[${index}](sink, ${value});`;
  }
  if (element.type === 'string') return (value) => `sink.writeText(${value});`;
  if (element.type === 'wstring') return (value) => `sink.writeWideText(${value});`;
  return (value) => `{ const at = sink.claim(1); sink.values.setUint8(at, ${value} ? 1 : 0); }`;
}
