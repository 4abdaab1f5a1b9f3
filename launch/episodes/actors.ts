import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getClassicalController } from '../../policies/classical/registry.ts';
import { checkAdversary } from '../../policies/evaluation/adversary.ts';
import { adaptTask, checkClassical, checkPolicyFitsTask } from '../../policies/evaluation/pilot.ts';
import { inspectPolicy } from '../../policies/runtime/policy.ts';
import { hasAdversary } from '../../sim/disturbance/adversary.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { computeBatchRobots } from '../../sim/vec-env/plan.ts';
import { findPolicyFile } from '../paths.ts';
import type { EpisodesJob } from './job.ts';

/** Whoever acts, without what it needs to act. */
export interface ChosenActor {
  readonly name: string;
  readonly sha256: string | undefined;
  readonly source: EpisodesJob['policy'];
  readonly task: TaskDefinition;
}

/** @throws UserError that lists the words and the shipped policies */
export function findPolicy(policy: string): EpisodesJob['policy'] {
  if (policy === 'random' || policy === 'classical') return { kind: policy };
  return findPolicyFile(policy, '--policy', ['random', 'classical']);
}

/** @throws UserErrors for a policy that is damaged or does not fit, or a task without a controller */
export async function chooseActor(
  source: EpisodesJob['policy'],
  task: TaskDefinition,
  model: RobotModel,
): Promise<ChosenActor> {
  if (typeof source === 'string') return choosePolicy(source, task, model);
  if (source.kind === 'random') return { name: 'random', sha256: undefined, source, task };
  throwIfAny(checkClassical(task));
  const controller = getClassicalController(task.name);
  const { name } = controller(model, task.makeAction(model), 1 / task.controlRateHz);
  return { name, sha256: undefined, source, task };
}

async function choosePolicy(
  path: string,
  task: TaskDefinition,
  model: RobotModel,
): Promise<ChosenActor> {
  const { manifest, problems } = await inspectPolicy(path, {
    batch: computeBatchRobots(model),
    expect: { robotModel: model },
  });
  throwIfAny([...problems, ...(manifest ? checkPolicyFitsTask(manifest, task, model, path) : [])]);
  const sha256 = computeFileSha256(path);
  // Without a manifest there is a problem.
  return { name: manifest!.name, sha256, source: path, task: adaptTask(task, manifest!) };
}

/** @throws UserErrors for a network that does not fit, or a randomisation that leaves it no force */
export async function chooseAdversary(
  adversary: string | undefined,
  task: TaskDefinition,
  model: RobotModel,
  randomization: RandomizationConfig,
): Promise<EpisodesJob['adversary']> {
  if (adversary === undefined) return undefined;
  const where = '--adversary';
  const problems = hasAdversary(randomization) ? [] : [refuseAdversary(where)];
  if (adversary === 'random') {
    throwIfAny(problems);
    return { kind: adversary };
  }
  const path = findPolicyFile(adversary, where, ['random']);
  const found = await inspectPolicy(path, { batch: computeBatchRobots(model) });
  const { manifest } = found;
  throwIfAny([
    ...problems,
    ...found.problems,
    ...(manifest === undefined ? [] : checkAdversary(manifest, task, path)),
  ]);
  return path;
}

/** What makes an adversary the same one, for whoever goes on with a dataset. */
export function identifyAdversary(adversary: EpisodesJob['adversary']): string | null {
  if (adversary === undefined) return null;
  return typeof adversary === 'string' ? computeFileSha256(adversary) : adversary.kind;
}

function computeFileSha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function refuseAdversary(where: string): UserError {
  return new UserError({
    where,
    problem: 'the randomisation leaves an adversary no force',
    expected: 'adversary.maxForceScale or adversary.maxTorqueScale above 0',
    got: '0 for both',
    remedy: 'Add them to the file of --randomize, see sim/RANDOMIZATION.md',
  });
}
