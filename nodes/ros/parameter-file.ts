import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { ParameterValue } from './port.ts';
import { loadRosYaml } from './ros-yaml.ts';

/** Parameters of a ROS 2 YAML file, by the pattern of the nodes that they are for, in the order of the file. */
export interface ParameterFile {
  readonly sections: readonly {
    /** Full name of a node; `*` stands for one part of it, `**` for any number. */
    readonly pattern: string;
    readonly values: Readonly<Record<string, ParameterValue>>;
  }[];
}

/**
 * Reads parameters as `rcl_yaml_param_parser` does: nodes, with namespaces nested or written out, and in each
 * `ros__parameters`, whose keys may be nested too.
 * @throws UserErrors with every problem of the file at once
 */
export function parseParameterFile(text: string, where: string): ParameterFile {
  const root = loadRosYaml(text, where) ?? {};
  if (!isMapping(root)) throw refuse(where, 'holds no nodes', 'a mapping', root);
  const sections: ParameterFile['sections'][number][] = [];
  const errors: UserError[] = [];
  collectSections(root, '', { where, sections, errors });
  throwIfAny(errors);
  return { sections };
}

const REMEDY = 'Write node names, below each ros__parameters:, below that the parameters.';

/** What a file says for one node; what comes later in it holds. */
export function selectParameters(
  { sections }: ParameterFile,
  fullyQualifiedName: string,
): Record<string, ParameterValue> {
  const values = sections
    .filter(({ pattern }) => matchesNode(pattern, fullyQualifiedName))
    .map((section) => section.values);
  return Object.assign({}, ...values) as Record<string, ParameterValue>;
}

/** Whether a pattern of a parameter file means a node. */
export function matchesNode(pattern: string, fullyQualifiedName: string): boolean {
  const parts = pattern.split('/').filter((part) => part !== '');
  const source = parts.map((part) => (part === '**' ? '(/[^/]+)*' : `/${toSource(part)}`)).join('');
  return new RegExp(`^${source}$`).test(fullyQualifiedName);
}

function toSource(part: string): string {
  return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
}

/** A value as it stands behind `:=`. @throws UserError for what is no YAML */
export function readParameterValue(text: string, where: string): unknown {
  return text.trim() === '' ? '' : loadRosYaml(text, where);
}

/**
 * Parameters by their full names, groups written with dots.
 * @throws UserErrors for values that no parameter can take
 */
export function nestParameters(
  values: Readonly<Record<string, unknown>>,
  where: string,
): Record<string, ParameterValue> {
  const errors: UserError[] = [];
  const named: Record<string, ParameterValue> = {};
  collectValues(values, '', { where, named, errors });
  throwIfAny(errors);
  return named;
}

interface Sections {
  readonly where: string;
  readonly sections: ParameterFile['sections'][number][];
  readonly errors: UserError[];
}

function collectSections(level: Record<string, unknown>, prefix: string, out: Sections): void {
  for (const [key, value] of Object.entries(level)) {
    const place = `${out.where}: ${prefix === '' ? key : `${prefix}/${key}`}`;
    if (!isMapping(value)) {
      out.errors.push(refuse(place, 'is no node with parameters', 'a mapping', value));
      continue;
    }
    if (key === 'ros__parameters') {
      if (prefix === '') {
        out.errors.push(refuse(place, 'belongs to no node', 'a node name above it', key));
        continue;
      }
      const named: Record<string, ParameterValue> = {};
      collectValues(value, '', { where: place, named, errors: out.errors });
      out.sections.push({ pattern: prefix, values: named });
      continue;
    }
    const name = key.replace(/^\/+|\/+$/g, '');
    collectSections(value, `${prefix}/${name}`, out);
  }
}

interface Values {
  readonly where: string;
  readonly named: Record<string, ParameterValue>;
  readonly errors: UserError[];
}

function collectValues(
  level: Readonly<Record<string, unknown>>,
  prefix: string,
  out: Values,
): void {
  for (const [key, value] of Object.entries(level)) {
    const name = `${prefix}${key}`;
    if (isMapping(value)) collectValues(value, `${name}.`, out);
    else if (isParameterValue(value)) out.named[name] = value;
    else {
      const expected = 'a boolean, a number, a text, or a list of numbers or of texts';
      const place = `${out.where}: ${name}`;
      out.errors.push(refuse(place, 'is no value of a parameter', expected, value));
    }
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isParameterValue(value: unknown): value is ParameterValue {
  if (['boolean', 'number', 'string'].includes(typeof value)) return true;
  if (!Array.isArray(value)) return false;
  return ['number', 'string'].some((type) => value.every((one) => typeof one === type));
}

function refuse(where: string, problem: string, expected: string, got: unknown): UserError {
  return new UserError({
    where,
    problem,
    expected,
    got: got === undefined ? 'nothing' : JSON.stringify(got),
    remedy: REMEDY,
  });
}
