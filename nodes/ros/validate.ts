import { UserError } from '../../sim/errors.ts';
import { type Field, getStruct, type PrimitiveType } from './definitions.ts';
import { findNumberLayout } from './primitives.ts';

/** A message that does not fit its definition. */
export class MessageError extends UserError {
  readonly topic: string;
  readonly type: string;
  /** Where in the message, like `transforms[2].transform.rotation.w`; empty for the message itself. */
  readonly path: string;

  constructor(topic: string, type: string, problem: Problem) {
    super({
      where: `${topic} (${type})${problem.path === '' ? '' : `, ${problem.path}`}`,
      problem: problem.what,
      expected: problem.expected,
      got: problem.got,
      remedy: problem.remedy,
    });
    this.topic = topic;
    this.type = type;
    this.path = problem.path;
  }
}

/** What is wrong with a message, and where. */
export interface Problem {
  readonly path: string;
  readonly what: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;
}

type Copier = (message: unknown) => unknown;

/** Thrown by compiled copiers, which know that something is wrong but not where. */
const MISFIT = new Error('the message does not fit its definition');

const copiers = new Map<string, Copier>();

/**
 * Checks a message against the definition of `type` and returns a deep copy of it, with numeric
 * arrays as typed arrays.
 * @param topic for the error only
 * @throws MessageError at the first field that does not fit
 */
export function copyChecked<T>(type: string, message: T, topic: string): T {
  const copier = copiers.get(type) ?? compileCopier(type);
  try {
    return copier(message) as T;
  } catch (error) {
    const problem = error === MISFIT ? findProblem(type, message) : undefined;
    if (problem === undefined) throw error;
    throw new MessageError(topic, type, problem);
  }
}

/** The range of each integer type that fits a number. */
const INTEGER_RANGES: Readonly<Partial<Record<PrimitiveType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/**
 * Writes one function per message type, with the field names as literals: the engine then knows
 * the shape of what it reads and makes, which is about ten times as fast as a walk over the fields.
 */
function compileCopier(type: string): Copier {
  const { fields } = getStruct(type);
  const nested: Copier[] = [];
  const lines = fields.flatMap((field, i) => emitField(field, i, nested));
  const entries = fields.map((field, i) => `${JSON.stringify(field.name)}: v${i}`);
  const body = `
    return function (message) {
      if (typeof message !== 'object' || message === null) throw MISFIT;
      let numFields = 0;
      for (const name in message) numFields++;
      if (numFields !== ${fields.length}) throw MISFIT;
      ${lines.join('\n')}
      return { ${entries.join(', ')} };
    };`;
  const compiled = new Function('MISFIT', 'nested', body)(MISFIT, nested) as Copier;
  copiers.set(type, compiled);
  return compiled;
}

function emitField(field: Field, i: number, nested: Copier[]): string[] {
  const source = `message[${JSON.stringify(field.name)}]`;
  const { element, array } = field;
  let copy: string;
  let check: string;
  if (element.kind === 'message') {
    nested.push(copiers.get(element.type) ?? compileCopier(element.type));
    copy = `nested[${nested.length - 1}]`;
    check = '';
  } else {
    copy = '';
    check = emitPrimitiveTest(element.type, element.maxLength);
  }
  if (array === undefined) {
    return copy === ''
      ? [`const v${i} = ${source};`, `{ const x = v${i}; if (!(${check})) throw MISFIT; }`]
      : [`const v${i} = ${copy}(${source});`];
  }
  const typed =
    element.kind === 'primitive' ? findNumberLayout(element.type)?.typedArray : undefined;
  const each =
    copy === '' ? `if (!(${check})) throw MISFIT; v${i}[k] = x;` : `v${i}[k] = ${copy}(x);`;
  const loop = `if (!Array.isArray(a${i})) throw MISFIT;
      v${i} = new ${typed ?? 'Array'}(a${i}.length);
      for (let k = 0; k < a${i}.length; k++) { const x = a${i}[k]; ${each} }`;
  return [
    `const a${i} = ${source}; let v${i};`,
    typed === undefined
      ? loop
      : `if (a${i} instanceof ${typed}) v${i} = a${i}.slice(); else { ${loop} }`,
    array.length === undefined ? '' : `if (v${i}.length !== ${array.length}) throw MISFIT;`,
    array.maxLength === undefined ? '' : `if (v${i}.length > ${array.maxLength}) throw MISFIT;`,
  ];
}

