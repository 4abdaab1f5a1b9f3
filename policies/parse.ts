import type { z } from 'zod';
import { throwIfAny, UserError } from '../sim/errors.ts';

/**
 * Parses a value with a schema.
 * @throws UserErrors with every problem at once: `where` is `<where> <key path>`
 */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
  remedy: string,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throwIfAny(result.error.issues.map((issue) => toUserError(issue, where, remedy)));
  throw new UserError({ where, problem: 'invalid', expected: 'a value', got: 'none', remedy });
}

function toUserError(issue: z.core.$ZodIssue, where: string, remedy: string): UserError {
  return new UserError({
    where: `${where} ${formatPath(issue.path)}`.trimEnd(),
    problem: issue.message,
    expected: describeExpected(issue),
    got: issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : describe(issue.input),
    remedy,
  });
}

function describeExpected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' | ');
    case 'unrecognized_keys':
      return 'known keys only';
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return issue.pattern ?? issue.format;
    case 'custom':
      return String(issue.params?.expected ?? 'a valid value');
    default:
      return 'a valid value';
  }
}

/** `observations[1].scale` */
function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
