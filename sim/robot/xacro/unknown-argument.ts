import { UserError } from '../../errors.ts';

/** An argument that was given and is none of the description's. */
export function describeUnknownArgument(
  name: string,
  known: readonly string[],
  where: string,
): UserError {
  return new UserError({
    where,
    problem: `nothing here takes an argument '${name}'`,
    expected: known.length === 0 ? 'none: it takes no arguments' : `one of ${known.join(', ')}`,
    got: `'${name}'`,
    remedy: 'Correct the name, or leave it out (--xacro-arg).',
  });
}
