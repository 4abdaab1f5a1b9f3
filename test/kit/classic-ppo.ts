import type { PolicyNetwork } from '../../policies/onnx/policy-network.ts';
import { makeForward } from '../../policies/training/forward.ts';
import { makePpo } from '../../policies/training/ppo.ts';
import { PpoSettings } from '../../policies/training/ppo-config.ts';
import { Rng } from '../../sim/math/rng.ts';
import { makeClassicCartpole } from './classic-cartpole.ts';

/** Reward threshold of CartPole-v1 in Gymnasium: a mean return of 475 of 500. */
export const SOLVED = 475;
export const MAX_STEPS = 100_000;
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

export interface Verdict {
  /** [1] of learning */
  readonly steps: number;
  /** Of the deterministic policy, over the first episodes of as many carts. */
  readonly meanReturn: number;
}

/** Learns CartPole-v1 by PPO for 100,000 steps, and judges after every tenth of them. */
export async function* learnClassicCartpole(seed: number): AsyncGenerator<Verdict> {
  const env = makeClassicCartpole(NUM_ENVS);
  const learner = await makePpo({ env, settings, rng: new Rng(seed) });
  try {
    await learner.restart(0);
    const stepsPerRound = NUM_ENVS * settings.stepsPerRound;
    while (learner.numSteps + stepsPerRound <= MAX_STEPS) {
      const before = Math.floor(learner.numSteps / STEPS_PER_VERDICT);
      await learner.runRound();
      const isLast = learner.numSteps + stepsPerRound > MAX_STEPS;
      if (Math.floor(learner.numSteps / STEPS_PER_VERDICT) === before && !isLast) continue;
      const meanReturn = await judge(await learner.copyPolicy(), 1000 + seed);
      yield { steps: learner.numSteps, meanReturn };
    }
  } finally {
    learner.free();
  }
}

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
