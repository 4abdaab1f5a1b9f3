import { makeForward } from '../../policies/training/forward.ts';
import { makePpo } from '../../policies/training/ppo.ts';
import { PpoSettings } from '../../policies/training/ppo-config.ts';
import { Rng } from '../../sim/math/rng.ts';
import { makeClassicCartpole } from '../kit/classic-cartpole.ts';

/*
 * PPO on CartPole-v1: 100,000 steps, then 100 episodes of the deterministic policy. Reference implementations reach a
 * mean return of 475. `npx tsx test/bench/classic-cartpole.ts [seed …]`, about 10 s per seed.
 */
const MAX_STEPS = 100_000;
const NUM_ENVS = 8;
const settings = PpoSettings.parse({
  stepsPerRound: 128,
  epochs: 10,
  minibatches: 8,
  learningRate: { rule: 'linear', first: 1e-3 },
  entropyWeight: { first: 0 },
  horizonSteps: MAX_STEPS,
});

const given = process.argv.slice(2).map(Number);
for (const seed of given.length > 0 ? given : [1, 2, 3]) {
  const env = makeClassicCartpole(NUM_ENVS);
  const learner = await makePpo({ env, settings, rng: new Rng(seed) });
  await learner.restart(0);
  while (learner.numSteps + NUM_ENVS * settings.stepsPerRound <= MAX_STEPS) {
    await learner.runRound();
  }
  const forward = makeForward(await learner.copyPolicy(), 100);
  const judge = makeClassicCartpole(100);
  await judge.reset({ seed: 1000 + seed });
  /** [100] of each environment's first episode */
  const returns = new Map<number, number>();
  for (let step = 0; step < 500; step++) {
    forward.run(judge.action, judge.arrays.observation, 100);
    const { info } = await judge.step();
    for (const { env: row, return: earned } of info.episodes) {
      if (!returns.has(row)) returns.set(row, earned);
    }
  }
  const mean = [...returns.values()].reduce((sum, earned) => sum + earned, 0) / returns.size;
  console.log(`seed ${seed}: ${learner.numSteps} steps, mean return ${mean.toFixed(1)}`);
  learner.free();
}
