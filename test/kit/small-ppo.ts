import type { Learner } from '../../policies/training/learner.ts';
import { makePpo } from '../../policies/training/ppo.ts';
import { PpoSettings } from '../../policies/training/ppo-config.ts';
import type { TrainingEnv } from '../../policies/training/training-env.ts';
import { Rng } from '../../sim/math/rng.ts';
import { makeClassicCartpole } from './classic-cartpole.ts';

/** Networks and rounds so small that a round takes milliseconds. */
export const SMALL_PPO = {
  actor: { hidden: [8] },
  critic: { hidden: [8] },
  stepsPerRound: 16,
  epochs: 2,
  minibatches: 2,
};

/** A learner of eight classic cartpoles, unless others are given. */
export async function makeSmallPpo(
  settings: object,
  seed = 1,
  env: TrainingEnv = makeClassicCartpole(8),
): Promise<Learner> {
  return makePpo({ env, settings: PpoSettings.parse(settings), rng: new Rng(seed) });
}
