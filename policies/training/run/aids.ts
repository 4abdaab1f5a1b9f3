import { readFileSync } from 'node:fs';
import { onDisk } from '../../../sim/dataset/files.ts';
import { throwIfAny, UserError } from '../../../sim/errors.ts';
import type { RobotModel } from '../../../sim/robot/model.ts';
import type { CriticColumn } from '../../../sim/task/critic-column.ts';
import type { TaskDefinition } from '../../../sim/task/task.ts';
import { ActionSpec, ObservationTermSpec, type PolicyManifest } from '../../manifest.ts';
import type { WholeNetwork } from '../../onnx/policy-network.ts';
import { readManifest } from '../../onnx/read-manifest.ts';
import { readPolicyNetwork } from '../../onnx/read-network.ts';
import { describePrivilege, describeTask } from '../task-manifest.ts';

/** What another policy is to a run: whom a student imitates, or what is corrected and stays as it is. */
export const AIDS = ['teacher', 'base'] as const;
export type Aid = (typeof AIDS)[number];

/** A policy that a run learns with. Its folder keeps a copy. */
export interface AidingPolicy {
  readonly bytes: Uint8Array;
  readonly network: WholeNetwork;
  /** Columns of the critic by which it acts; undefined: it sees what a robot measures. */
  readonly privileged: readonly CriticColumn[] | undefined;
}

/**
 * Reads a policy that was trained for the same task on the same robot.
 * @param where what it is called in errors
 * @throws UserErrors if it is none, or sees or does something else than the task
 */
export function readAidingPolicy(
  file: string,
  { task, model, where }: { task: TaskDefinition; model: RobotModel; where: string },
): AidingPolicy {
  const bytes = onDisk(file, 'cannot be read', () => readFileSync(file));
  const manifest = readManifest(bytes, where);
  throwIfAny(checkManifest(manifest, task, model, where));
  const { privileged } = manifest;
  return { bytes, network: readPolicyNetwork(bytes, where), privileged: privileged?.columns };
}

const SAME = ['observations', 'privilegedTerms', 'action', 'jointNames', 'periodS'] as const;

function checkManifest(
  manifest: PolicyManifest,
  task: TaskDefinition,
  model: RobotModel,
  where: string,
): UserError[] {
  const draft = describeTask(task, model);
  const { terms } = describePrivilege(task, []);
  // With the defaults that a manifest is written with.
  const wanted = {
    ...draft,
    observations: draft.observations.map((term) => ObservationTermSpec.parse(term)),
    action: ActionSpec.parse(draft.action),
    // Where the truth is not looked at, there is nothing to compare.
    privilegedTerms: manifest.privileged && terms.map((term) => ObservationTermSpec.parse(term)),
  };
  const there = { ...manifest, privilegedTerms: manifest.privileged?.terms };
  return SAME.flatMap((key) => {
    const difference = findDifference(wanted[key], there[key], key);
    if (difference === undefined) return [];
    return [
      new UserError({
        where,
        problem: `it does not fit task '${task.name}': ${difference.key} differs`,
        expected: JSON.stringify(difference.wanted) ?? 'nothing',
        got: JSON.stringify(difference.there) ?? 'nothing',
        remedy: 'Take a policy that was trained on this task with this robot',
      }),
    ];
  });
}

interface Difference {
  /** `observations[3].width` */
  readonly key: string;
  readonly wanted: unknown;
  readonly there: unknown;
}

/** The first one, as deep as both have something; whatever the order of keys. */
function findDifference(wanted: unknown, there: unknown, key: string): Difference | undefined {
  if (!isComposite(wanted) || !isComposite(there)) {
    return wanted === there ? undefined : { key, wanted, there };
  }
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(there)])) {
    const inner = Array.isArray(wanted) ? `${key}[${name}]` : `${key}.${name}`;
    const difference = findDifference(wanted[name], there[name], inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isComposite(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
