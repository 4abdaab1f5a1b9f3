import type { PolicyNetwork } from '../../policies/onnx/policy-network.ts';
import { makeForward } from '../../policies/training/forward.ts';
import { makePpo } from '../../policies/training/ppo.ts';
import { PpoSettings } from '../../policies/training/ppo-config.ts';
import { Rng } from '../../sim/math/rng.ts';
import { makeClassicCartpole } from '../kit/classic-cartpole.ts';

/*
 * PPO on CartPole-v1, whose reward threshold in Gymnasium is a mean return of 475 of 500: learns for 100,000 steps, and after
 * every tenth of them the deterministic policy does 100 episodes. `npx tsx test/bench/classic-cartpole.ts [seed …]`, about
 * 11 s of one core per seed; exit code 1 where a seed does not end solved.
 */
const SOLVED = 475;
const MAX_STEPS = 100_000;
const STEPS_PER_VERDICT = 10_000;
const NUM_EPISODES = 100;
const NUM_ENVS = 8;
const settings = PpoSettings.parse({
  stepsPerRound: 128,
  epochs: 10,
  minibatches: 8,
  learningRate: { rule: 'linear', first: 1e-3 },
  entropyWeight: { first: 0 },
  horizonSteps: MAX_STEPS,
});

/** Mean return of the first episode of each of 100 carts. */
async function judge(policy: PolicyNetwork, seed: number): Promise<number> {
  const env = makeClassicCartpole(NUM_EPISODES);
  const forward = makeForward(policy, NUM_EPISODES);
  await env.reset({ seed });
  const returns = new Map<number, number>();
  while (returns.size < NUM_EPISODES) {
    forward.run(env.action, env.arrays.observation, NUM_EPISODES);
    const { info } = await env.step();
    for (const { env: row, return: earned } of info.episodes) {
      if (!returns.has(row)) returns.set(row, earned);
    }
  }
  return [...returns.values()].reduce((sum, earned) => sum + earned, 0) / NUM_EPISODES;
}

async function learn(seed: number): Promise<boolean> {
  const learner = await makePpo({
    env: makeClassicCartpole(NUM_ENVS),
    settings,
    rng: new Rng(seed),
  });
  await learner.restart(0);
  const verdicts: string[] = [];
  let mean = 0;
  while (learner.numSteps + NUM_ENVS * settings.stepsPerRound <= MAX_STEPS) {
    const before = Math.floor(learner.numSteps / STEPS_PER_VERDICT);
    await learner.runRound();
    const isLast = learner.numSteps + NUM_ENVS * settings.stepsPerRound > MAX_STEPS;
    if (Math.floor(learner.numSteps / STEPS_PER_VERDICT) === before && !isLast) continue;
    mean = await judge(await learner.copyPolicy(), 1000 + seed);
    verdicts.push(`${learner.numSteps}: ${mean.toFixed(1)}`);
  }
  learner.free();
  const verdict = mean >= SOLVED ? 'solved' : `not solved, below ${SOLVED}`;
  console.log(`seed ${seed}, mean return after steps: ${verdicts.join(', ')}: ${verdict}`);
  return mean >= SOLVED;
}

const given = process.argv.slice(2).map(Number);
for (const seed of given.length > 0 ? given : [1, 2, 3]) {
  if (!(await learn(seed))) process.exitCode = 1;
}
