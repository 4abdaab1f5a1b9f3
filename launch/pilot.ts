import { readFileSync } from 'node:fs';
import { readManifest } from '../policies/onnx/read-manifest.ts';
import { checkSeesMeasured } from '../policies/privileged.ts';
import {
  type ClassicalPolicy,
  checkClassicalPolicy,
} from '../policies/runtime/classical-policy.ts';
import type { ControlManifest } from '../policies/runtime/control-manifest.ts';
import { describeTask } from '../policies/training/task-manifest.ts';
import { throwIfAny, UserError } from '../sim/errors.ts';
import type { RobotModel } from '../sim/robot/model.ts';
import type { TaskDefinition } from '../sim/task/task.ts';
import { findPolicyFile } from './paths.ts';

/** Who acts in a run. */
export interface ChosenPilot {
  readonly manifest: ControlManifest;
  /** Of the file, or the word for none; for messages. */
  readonly where: string;
  /** As the policy node takes it. */
  readonly source: string | ClassicalPolicy;
  /** Of the file; undefined where there is none. */
  readonly bytes: Uint8Array | undefined;
}

/** @throws UserErrors for a policy that cannot be read or sees what no robot does, or a task that nobody has a controller for */
export function choosePilot(
  policy: string,
  task: TaskDefinition | undefined,
  model: RobotModel,
): ChosenPilot {
  if (policy === 'classical') return chooseClassical(task, model);
  const where = findPolicyFile(policy, 'policy', task === undefined ? [] : ['classical']);
  const bytes = readFileSync(where);
  const manifest = readManifest(bytes, where);
  throwIfAny([...checkSeesMeasured(manifest, where), ...checkRate(manifest, task, where)]);
  return { manifest, where, source: where, bytes };
}

function chooseClassical(task: TaskDefinition | undefined, model: RobotModel): ChosenPilot {
  if (task === undefined) {
    throw new UserError({
      where: 'policy',
      problem: 'a controller made by hand belongs to a task, and there is none',
      expected: 'a policy, or a profile with a task',
      got: 'classical',
      remedy: 'Give the profile a `task` in the place of `courses`.',
    });
  }
  const described = describeTask(task, model);
  throwIfAny(checkClassicalPolicy(task.name, described, model));
  const { positionErrorIntegral, gains, ...rest } = described;
  const manifest: ControlManifest = {
    ...rest,
    ...(positionErrorIntegral === undefined ? {} : { positionErrorIntegral }),
    ...(gains === undefined ? {} : { gains }),
    name: `${task.name}, classical`,
    historyLayout: 'term',
    historyOrder: 'oldest_first',
    observations: rest.observations.map(({ scale = 1, history = 1, ...term }) => ({
      ...term,
      ...{ scale, history },
    })),
  };
  const source = { kind: 'classical', task: task.name, manifest } as const;
  return { manifest, where: 'classical', source, bytes: undefined };
}

/** A task lasts a number of control steps and looks on at each: at another rate it would be another one. */
function checkRate(
  { periodS }: ControlManifest,
  task: TaskDefinition | undefined,
  where: string,
): UserError[] {
  if (task === undefined || Math.abs(periodS * task.controlRateHz - 1) < 1e-9) return [];
  return [
    new UserError({
      where,
      problem: `task '${task.name}' runs at another rate than the policy`,
      expected: `a period of ${1 / task.controlRateHz} s`,
      got: `${periodS} s`,
      remedy: 'Use a policy of that task, or a profile without one.',
    }),
  ];
}
