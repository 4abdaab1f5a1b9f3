import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { throwIfAny, UserError } from './errors.ts';
import { findNearestName } from './nearest-name.ts';

/** Where a value came from, and what to do when it does not fit. */
export interface Source {
  /** File or other name, for messages. */
  readonly where: string;
  readonly remedy: string;
}

/**
 * Parses a value by a schema.
 * @throws UserErrors with every problem at once, each with its key path
 */
export function parseValue<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  source: Source,
): z.output<Schema> {
  return parse(schema, value, source, () => source.where);
}

/**
 * Parses YAML text by a schema; an empty text is an empty object.
 * @throws UserErrors with every problem at once, each with its line and key path
 */
export function parseYaml<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  source: Source,
): z.output<Schema> {
  const { where } = source;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  throwIfAny(
    document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return new UserError({
        where: `${where}:${line}:${col}`,
        problem: 'this is not valid YAML',
        expected: 'YAML 1.2',
        got: error.message,
        remedy: 'Correct the file at that place.',
        cause: error,
      });
    }),
  );
  return parse(schema, toValue(document, where) ?? {}, source, (path) => {
    const line = findLine(document, path, lines);
    return line === undefined ? where : `${where}:${line}`;
  });
}

/** @throws UserError for an alias without an anchor, which the parser leaves to this step */
function toValue(document: Document, where: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new UserError({
      where,
      problem: 'this is not valid YAML',
      expected: 'YAML 1.2',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Correct the file; a text that begins with * needs quotes.',
      cause,
    });
  }
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  source: Source,
  locate: (path: readonly PropertyKey[]) => string,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap(enterMeantAlternative);
  throwIfAny(issues.map((issue) => toUserError(issue, schema, source, locate)));
  throw new TypeError('a failed parse has at least one issue');
}

/**
 * Of alternatives of different kinds, such as a number or an object, the one whose kind was given is meant: what is
 * wrong inside it is what is wrong. Where that does not decide, the choice itself is.
 */
function enterMeantAlternative(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.discriminator !== undefined) return [issue];
  const ofKind = issue.errors.filter(
    ([first]) => first !== undefined && !(first.code === 'invalid_type' && first.path.length === 0),
  );
  const [meant] = ofKind;
  if (meant === undefined || ofKind.length > 1) return [issue];
  // Entries of a list are told as the choice that they are wrong for.
  if (meant.some(({ path, code }) => path.length === 0 && code !== 'unrecognized_keys'))
    return [issue];
  return meant.flatMap((inner) =>
    enterMeantAlternative({ ...inner, path: [...issue.path, ...inner.path] }),
  );
}

function toUserError(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  { remedy }: Source,
  locate: (path: readonly PropertyKey[]) => string,
): UserError {
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys.join(', ')];
    const isOne = issue.keys.length === 1;
    const known = listKeys(schema, issue.path, issue.input);
    const nearest = isOne ? findNearestName(issue.keys[0]!, known) : undefined;
    return new UserError({
      where: `${locate([...issue.path, issue.keys[0]!])}: ${formatPath(path)}`,
      problem: isOne ? 'unknown key' : 'unknown keys',
      expected: known.length === 0 ? 'known keys only' : `one of ${known.join(', ')}`,
      got: issue.keys.join(', '),
      remedy: nearest === undefined ? remedy : `Did you mean '${nearest}'? ${remedy}`,
    });
  }
  const path = formatPath(issue.path);
  return new UserError({
    where: path === '' ? locate(issue.path) : `${locate(issue.path)}: ${path}`,
    problem: issue.code === 'custom' ? issue.message : 'the value does not fit',
    expected: describeExpected(issue),
    got: describeValue(getInput(issue)),
    remedy,
  });
}

/** What does not fit; of a choice by name, the name. */
function getInput(issue: z.core.$ZodIssue): unknown {
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return issue.input;
  return (issue.input as Readonly<Record<string, unknown>>)[issue.discriminator];
}

function describeExpected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' | ');
    case 'invalid_union':
      return describeChoices(issue);
    case 'too_small':
      if (issue.origin === 'array') return `at least ${issue.minimum} entries`;
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'array') return `at most ${issue.maximum} entries`;
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return issue.pattern ?? issue.format;
    case 'custom':
      return String(issue.params?.expected ?? 'values that go together');
    default:
      return issue.message;
  }
}

/** The names to choose from, or what each of the alternatives would take. */
function describeChoices(issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>): string {
  // The types of zod 4 leave out what it tells of a name that is none.
  if ('options' in issue && Array.isArray(issue.options)) {
    return issue.options.map(String).join(' | ');
  }
  const first = issue.errors.flatMap((issues) => issues.slice(0, 1));
  return [...new Set(first.map(describeExpected))].join(', or ');
}

/** `observations[1].scale` */
function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    typeof value === 'string'
      ? `'${value}'`
      : typeof value === 'number'
        ? String(value)
        : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Line of the deepest part of a key path that the document has. */
function findLine(
  document: Document,
  path: readonly PropertyKey[],
  lines: LineCounter,
): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent)
      ? parent.items.find(
          ({ key }) => isScalar(key) && String(key.value) === String(path[depth - 1]),
        )
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/** The keys that stand at a path; inside lists and unions there is more than one set, less those of other kinds. */
function listKeys(root: z.ZodType, path: readonly PropertyKey[], input: unknown): string[] {
  let schema: unknown = unwrap(root);
  for (const key of path) {
    if (schema instanceof z.ZodUnion) schema = findObject(schema);
    if (schema instanceof z.ZodArray) schema = unwrap(schema.element);
    else schema = unwrap(schema instanceof z.ZodObject ? schema.shape[String(key)] : undefined);
  }
  const options = schema instanceof z.ZodUnion ? chooseOptions(schema, input) : [schema];
  const keys = options.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
  return [...new Set(keys)];
}

/** The only object among alternatives, if there is no other: what a key path can lead through. */
function findObject(union: z.ZodUnion): unknown {
  const objects = union.options.filter((option) => option instanceof z.ZodObject);
  return objects.length === 1 ? objects[0] : undefined;
}

/** Of a choice by name the one that is named, of any other choice all. */
function chooseOptions(union: z.ZodUnion, input: unknown): readonly unknown[] {
  if (!(union instanceof z.ZodDiscriminatedUnion)) return union.options;
  const { discriminator } = union.def;
  const name = (input as Readonly<Record<string, unknown>>)[discriminator];
  return union.options.filter((option) => {
    const schema: unknown = option instanceof z.ZodObject ? option.shape[discriminator] : undefined;
    return schema instanceof z.ZodType && schema.safeParse(name).success;
  });
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}
