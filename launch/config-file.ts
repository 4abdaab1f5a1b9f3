import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { UserError } from '../sim/errors.ts';
import { parseYaml } from '../sim/schema.ts';

/**
 * Reads a YAML file and checks it against a schema.
 * @param manual the file that describes its keys
 * @throws UserErrors with file, line and key path of every problem at once
 */
export function readConfigFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  manual = 'launch/config.ts',
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
  return parseYaml(schema, text, {
    where: path,
    remedy: `Correct the file; every key is described in ${manual}.`,
  });
}
