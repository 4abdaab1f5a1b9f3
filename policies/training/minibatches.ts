import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { Rng } from '../../sim/math/rng.ts';

/** The numbers from 0 to `count` − 1 in random order: R. Fisher and F. Yates's shuffle, as R. Durstenfeld does it (1964). */
export function makePermutation(count: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(0, i);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Rows of some environments in a table [numSteps, numEnvs], step by step. */
export function listSequenceRows(envs: Int32Array, numSteps: number, numEnvs: number): Int32Array {
  return Int32Array.from(
    { length: numSteps * envs.length },
    (_, i) => Math.floor(i / envs.length) * numEnvs + envs[i % envs.length]!,
  );
}

interface Division {
  readonly actor: { readonly kind: 'mlp' | 'gru' };
  readonly stepsPerRound: number;
  readonly minibatches: number;
}

/**
 * Rows of a minibatch; of a recurrent actor, environments.
 * @throws UserError for minibatches that do not divide the round
 */
export function computeMinibatch(block: string, settings: Division, numEnvs: number): number {
  throwIfAny(checkMinibatches(block, settings, numEnvs));
  return countDivided(settings, numEnvs) / settings.minibatches;
}

/** Whether minibatches are of one size. @param block of a recipe that the settings stand in: `ppo` */
export function checkMinibatches(block: string, settings: Division, numEnvs: number): UserError[] {
  const whole = countDivided(settings, numEnvs);
  const { actor, minibatches } = settings;
  if (whole % minibatches === 0) return [];
  const what =
    actor.kind === 'gru' ? 'environments' : 'steps of a round, numEnvs times stepsPerRound';
  return [
    new UserError({
      where: `${block}.minibatches`,
      problem: 'minibatches must be of one size',
      expected: `a divisor of the ${whole} ${what}`,
      got: `${minibatches} minibatches`,
      remedy: 'Change minibatches, stepsPerRound or the number of environments',
    }),
  ];
}

function countDivided({ actor, stepsPerRound }: Division, numEnvs: number): number {
  return actor.kind === 'gru' ? numEnvs : numEnvs * stepsPerRound;
}

interface MinibatchDraw {
  readonly buffer: { readonly numSteps: number; readonly numEnvs: number };
  /** As computeMinibatch says. */
  readonly minibatch: number;
  readonly isRecurrent: boolean;
  readonly rng: Rng;
}

/** An epoch's minibatches in random order: the rows of each, and of a recurrent actor its environments. */
export function drawMinibatches(
  draw: MinibatchDraw,
): { readonly rows: Int32Array; readonly envs?: Int32Array }[] {
  const { numSteps, numEnvs } = draw.buffer;
  const whole = draw.isRecurrent ? numEnvs : numEnvs * numSteps;
  const order = makePermutation(whole, draw.rng);
  return Array.from({ length: whole / draw.minibatch }, (_, k) => {
    const part = order.slice(k * draw.minibatch, (k + 1) * draw.minibatch);
    if (!draw.isRecurrent) return { rows: part };
    return { rows: listSequenceRows(part, numSteps, numEnvs), envs: part };
  });
}
