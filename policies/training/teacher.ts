import { compareColumns } from '../../sim/env-privilege.ts';
import { UserError } from '../../sim/errors.ts';
import type { CriticColumn } from '../../sim/task/critic-column.ts';
import type { WholeNetwork } from '../onnx/policy-network.ts';

/** Who is imitated. */
export interface Teacher {
  readonly network: WholeNetwork;
  /** Columns of the critic by which it acts, in their order; absent: it sees what its student sees. */
  readonly privileged?: readonly CriticColumn[] | undefined;
}

/**
 * What keeps a teacher from being shown the truth of these environments.
 * @param there columns of their critic
 * @param where what it is called in errors
 */
export function checkTeacherSight(
  { privileged }: Pick<Teacher, 'privileged'>,
  there: readonly CriticColumn[],
  where: string,
): UserError[] {
  const difference = privileged && compareColumns(privileged, there);
  if (difference === undefined) return [];
  return [
    new UserError({
      where,
      problem: 'the true state that the teacher was trained to see is not the one of this run',
      ...difference,
      remedy:
        'Let the student learn in the task, randomisation and curriculum of its teacher, or train a teacher in those of the student',
    }),
  ];
}
