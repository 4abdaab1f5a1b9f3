import { ADVERSARY_NAMES, ADVERSARY_WIDTH } from '../../sim/disturbance/adversary.ts';
import type { Actor } from '../../sim/episode/actor.ts';
import { makeRandomActor } from '../../sim/episode/random-actor.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { computeObservationWidth, type PolicyManifest } from '../manifest.ts';
import { loadPolicy } from '../runtime/policy.ts';
import { makePolicyActor } from './pilot.ts';

/** Path of an .onnx file, or chance. */
export type AdversarySource = string | { readonly kind: 'random' };

/**
 * Whoever pushes a robot against its policy, once per control step. It sees what the policy sees; what it says counts
 * as a share of the bounds that the randomisation draws, see sim/disturbance/adversary.ts.
 * @param task as the pilot wants it
 * @throws UserError if its network cannot be read or does not fit
 */
export async function makeAdversary(
  source: AdversarySource,
  task: TaskDefinition,
  numRobots: number,
): Promise<Actor> {
  if (typeof source !== 'string') {
    return makeRandomActor({ numRobots, numActions: ADVERSARY_WIDTH, range: [-1, 1] });
  }
  const policy = await loadPolicy(source, { batch: numRobots });
  throwIfAny(checkAdversary(policy.manifest, task, source));
  return makePolicyActor(policy);
}

/** What keeps a network from being the adversary of a task. */
export function checkAdversary(
  manifest: PolicyManifest,
  task: TaskDefinition,
  where: string,
): UserError[] {
  const problems: UserError[] = [];
  const { jointNames, observations, periodS } = manifest;
  const check = (problem: string, expected: string, got: string) => {
    if (expected === got) return;
    const remedy = "Train an adversary for this task and this policy's observations";
    problems.push(new UserError({ where, problem, expected, got, remedy }));
  };
  check(
    'an adversary gives a force and a torque',
    `the outputs ${ADVERSARY_NAMES.join(', ')}`,
    `the outputs ${jointNames.join(', ')}`,
  );
  check(
    'an adversary sees what the robot measures',
    'no columns of the true state',
    `${manifest.privileged?.columns.length ?? 'no'} columns of the true state`,
  );
  check(
    'an adversary sees what the policy sees',
    describeObservations(task.observations),
    describeObservations(observations),
  );
  const rate = `a period of ${(1 / task.controlRateHz).toPrecision(6)} s`;
  check('it runs at another rate', rate, `a period of ${periodS.toPrecision(6)} s`);
  return problems;
}

function describeObservations(
  terms: PolicyManifest['observations'] | TaskDefinition['observations'],
): string {
  const names = terms.map(({ name, width, history = 1, historyStride = 1, scale = 1, clip }) => {
    const stride = historyStride > 1 ? `, every ${historyStride}` : '';
    const past = history > 1 ? ` × ${history}${stride}` : '';
    const limits = clip === undefined ? '' : ` in [${clip.join(', ')}]`;
    return `${name} [${width}${past}]${scale === 1 ? '' : ` · ${scale}`}${limits}`;
  });
  return `${names.join(', ')}, ${computeObservationWidth(terms)} numbers`;
}
