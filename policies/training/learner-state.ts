import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { LearnerState } from './learner.ts';

/**
 * Holds a state that was stored against that of the learner that is to take it.
 * @throws UserErrors naming every array and number that differs
 */
export function checkLearnerState(own: LearnerState, state: LearnerState): void {
  const problems: UserError[] = [];
  const refuse = (problem: string, expected: string, got: string) => {
    const remedy = 'Resume with the algorithm, networks and task that it was stored with';
    problems.push(new UserError({ where: 'checkpoint', problem, expected, got, remedy }));
  };
  const algorithm = (s: LearnerState) => `${s.scalars.algorithm}`;
  if (algorithm(own) !== algorithm(state)) {
    refuse('it is of another algorithm', `'${algorithm(own)}'`, `'${algorithm(state)}'`);
  } else {
    for (const [name, array] of Object.entries(own.arrays)) {
      const got = state.arrays[name];
      if (got?.length === array.length && got.constructor === array.constructor) continue;
      refuse(`array '${name}' does not fit`, describeArray(array), describeArray(got));
    }
    for (const [name, value] of Object.entries(own.scalars)) {
      const got = state.scalars[name];
      if (typeof got !== typeof value) {
        refuse(`'${name}' does not fit`, `a ${typeof value}`, `${got}`);
      }
    }
  }
  throwIfAny(problems);
}

function describeArray(array: LearnerState['arrays'][string] | undefined): string {
  return array === undefined ? 'nothing' : `${array.length} numbers in a ${array.constructor.name}`;
}
