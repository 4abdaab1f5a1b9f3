import { z } from 'zod';
import type { MlpNetwork } from '../../policies/onnx/policy-network.ts';
import { beginEra } from '../../policies/training/era.ts';
import { makeMlpForward } from '../../policies/training/forward.ts';
import type { Learner, LearnerParts, LearnerState } from '../../policies/training/learner.ts';
import { defineAlgorithm } from '../../policies/training/run/algorithm.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';

export const HillClimberSettings = z.strictObject({
  stepsPerRound: z.int().min(1).max(1000).default(25),
  reach: z.number().nonnegative().max(10).default(0.5).meta({ description: 'Of a try' }),
  learningRate: z.number().positive().default(1).meta({ description: 'Multiplies the reach' }),
  /** Rounds that say or learn what is not a number, by their number, while the learning rate is above a half. */
  badMetricAt: z.array(z.int()).default([]),
  badWeightAt: z.array(z.int()).default([]),
});
type Settings = z.infer<typeof HillClimberSettings>;

/**
 * The smallest thing that learns: tries a linear policy near the one it has, and keeps it if robots earn more in one
 * round. Follows every rule of a learner.
 */
export const hillClimber = defineAlgorithm<Settings>({
  name: 'hill',
  method: 'hill climbing',
  Settings: HillClimberSettings,
  estimateBytes: (_settings, { numEnvs, observationWidth }) => ({
    buffers: 4 * numEnvs * observationWidth,
    networks: 4 * observationWidth,
  }),
  countRoundSteps: ({ stepsPerRound }) => stepsPerRound,
  check() {},
  make: async (parts) => makeHillClimber(parts),
});

function makeHillClimber({ env, settings, rng }: LearnerParts<Settings>): Learner {
  const { numActions } = env;
  const numObs = env.layout.observationNames.length;
  let weights = new Float32Array(numObs * numActions);
  let state = { round: 0, numSteps: 0, best: -1e9, rate: settings.learningRate };
  let era = 0;
  let latest = weights;

  const makeNetwork = (weight: Float32Array): MlpNetwork => ({
    kind: 'mlp',
    normalizer: { mean: new Float32Array(numObs), std: new Float32Array(numObs).fill(1) },
    layers: [{ weight: weight.slice(), bias: new Float32Array(numActions) }],
    activation: 'tanh',
    head: 'identity',
  });

  return {
    get numSteps() {
      return state.numSteps;
    },
    async restart(next) {
      era = next;
      await beginEra(env, rng.fork('era', era));
    },
    async runRound() {
      const round = state.round + 1;
      const draw = rng.fork('era', era, 'round', round);
      const tried = weights.map((w) => w + draw.normal(0, settings.reach * state.rate));
      const isTouchy = state.rate > settings.learningRate / 2;
      if (isTouchy && settings.badWeightAt.includes(round)) tried[0] = Number.NaN;
      const forward = makeMlpForward({ ...makeNetwork(tried), head: 'identity' });
      let earned = 0;
      const episodes: EpisodeSummary[] = [];
      for (let step = 0; step < settings.stepsPerRound; step++) {
        forward(env.action, env.arrays.observation, env.numEnvs);
        for (let group = 0; group < env.numGroups; group++) {
          await env.beginStep(group);
          episodes.push(...(await env.endStep(group)).info.episodes);
        }
        earned += env.arrays.reward.reduce((sum, one) => sum + one, 0) / env.numEnvs;
      }
      latest = tried;
      if (earned > state.best) weights = tried;
      state = {
        ...state,
        round,
        numSteps: state.numSteps + settings.stepsPerRound * env.numEnvs,
        best: Math.max(state.best, earned),
      };
      const isBad = isTouchy && settings.badMetricAt.includes(round);
      const metrics = { 'hill/earned': isBad ? Number.NaN : earned, 'learning/rate': state.rate };
      return { metrics, episodes };
    },
    copyPolicy: async () => makeNetwork(latest.some(Number.isNaN) ? latest : weights),
    copyState: async (): Promise<LearnerState> => ({
      arrays: { weights: weights.slice(), difficulty: env.arrays.difficulty.slice() },
      scalars: { ...state },
    }),
    async restore({ arrays, scalars }) {
      weights = Float32Array.from(arrays.weights!);
      latest = weights;
      env.arrays.difficulty.set(arrays.difficulty!);
      state = { ...(scalars as typeof state) };
    },
    scaleLearningRate(factor) {
      state = { ...state, rate: state.rate * factor };
    },
    free() {},
  };
}
