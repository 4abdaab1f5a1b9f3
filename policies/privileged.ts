import { z } from 'zod';
import { UserError } from '../sim/errors.ts';
import type { PolicyManifest } from './manifest.ts';

/** One number that goes into a policy that sees the true state: as CriticColumn of sim/task. */
export const ColumnSpec = z.strictObject({
  name: z.string().min(1),
  unit: z.string().meta({ description: 'Of what is true, before scale' }),
  scale: z.number().optional().meta({ description: 'What it is multiplied by; absent: 1' }),
  drawn: z
    .strictObject({ isLogarithmic: z.boolean(), middle: z.number(), half: z.number() })
    .optional()
    .meta({
      description:
        'Of what an episode draws: (value − middle) / half goes in, of the logarithm where it says so; absent: it is not drawn',
    }),
});

/** Columns that a message names before it only counts them. */
const MAX_NAMED = 3;

/** Why a policy may not command a robot: it would be fed with what nobody knows there. Empty for one that may. */
export function checkSeesMeasured(
  { privileged, observations, task }: Pick<PolicyManifest, 'privileged' | 'observations' | 'task'>,
  where: string,
): UserError[] {
  if (privileged === undefined) return [];
  const measured = new Set(observations.map(({ name }) => name));
  const { columns } = privileged;
  const others = columns.filter(({ name }) => !measured.has(name.split('.', 1)[0]!));
  const names = (others.length > 0 ? others : columns).slice(0, MAX_NAMED).map(({ name }) => name);
  return [
    new UserError({
      where,
      problem: 'the policy sees the true state, which a simulator knows and no robot measures',
      expected: 'a policy that sees what the robot measures',
      got: `one that sees ${columns.length} columns of the truth, such as ${names.join(', ')}`,
      remedy: `Distil a student from it: zerogap train --task ${task} --algorithm distill --teacher ${where.endsWith('.onnx') ? where : 'its file'} --set distill.actor.kind=gru --minutes 5 --out runs/student`,
    }),
  ];
}
