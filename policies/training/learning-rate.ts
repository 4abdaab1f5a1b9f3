import type { PpoSettings } from './ppo-config.ts';

type Settings = PpoSettings['learningRate'];

/**
 * The adaptive rule of rsl_rl (N. Rudin et al., "Learning to walk in minutes", 2021, table 3): 1.5 times smaller where the
 * policy has gone further than twice the desired divergence, 1.5 times larger below half of it.
 * @param kl [nat] of the policy from what it was when the round began
 * @param share [-] of this rate that is learnt with after roll-backs: as small a share of the way is desired, or the rule
 * would make up for it within a few steps. A divergence grows with the square of the way.
 */
export function adaptLearningRate(
  rate: number,
  kl: number,
  settings: Settings,
  share: number,
): number {
  const { rule, lower, upper } = settings;
  if (rule !== 'adaptive') return rate;
  const desiredKl = settings.desiredKl * share ** 2;
  if (kl > 2 * desiredKl) return Math.max(lower, rate / 1.5);
  if (kl > 0 && kl < desiredKl / 2) return Math.min(upper, rate * 1.5);
  return rate;
}

/** The rate that a round begins with. @param progress [-] 0 to 1 of the schedule */
export function scheduleLearningRate(
  rate: number,
  progress: number,
  { learningRate }: Pick<PpoSettings, 'learningRate'>,
): number {
  const { rule, first, last } = learningRate;
  if (rule === 'adaptive') return rate;
  return rule === 'fixed' ? first : first + (last - first) * progress;
}
