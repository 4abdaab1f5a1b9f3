import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { throwIfAny, UserError } from '../errors.ts';
import { RobotConfig } from './config.ts';

const REMEDY = 'Correct robot.yaml; every key is described in sim/robot/config.ts.';

/**
 * Reads robot.yaml.
 * @throws UserError, or UserErrors with every problem, each with line and key path
 */
export function readRobotConfig(text: string, where: string): RobotConfig {
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
  const result = RobotConfig.safeParse(document.toJS(), { reportInput: true });
  if (result.success) return result.data;
  throwIfAny(
    result.error.issues.map((issue) => {
      const line = findLine(document, issue.path, lines);
      return toUserError(issue, line === undefined ? where : `${where}:${line}`);
    }),
  );
  throw new TypeError('a failed parse has at least one issue');
}

/** Line of the deepest part of a key path that the document has. */
function findLine(
  document: Document,
  path: readonly PropertyKey[],
  lines: LineCounter,
): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function toUserError(issue: z.core.$ZodIssue, where: string): UserError {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return new UserError({
      where: `${where}: ${[...(path === '' ? [] : [path]), issue.keys.join(', ')].join('.')}`,
      problem: issue.keys.length === 1 ? 'unknown key' : 'unknown keys',
      expected: describeKeys(issue.path),
      got: issue.keys.join(', '),
      remedy: REMEDY,
    });
  }
  const got = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input);
  return new UserError({
    where: path === '' ? where : `${where}: ${path}`,
    problem: 'the value does not fit',
    expected: issue.message,
    got: got.length > 80 ? `${got.slice(0, 77)}...` : got,
    remedy: REMEDY,
  });
}

/** The keys that stand at a path; inside lists and unions there is more than one set. */
function describeKeys(path: readonly PropertyKey[]): string {
  let schema: unknown = RobotConfig;
  for (const key of path) {
    schema = schema instanceof z.ZodObject ? schema.shape[String(key)] : undefined;
    while (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
      schema = schema.unwrap();
    }
  }
  if (!(schema instanceof z.ZodObject)) return 'known keys only';
  return `one of ${Object.keys(schema.shape).join(', ')}`;
}
