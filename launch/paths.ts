import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../sim/errors.ts';

const TRAINED = fileURLToPath(new URL('../policies/trained/', import.meta.url));

export function listTrainedPolicies(): string[] {
  return readdirSync(TRAINED)
    .filter((file) => file.endsWith('.onnx'))
    .map((file) => file.slice(0, -'.onnx'.length))
    .sort();
}

/**
 * The file of a policy given by the name of a shipped one or by path.
 * @param words that the caller takes besides
 * @throws UserError that lists the shipped policies
 */
export function findPolicyFile(
  nameOrPath: string,
  where: string,
  words: readonly string[] = [],
): string {
  if (statSync(nameOrPath, { throwIfNoEntry: false })?.isFile() === true) return nameOrPath;
  const shipped = `${TRAINED}${nameOrPath}.onnx`;
  if (!/[/\\]/.test(nameOrPath) && existsSync(shipped)) return shipped;
  throw new UserError({
    where,
    problem: 'no such policy',
    expected: `a path to an ONNX file, or one of ${[...words, ...listTrainedPolicies()].join(', ')}`,
    got: `'${nameOrPath}'`,
    remedy: 'Check the name, or make one with `zerogap clone`.',
  });
}
