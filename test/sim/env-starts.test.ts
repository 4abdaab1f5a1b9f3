import { describe, expect, it } from 'vitest';
import { makeSimEnv } from '../../sim/env.ts';

/** How far off home each of many episodes starts. [m] */
async function listOffsets(wideStarts: number, seed = 1): Promise<number[]> {
  const env = await makeSimEnv({ task: 'crazyflie-hover', numEnvs: 400, wideStarts });
  env.reset(seed);
  const { position } = env.world.truth;
  const offsets = Array.from({ length: 400 }, (_, k) =>
    Math.max(Math.abs(position[3 * k]!), Math.abs(position[3 * k + 1]!)),
  );
  env.free();
  return offsets;
}

describe('starts further off than those that are judged', () => {
  it('are a share of the episodes, chosen by each one’s own randomness', async () => {
    const offsets = await listOffsets(0.3);
    // Judged starts are up to 0.5 m off along x and y, wide ones up to 2 m: one in sixteen of these is as near.
    const share = offsets.filter((offset) => offset > 0.5).length / offsets.length;
    const expected = 0.3 * (15 / 16);
    const deviation = Math.sqrt((expected * (1 - expected)) / offsets.length);
    expect(Math.abs(share - expected)).toBeLessThan(4 * deviation);
    expect(await listOffsets(0.3)).toEqual(offsets);
    expect(await listOffsets(0.3, 2)).not.toEqual(offsets);
  });

  it('are not there unless asked for', async () => {
    expect(Math.max(...(await listOffsets(0)))).toBeLessThanOrEqual(0.5);
  });

  it('are refused where the task does not say from where', async () => {
    const made = makeSimEnv({ task: 'cartpole-balance', numEnvs: 1, wideStarts: 0.5 });
    await expect(made).rejects.toThrow(/wideStarts: the task does not say how.*got 0.5/);
  });
});
