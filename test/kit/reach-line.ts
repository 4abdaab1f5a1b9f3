import type { TrainingEnv } from '../../policies/training/training-env.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import { Rng } from '../../sim/math/rng.ts';
import type { RetellableGoal } from '../../sim/task/task.ts';

/** [1] control steps of an episode: enough to cross the line and stop. */
const LENGTH = 20;
/** [m/step] */
const STRIDE = 0.2;
/** [m] */
const REACH = 0.1;

/**
 * A point on a line from −1 to 1 that is to get to another: it sees where it is and where the goal is, and earns 1 while it
 * is within 0.1 of it, nothing elsewhere. Learners that are never lucky never learn it.
 */
export function makeReachLine(numEnvs: number): TrainingEnv {
  const goal: RetellableGoal = {
    names: ['x'],
    units: ['m'],
    writeAchieved() {},
    writeDesired() {},
    isReached: (a, i, d, j) => Math.abs(a[i]! - d[j]!) < REACH,
    computeReward: (a, i, d, j) => (Math.abs(a[i]! - d[j]!) < REACH ? 1 : 0),
    retell(seen, row, desired) {
      seen[2 * row + 1] = desired[row]!;
    },
  };
  const observation = new Float32Array(2 * numEnvs);
  const finalObservation = new Float32Array(2 * numEnvs);
  const numbers = () => new Float32Array(numEnvs);
  const arrays: TrainingEnv['arrays'] = {
    ...{ observation, critic: observation, finalObservation, finalCritic: finalObservation },
    ...{ reward: numbers(), rewardTerms: numbers(), costTerms: new Float32Array(0) },
    ...{ terminated: new Uint8Array(numEnvs), truncated: new Uint8Array(numEnvs) },
    ...{ achievedGoal: numbers(), desiredGoal: numbers() },
    ...{ finalAchievedGoal: numbers(), finalDesiredGoal: numbers() },
    context: new Float64Array(0),
    difficulty: new Float64Array(numEnvs).fill(Number.NaN),
  };
  let rng = new Rng(0);
  let time = 0;
  const start = (): void => {
    time = 0;
    for (let env = 0; env < numEnvs; env++) {
      arrays.achievedGoal[env] = rng.uniform(-1, 1);
      arrays.desiredGoal[env] = rng.uniform(-1, 1);
    }
    show();
  };
  const show = (): void => {
    for (let env = 0; env < numEnvs; env++) {
      observation[2 * env] = arrays.achievedGoal[env]!;
      observation[2 * env + 1] = arrays.desiredGoal[env]!;
    }
  };
  const episodes: EpisodeSummary[] = [];
  const info = { episodes, rows: [], ...arrays };
  return {
    task: { name: 'reach-line', episodeLengthS: LENGTH, goal },
    layout: {
      ...{ observationNames: ['x', 'goal'], criticNames: ['x', 'goal'] },
      ...{ actionNames: ['move'], goalNames: ['x'] },
    },
    ...{ numEnvs, numActions: 1, numGroups: 1, controlPeriodS: 1, arrays },
    action: numbers(),
    getGroupRows: () => ({ first: 0, count: numEnvs }),
    async reset({ seed }) {
      if (seed !== undefined) rng = new Rng(seed);
      start();
    },
    beginStep() {},
    async endStep() {
      time++;
      arrays.truncated.fill(time === LENGTH ? 1 : 0);
      for (let env = 0; env < numEnvs; env++) {
        const moved = arrays.achievedGoal[env]! + STRIDE * this.action[env]!;
        arrays.achievedGoal[env] = Math.max(-1, Math.min(1, moved));
        arrays.reward[env] = goal.computeReward(arrays.achievedGoal, env, arrays.desiredGoal, env);
      }
      show();
      if (time < LENGTH) return { info };
      finalObservation.set(observation);
      arrays.finalAchievedGoal.set(arrays.achievedGoal);
      arrays.finalDesiredGoal.set(arrays.desiredGoal);
      start();
      return { info };
    },
    async step() {
      return { reward: arrays.reward, ...(await this.endStep(0)) };
    },
  };
}
