import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { throwIfAny, UserError } from '../sim/errors.ts';

/**
 * Reads a YAML file and checks it against a schema.
 * @throws UserErrors with file, line and key path of every problem at once
 */
export function readConfigFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): z.output<Schema> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError({
      where: path,
      problem: 'cannot be read',
      expected: 'a readable YAML file',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Check the path and its permissions.',
      cause,
    });
  }
  return parseConfig(text, schema, path);
}

/** Parses YAML text; `where` is the name of its source in messages. */
export function parseConfig<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  where: string,
): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  throwIfAny(
    document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return new UserError({
        where: `${where}:${line}:${col}`,
        problem: 'is not valid YAML',
        expected: 'YAML 1.2',
        got: error.message,
        remedy: 'Mend the syntax at that line.',
      });
    }),
  );
  const result = schema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  throwIfAny(
    result.error.issues.map((issue) => {
      const key = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
      const line = findLine(document, key.map(String), lines);
      return toUserError(issue, `${where}${line === undefined ? '' : `:${line}`}`, schema);
    }),
  );
  throw new Error(`${where}: the schema refused the file without saying why`);
}

function findLine(
  document: ReturnType<typeof parseDocument>,
  path: readonly string[],
  lines: LineCounter,
): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find(
      ({ key }) => isScalar(key) && String(key.value) === path[depth - 1],
    );
    if (pair && isScalar(pair.key) && pair.key.range) {
      return lines.linePos(pair.key.range[0]).line;
    }
  }
  return undefined;
}

function toUserError(issue: z.core.$ZodIssue, where: string, schema: z.ZodType): UserError {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const names = listKeys(schema, issue.path.map(String));
    return new UserError({
      where: `${where}: ${path === '' ? '' : `${path}.`}${issue.keys.join(', ')}`,
      problem: issue.keys.length === 1 ? 'unknown key' : 'unknown keys',
      expected: names.length > 0 ? `one of ${names.join(', ')}` : 'a key of the schema',
      got: issue.keys.join(', '),
      remedy: 'Check the spelling, or remove the key.',
    });
  }
  return new UserError({
    where: `${where}: ${path}`,
    problem: 'has a wrong value',
    expected: issue.message,
    got: 'input' in issue && issue.input !== undefined ? JSON.stringify(issue.input) : 'that value',
    remedy: 'Give a value as expected.',
  });
}

/** The keys that an object schema allows at a path, looking through defaults and optionals. */
function listKeys(schema: z.ZodType, path: readonly string[]): string[] {
  let shape = getShape(schema);
  for (const key of path) {
    const next = shape?.[key];
    if (next === undefined) return [];
    shape = getShape(next);
  }
  return shape === undefined ? [] : Object.keys(shape);
}

function getShape(schema: z.ZodType): Record<string, z.ZodType> | undefined {
  const definition = schema.def as {
    readonly innerType?: z.ZodType;
    readonly in?: z.ZodType;
    readonly shape?: Record<string, z.ZodType>;
  };
  if (definition.shape !== undefined) return definition.shape;
  const inner = definition.innerType ?? definition.in;
  return inner === undefined ? undefined : getShape(inner);
}
