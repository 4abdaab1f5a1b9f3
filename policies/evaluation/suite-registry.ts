import { UserError } from '../../sim/errors.ts';
import { shifted } from './shifted-suite.ts';
import { nominal, type Suite } from './suites.ts';

export const SUITES: readonly Suite[] = [nominal, shifted];

/** @throws UserError listing the suites there are */
export function getSuite(name: string): Suite {
  const found = SUITES.find((suite) => suite.name === name);
  if (found !== undefined) return found;
  throw new UserError({
    where: '--suite',
    problem: 'there is no such suite',
    expected: `one of ${SUITES.map((suite) => suite.name).join(', ')}`,
    got: `'${name}'`,
    remedy: 'Correct the name',
  });
}
