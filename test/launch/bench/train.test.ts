import { expect, it } from 'vitest';
import { recordSteps } from '../../../launch/bench/train.ts';
import { makePpo } from '../../../policies/training/ppo.ts';
import { PpoSettings } from '../../../policies/training/ppo-config.ts';
import { Rng } from '../../../sim/math/rng.ts';
import { getTask } from '../../../sim/tasks/registry.ts';
import { makeVecEnv } from '../../../sim/vec-env/vec-env.ts';

it('what is measured learns in the mirror as what is trained, and is simulated again to the same end', async () => {
  const task = getTask('turtlebot-navigate');
  const env = await makeVecEnv({ task, numEnvs: 2, numWorkers: 0 });
  const record = recordSteps(env, () => 0);
  const settings = PpoSettings.parse({
    ...{ mirror: true, stepsPerRound: 2, epochs: 1, minibatches: 1 },
    ...{ actor: { hidden: [4] }, critic: { hidden: [4] } },
    // Nothing is cut: what follows the round is what the round led to.
    cutsPerEpisode: 0,
  });
  const learner = await makePpo({ env: record.env, settings, rng: new Rng(1) });
  await learner.restart(0);
  const { metrics } = await learner.runRound();
  expect(metrics['loss/value']).toBeGreaterThan(0);
  const seen = env.arrays.observation.slice();
  await record.replay();
  expect(env.arrays.observation).toEqual(seen);
  learner.free();
  await env.close();
});
