import { Rng } from '../../../sim/math/rng.ts';
import type { VecEnv } from '../../../sim/vec-env/vec-env.ts';
import type { Learner } from '../learner.ts';
import type { PartnerEnv } from '../partner-env.ts';
import { makeResidualEnv } from '../residual-env.ts';
import type { RunParts } from './run-parts.ts';

/** Who does the work of a run, between two roll-backs. */
export interface Staff {
  readonly env: VecEnv;
  /** Around them, where a base is corrected. */
  readonly residual: PartnerEnv | undefined;
  readonly learner: Learner;
}

/** Environments, and a learner in them that has learnt nothing yet. */
export async function engageStaff(parts: RunParts): Promise<Staff> {
  const { planned, seed, settings, base, teacher, readClockS: now } = parts;
  const env = await parts.makeEnv();
  const rng = new Rng(seed, 'train', settings.algorithm);
  let residual: PartnerEnv | undefined;
  try {
    residual = base && (await makeResidualEnv({ env, base, scale: makeScale(env, parts) }));
    const learner = await planned.make({ env: residual ?? env, rng, now, teacher });
    return { env, residual, learner };
  } catch (error) {
    await residual?.free();
    await env.close();
    throw error;
  }
}

export async function dismissStaff({ env, residual, learner }: Staff): Promise<void> {
  learner.free();
  await residual?.free();
  await env.close();
}

/** [numActions] raw action per unit of a correction */
export function makeScale({ numActions }: VecEnv, { settings }: RunParts): readonly number[] {
  return new Array<number>(numActions).fill(settings.residualScale);
}
