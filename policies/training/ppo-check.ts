import { UserError } from '../../sim/errors.ts';
import { checkMinibatches } from './minibatches.ts';
import type { PpoSettings } from './ppo-config.ts';
import type { LearnerSurroundings } from './training-env.ts';

/**
 * What is wrong with settings in some environments.
 * @param block of a recipe that the settings stand in: `ppo`
 */
export function checkPpo(
  block: string,
  settings: PpoSettings,
  env: LearnerSurroundings,
): UserError[] {
  return [...checkMinibatches(block, settings, env.numEnvs), ...checkMirror(block, settings, env)];
}

function checkMirror(
  block: string,
  { mirror, actor }: PpoSettings,
  env: LearnerSurroundings,
): UserError[] {
  if (!mirror) return [];
  const refuse = (problem: string, remedy: string) => [
    new UserError({ where: `${block}.mirror`, problem, expected: 'false', got: 'true', remedy }),
  ];
  if (actor.kind !== 'mlp') {
    return refuse('what an actor remembers has no mirror image', 'Use an mlp');
  }
  if (actor.observes === 'critic') {
    return refuse(
      'nobody says what the mirror image of what the critic sees is, by which the actor acts',
      `Leave it away, or set ${block}.actor.observes=policy`,
    );
  }
  if (env.mirror !== undefined) return [];
  return refuse(
    `nobody says what the mirror image of what it sees and does in task '${env.task.name}' is`,
    'Leave it away, or add `mirror` to the task',
  );
}

/** Whoever acts beside a learner sees what a robot measures, and so must who is to act beside others. */
export function checkPartner(block: string, { actor }: PpoSettings): UserError[] {
  if (actor.observes === 'policy') return [];
  return [
    new UserError({
      where: `${block}.actor.observes`,
      problem: 'two that learn against each other see what the robot measures',
      expected: 'policy',
      got: actor.observes,
      remedy: 'Leave it away, or learn by --algorithm ppo',
    }),
  ];
}
