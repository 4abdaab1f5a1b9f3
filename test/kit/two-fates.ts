import type { TrainingEnv } from '../../policies/training/training-env.ts';

/**
 * Robots that earn 1 in every step, whatever they do. Every other one sees 1 and is over for good with each step; the rest
 * see 0 and are cut after each two. What that is worth is known: one step's reward, and that of all steps there are.
 */
export function makeTwoFates(numEnvs: number): TrainingEnv {
  const numbers = () => new Float32Array(numEnvs);
  const fates = numbers().map((_, env) => env % 2);
  const arrays: TrainingEnv['arrays'] = {
    ...{ observation: fates, critic: fates, finalObservation: fates, finalCritic: fates },
    ...{ reward: numbers().fill(1), rewardTerms: numbers(), costTerms: new Float32Array(0) },
    ...{ terminated: Uint8Array.from(fates), truncated: new Uint8Array(numEnvs) },
    ...{ achievedGoal: new Float32Array(0), desiredGoal: new Float32Array(0) },
    ...{ finalAchievedGoal: new Float32Array(0), finalDesiredGoal: new Float32Array(0) },
    context: new Float64Array(0),
    difficulty: new Float64Array(numEnvs).fill(Number.NaN),
  };
  let time = 0;
  const info = { episodes: [], rows: [], ...arrays };
  return {
    task: { name: 'two-fates', episodeLengthS: 2 },
    layout: {
      observationNames: ['fate'],
      criticNames: ['fate'],
      actionNames: ['move'],
      goalNames: [],
    },
    ...{ numEnvs, numActions: 1, numGroups: 1, controlPeriodS: 1, arrays },
    action: numbers(),
    getGroupRows: () => ({ first: 0, count: numEnvs }),
    async reset() {
      time = 0;
    },
    beginStep() {},
    async endStep() {
      time++;
      arrays.truncated.forEach((_, env) => {
        arrays.truncated[env] = fates[env] === 0 && time % 2 === 0 ? 1 : 0;
      });
      return { info };
    },
    async step() {
      return { reward: arrays.reward, ...(await this.endStep(0)) };
    },
  };
}
