import { makeEnvArrays } from '../../../sim/env-arrays.ts';
import type { EnvLayout } from '../../../sim/env-layout.ts';
import { UserError } from '../../../sim/errors.ts';
import type { PlannedLearner } from './algorithm.ts';

/** [bytes] of a thread with a physics engine, and of one robot in it, about: go2 in Rapier, a world for each */
const THREAD_BYTES = 150e6;
const ROBOT_BYTES = 1e6;

export interface MemoryNeed {
  /** What for, in words → bytes. */
  readonly parts: Readonly<Record<string, number>>;
  readonly bytes: number;
}

/** What a run will take, about: enough to refuse what cannot be before anything is allocated. */
export function estimateMemory(
  layout: EnvLayout,
  planned: PlannedLearner,
  { numEnvs, numWorkers }: { readonly numEnvs: number; readonly numWorkers: number },
): MemoryNeed {
  let arrays = 0;
  makeEnvArrays(numEnvs, layout, (bytes) => {
    arrays += bytes;
    return new ArrayBuffer(0);
  });
  const learner = planned.estimateBytes({
    numEnvs,
    observationWidth: layout.observationNames.length,
    criticWidth: layout.criticNames.length,
    numActions: layout.actionNames.length,
  });
  const parts = {
    threads: THREAD_BYTES * (numWorkers + 1),
    robots: ROBOT_BYTES * numEnvs,
    'what they see': arrays,
    'what is learnt from': learner.buffers,
    networks: learner.networks,
  };
  return { parts, bytes: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
}

/** @param available [bytes] */
export function checkMemory(need: MemoryNeed, available: number): UserError[] {
  if (need.bytes <= available) return [];
  const largest = Object.entries(need.parts)
    .sort((a, b) => b[1] - a[1])
    .map(([name, bytes]) => `${name} ${formatBytes(bytes)}`);
  return [
    new UserError({
      where: 'memory',
      problem: 'the run does not fit into it',
      expected: `at most ${formatBytes(available)}, which are free`,
      got: `about ${formatBytes(need.bytes)}: ${largest.join(', ')}`,
      remedy:
        'Use fewer robots (--num-envs), a smaller buffer, more minibatches or narrower networks',
    }),
  ];
}

/** What the machine said when memory was at an end, for the user; passes on what is something else. */
export function describeMemoryError(cause: unknown): unknown {
  if (!(cause instanceof Error) || !isMemoryError(cause)) return cause;
  return new UserError({
    where: 'memory',
    problem: 'there is not enough of it',
    expected: 'memory for all robots and buffers',
    got: cause.message,
    fault: 'machine',
    remedy:
      'Use fewer robots (--num-envs), a smaller buffer, more minibatches or narrower networks; the run can be resumed',
    cause,
  });
}

function isMemoryError(error: NodeJS.ErrnoException): boolean {
  return (
    error.code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    error.code === 'ENOMEM' ||
    /allocation failed|out of memory|bad_alloc|Failed to allocate/i.test(error.message)
  );
}

function formatBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
