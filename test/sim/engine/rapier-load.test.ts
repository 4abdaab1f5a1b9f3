import { expect, it } from 'vitest';
import { loadRapier } from '../../../sim/engine/rapier/load.ts';
import { makeSimEnv } from '../../../sim/env.ts';

it('Rapier is made ready once, whoever asks again meanwhile', () => {
  expect(loadRapier()).toBe(loadRapier());
});

it('worlds that are made at the same time are all fit for use', async () => {
  const envs = await Promise.all(
    [1, 2].map(() => makeSimEnv({ task: 'cartpole-balance', numEnvs: 2 })),
  );
  for (const env of envs) {
    env.reset(1);
    env.step(new Float32Array(2));
  }
  expect(envs[0]!.world.truth.jointPosition).toEqual(envs[1]!.world.truth.jointPosition);
  for (const env of envs) env.free();
});
