import { expect, it, vi } from 'vitest';
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

it('Rapier reads no clock while it steps, and everybody else has theirs', async () => {
  const env = await makeSimEnv({ task: 'cartpole-balance', numEnvs: 2 });
  env.reset(1);
  const now = vi.spyOn(performance, 'now');
  env.step(new Float32Array(2));
  expect(now).not.toHaveBeenCalled();
  now.mockRestore();
  const before = performance.now();
  expect(performance.now()).toBeGreaterThanOrEqual(before);
  expect(before).toBeGreaterThan(0);
  env.free();
});
