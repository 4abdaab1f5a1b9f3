import { parse } from 'yaml';
import { UserError } from '../sim/errors.ts';

/** What a YAML file holds, or what stands in its place. */
export type Tree = Record<string, unknown>;

/**
 * Writes what a `--set` of the command line says, such as `ppo.epochs=4`, into a tree; values are YAML.
 * @throws UserError for what sets nothing or cannot be read
 */
export function setValue(tree: Tree, text: string): void {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new UserError({
      where: `--set ${text}`,
      problem: 'this sets nothing',
      expected: 'key=value, such as ppo.epochs=4',
      got: `'${text}'`,
      remedy: 'Put the value behind an =',
    });
  }
  const keys = text.slice(0, at).split('.');
  const last = keys.pop()!;
  let branch = tree;
  for (const key of keys) {
    const inner = branch[key];
    const isBranch = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    const next = isBranch ? (inner as Tree) : {};
    branch[key] = next;
    branch = next;
  }
  branch[last] = readScalar(text, text.slice(at + 1));
}

function readScalar(text: string, value: string): unknown {
  try {
    return parse(value);
  } catch (cause) {
    throw new UserError({
      where: `--set ${text}`,
      problem: 'the value cannot be read',
      expected: 'a number, a word, or YAML such as [64, 64]',
      got: `'${value}'`,
      remedy: 'Correct the value',
      cause,
    });
  }
}
