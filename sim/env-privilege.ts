import type { EnvLayout } from './env-layout.ts';
import { UserError } from './errors.ts';
import { CONTEXT_PREFIX, type CriticColumn } from './task/critic-column.ts';
import type { TaskDefinition } from './task/task.ts';

/** Names that a message lists before it only counts them. */
const MAX_LISTED = 6;

/** What keeps whoever acts by the critic's columns from acting in these environments. */
export function checkPrivilege(
  { name, privileged }: Pick<TaskDefinition, 'name' | 'privileged'>,
  { contextNames }: EnvLayout,
  there: readonly CriticColumn[],
): UserError[] {
  if (privileged === undefined) return [];
  const where = `task '${name}', critic`;
  const difference = compareColumns(privileged, there);
  if (difference !== undefined) {
    return [
      new UserError({
        where,
        problem: 'who acts by the true state was taught on other columns of it',
        ...difference,
        remedy: 'Let it act in its own task, on its own robot and terrain, pushed as in training',
      }),
    ];
  }
  const drawn = privileged.flatMap(({ drawn: scale, ...column }) =>
    scale === undefined ? [] : [column.name.slice(CONTEXT_PREFIX.length)],
  );
  const unknown = drawn.filter((one) => !contextNames.includes(one));
  if (unknown.length === 0) return [];
  return [
    new UserError({
      where,
      problem: 'who acts by what was drawn for single parts needs a draw for each of them',
      expected: list(unknown),
      got: 'a randomisation without them',
      remedy: 'Use the randomisation that it was trained with',
    }),
  ];
}

/** How columns that somebody was taught on differ from those that there are; undefined where they are the same. */
export function compareColumns(
  taught: readonly CriticColumn[],
  there: readonly CriticColumn[],
): { readonly expected: string; readonly got: string } | undefined {
  const [before, now] = [taught, there].map((columns) => new Set(columns.map(describeColumn))) as [
    Set<string>,
    Set<string>,
  ];
  const missing = [...before].filter((column) => !now.has(column));
  const added = [...now].filter((column) => !before.has(column));
  if (missing.length > 0 || added.length > 0) {
    const count = (columns: readonly string[], of: readonly unknown[]) =>
      `${of.length} columns${columns.length === 0 ? '' : `, among them ${list(columns)}`}`;
    return { expected: count(missing, taught), got: count(added, there) };
  }
  const at = taught.findIndex(({ name }, k) => name !== there[k]?.name);
  if (at < 0) return undefined;
  const say = (columns: readonly CriticColumn[]) => `${columns[at]!.name} as column ${at}`;
  return { expected: say(taught), got: say(there) };
}

/** All that makes two columns the same. */
function describeColumn({ name, unit, scale = 1, drawn }: CriticColumn): string {
  if (drawn === undefined)
    return scale === 1 ? `${name} [${unit}]` : `${name} [${unit}] · ${scale}`;
  const { isLogarithmic, middle, half } = drawn;
  return `${name} [${unit}]${isLogarithmic ? ' by its logarithm,' : ''} ${middle} ± ${half}`;
}

function list(names: readonly string[]): string {
  const rest = names.length - MAX_LISTED;
  return `${names.slice(0, MAX_LISTED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