/** An expression over `x`. */
function emitPrimitiveTest(type: PrimitiveType, maxLength: number | undefined): string {
  const range = INTEGER_RANGES[type];
  if (range !== undefined) return `Number.isInteger(x) && x >= ${range[0]} && x <= ${range[1]}`;
  switch (type) {
    case 'bool':
      return `typeof x === 'boolean'`;
    case 'string':
    case 'wstring':
      return `typeof x === 'string'${maxLength === undefined ? '' : ` && x.length <= ${maxLength}`}`;
    case 'int64':
      return `typeof x === 'bigint' && BigInt.asIntN(64, x) === x`;
    case 'uint64':
      return `typeof x === 'bigint' && BigInt.asUintN(64, x) === x`;
    default:
      return `typeof x === 'number'`;
  }
}

/** The first field of a message that does not fit the definition of `type`, by a plain walk; undefined if all fit. */
export function findProblem(type: string, message: unknown, path = ''): Problem | undefined {
  const { fields } = getStruct(type);
  const names = fields.map((field) => field.name).join(', ') || 'no fields';
  if (typeof message !== 'object' || message === null) {
    return misfit(path, `a ${type}`, message, `Give an object with: ${names}.`);
  }
  const values = message as Record<string, unknown>;
  for (const name in values) {
    if (!fields.some((field) => field.name === name)) {
      return {
        path: join(path, name),
        what: 'unknown field',
        expected: `the fields of ${type}: ${names}`,
        got: `'${name}'`,
        remedy: 'Remove it or correct its name.',
      };
    }
  }
  for (const field of fields) {
    const at = join(path, field.name);
    if (!(field.name in values) || values[field.name] === undefined) {
      const remedy = `Set it; a ${type} needs: ${names}.`;
      return {
        path: at,
        what: 'missing field',
        expected: describeField(field),
        got: 'nothing',
        remedy,
      };
    }
    const problem = findFieldProblem(field, values[field.name], at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findFieldProblem(field: Field, value: unknown, path: string): Problem | undefined {
  if (field.array === undefined) return findElementProblem(field, value, path);
  const expected = describeField(field);
  const typed =
    field.element.kind === 'primitive'
      ? findNumberLayout(field.element.type)?.typedArray
      : undefined;
  const isTyped =
    typed !== undefined && Object.prototype.toString.call(value) === `[object ${typed}]`;
  if (!Array.isArray(value) && !isTyped) {
    const remedy = `Give ${typed === undefined ? 'an array' : `a ${typed} or an array`}.`;
    return misfit(path, expected, value, remedy);
  }
  const list = value as ArrayLike<unknown>;
  const { length, maxLength } = field.array;
  if (length !== undefined && list.length !== length) {
    return misfit(path, expected, value, `Give exactly ${length} values.`, 'wrong length');
  }
  if (maxLength !== undefined && list.length > maxLength) {
    return misfit(path, expected, value, `Give at most ${maxLength} values.`, 'too long');
  }
  if (isTyped) return undefined;
  for (let k = 0; k < list.length; k++) {
    const problem = findElementProblem(field, list[k], `${path}[${k}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findElementProblem(field: Field, value: unknown, path: string): Problem | undefined {
  const { element } = field;
  if (element.kind === 'message') return findProblem(element.type, value, path);
  const { type, maxLength } = element;
  const range = INTEGER_RANGES[type];
  if (range !== undefined) {
    if (typeof value !== 'number') return misfit(path, type, value, 'Give a number.');
    if (!Number.isInteger(value)) return misfit(path, type, value, 'Round it to a whole number.');
    if (value >= range[0] && value <= range[1]) return undefined;
    return misfit(path, `${range[0]} … ${range[1]}`, value, `Keep it in ${type}.`, 'out of range');
  }
  if (type === 'int64' || type === 'uint64') {
    if (typeof value !== 'bigint')
      return misfit(path, `${type}, a bigint`, value, 'Write BigInt(…).');
    const fits =
      (type === 'int64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;
    return fits ? undefined : misfit(path, type, value, `Keep it in ${type}.`, 'out of range');
  }
  if (type === 'string' || type === 'wstring') {
    if (typeof value !== 'string') return misfit(path, type, value, 'Give a string.');
    if (maxLength === undefined || value.length <= maxLength) return undefined;
    return misfit(path, `string of at most ${maxLength}`, value, 'Shorten it.', 'too long');
  }
  const wanted = type === 'bool' ? 'boolean' : 'number';
  return typeof value === wanted ? undefined : misfit(path, type, value, `Give a ${wanted}.`);
}

function misfit(
  path: string,
  expected: string,
  got: unknown,
  remedy: string,
  what = 'wrong type',
): Problem {
  return { path, what, expected, got: describeValue(got), remedy };
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function describeField({ element, array }: Field): string {
  if (array === undefined) return element.type;
  const bound = array.maxLength === undefined ? '' : `<=${array.maxLength}`;
  return `${element.type}[${array.length ?? bound}]`;
}

function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') return `the string '${value.slice(0, 40)}'`;
  if (typeof value === 'bigint') return `the bigint ${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    return `a ${name} of ${(value as unknown as ArrayLike<unknown>).length}`;
  }
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}
