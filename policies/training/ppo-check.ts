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
  const isForgetful = actor.kind === 'mlp';
  if (!mirror || (env.mirror !== undefined && isForgetful)) return [];
  return [
    new UserError({
      where: `${block}.mirror`,
      problem: isForgetful
        ? `nobody says what the mirror image of what it sees and does in task '${env.task.name}' is`
        : 'what an actor remembers has no mirror image',
      expected: 'false',
      got: 'true',
      remedy: isForgetful ? 'Leave it away, or add `mirror` to the task' : 'Use an mlp',
    }),
  ];
}
