import type { CdrSource } from './cdr-source.ts';
import { type Field, getStruct } from './definitions.ts';
import { findNumberLayout, type NumberLayout } from './primitives.ts';

/** @throws RangeError if the bytes end early */
type CdrReader = (source: CdrSource) => unknown;

const readers = new Map<string, CdrReader>();

/** One function per message type, compiled as those of validate.ts are, and for the same reason. */
export function getCdrReader(type: string): CdrReader {
  return readers.get(type) ?? compile(type);
}

function compile(type: string): CdrReader {
  const { fields } = getStruct(type);
  const nested: CdrReader[] = [];
  const lines = fields.map((field, i) => `let v${i}; { ${emitField(field, `v${i}`, nested)} }`);
  const entries = fields.map((field, i) => `${JSON.stringify(field.name)}: v${i}`);
  const body = `
    return function (source) {
      const { isLittleEndian, values } = source;
      ${lines.join('\n') || EMPTY}
      return { ${entries.join(', ')} };
    };`;
  const compiled = new Function('nested', body)(nested) as CdrReader;
  readers.set(type, compiled);
  return compiled;
}

/** A message without fields has one after all: rosidl's `structure_needs_at_least_one_member`. */
const EMPTY = 'values.getUint8(source.claim(1));';
/** [1] numbers from which on their memory is copied: below that a loop is quicker */
const MANY = 64;

/** Statements in a block of their own. */
function emitField({ element, array }: Field, target: string, nested: CdrReader[]): string {
  const layout = element.kind === 'primitive' ? findNumberLayout(element.type) : undefined;
  if (layout !== undefined) {
    return array === undefined
      ? `${target} = ${emitGet(layout, `source.claim(${layout.size})`)};`
      : emitNumbers(layout, target, array.length);
  }
  const { read, size } = emitRead(element, nested);
  if (array === undefined) return `${target} = ${read};`;
  const count = array.length ?? `source.readCount(${size})`;
  return `
    const count = ${count};
    ${target} = [];
    for (let k = 0; k < count; k++) ${target}.push(${read});`;
}

function emitNumbers(layout: NumberLayout, target: string, length: number | undefined): string {
  const { size, typedArray } = layout;
  // Elements may begin a little later than where their count ends: claimAll knows.
  return `
    const count = ${length ?? 'source.readCount(0)'};
    const at = source.claimAll(${size}, count);
    ${target} = new ${typedArray}(count);
    if (count > ${MANY} && isLittleEndian) source.copyInto(${target}, at);
    else for (let k = 0; k < count; k++) ${target}[k] = ${emitGet(layout, `at + ${size} * k`)};`;
}

function emitGet({ typedArray }: NumberLayout, at: string): string {
  return `values.get${typedArray.replace('Array', '')}(${at}, isLittleEndian)`;
}

/** Of what is no number: an expression, and the bytes that it takes at least. */
function emitRead(element: Field['element'], nested: CdrReader[]): { read: string; size: number } {
  if (element.kind === 'message') {
    const index = nested.push(getCdrReader(element.type)) - 1;
    return { read: `nested[${index}](source)`, size: 1 };
  }
  if (element.type === 'string') return { read: 'source.readText()', size: 4 };
  if (element.type === 'wstring') return { read: 'source.readWideText()', size: 4 };
  return { read: 'values.getUint8(source.claim(1)) !== 0', size: 1 };
}
