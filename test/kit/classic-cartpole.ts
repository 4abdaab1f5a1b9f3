import type { TrainingEnv } from '../../policies/training/training-env.ts';
import type { EpisodeSummary } from '../../sim/env-result.ts';
import { Rng } from '../../sim/math/rng.ts';

/*
 * CartPole-v1 as Gymnasium has it, after A. G. Barto, R. S. Sutton and C. W. Anderson (1983): four numbers seen, a push of
 * 10 N to one side or the other, explicit Euler steps of 0.02 s, a reward of 1 per step, 500 steps at most.
 */
const GRAVITY = 9.8;
const CART_MASS = 1;
const POLE_MASS = 0.1;
const TOTAL_MASS = CART_MASS + POLE_MASS;
/** [m] half of the pole */
const HALF_LENGTH = 0.5;
const FORCE = 10;
const DT = 0.02;
const MAX_ANGLE = (12 * Math.PI) / 180;
const MAX_POSITION = 2.4;
const MAX_STEPS = 500;

/** One step in place: position, velocity, angle, angular velocity. Which way is pushed is the sign of the action. */
export function stepCartpole(state: Float64Array, action: number): void {
  const [x, v, angle, spin] = state as unknown as [number, number, number, number];
  const force = action > 0 ? FORCE : -FORCE;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const push = (force + POLE_MASS * HALF_LENGTH * spin ** 2 * sin) / TOTAL_MASS;
  const angular =
    (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * cos ** 2) / TOTAL_MASS));
  const linear = push - (POLE_MASS * HALF_LENGTH * angular * cos) / TOTAL_MASS;
  state.set([x + DT * v, v + DT * linear, angle + DT * spin, spin + DT * angular]);
}

const NAMES = ['x', 'v', 'angle', 'spin'] as const;

/**
 * Environments of it, for learners.
 * @param sees what of it the policy sees; the critic sees it all
 */
export function makeClassicCartpole(
  numEnvs: number,
  sees: readonly (typeof NAMES)[number][] = NAMES,
): TrainingEnv {
  const states = Array.from({ length: numEnvs }, () => new Float64Array(4));
  const steps = new Int32Array(numEnvs);
  const table = (width: number) => new Float32Array(width * numEnvs);
  const columns = sees.map((name) => NAMES.indexOf(name));
  const arrays: TrainingEnv['arrays'] = {
    ...{ observation: table(sees.length), critic: table(4) },
    ...{ finalObservation: table(sees.length), finalCritic: table(4) },
    reward: new Float32Array(numEnvs),
    terminated: new Uint8Array(numEnvs),
    truncated: new Uint8Array(numEnvs),
    rewardTerms: new Float32Array(numEnvs),
    ...{ costTerms: new Float32Array(0), context: new Float64Array(0) },
    difficulty: new Float64Array(numEnvs).fill(Number.NaN),
    ...{ achievedGoal: new Float32Array(0), desiredGoal: new Float32Array(0) },
    ...{ finalAchievedGoal: new Float32Array(0), finalDesiredGoal: new Float32Array(0) },
  };
  let rng = new Rng(0);
  const start = (env: number): void => {
    for (let k = 0; k < 4; k++) states[env]![k] = rng.uniform(-0.05, 0.05);
    steps[env] = 0;
    show(arrays.observation, arrays.critic, env);
  };
  const show = (observation: Float32Array, critic: Float32Array, env: number): void => {
    const state = states[env]!;
    critic.set(state, 4 * env);
    columns.forEach((column, k) => {
      observation[columns.length * env + k] = state[column]!;
    });
  };
  const episodes: EpisodeSummary[] = [];
  const info = { episodes, rows: [], ...arrays };

  return {
    task: { name: 'classic-cartpole', episodeLengthS: MAX_STEPS * DT },
    layout: { observationNames: sees, criticNames: NAMES, actionNames: ['push'], goalNames: [] },
    numEnvs,
    numActions: 1,
    numGroups: 1,
    controlPeriodS: DT,
    arrays,
    action: new Float32Array(numEnvs),
    getGroupRows: () => ({ first: 0, count: numEnvs }),
    async reset({ seed, mask }) {
      if (seed !== undefined) rng = new Rng(seed);
      for (let env = 0; env < numEnvs; env++) if (mask?.[env] !== 0) start(env);
    },
    beginStep() {},
    async endStep() {
      episodes.length = 0;
      for (let env = 0; env < numEnvs; env++) {
        const state = states[env]!;
        stepCartpole(state, this.action[env]!);
        steps[env]!++;
        arrays.reward[env] = 1;
        const hasFallen = Math.abs(state[0]!) > MAX_POSITION || Math.abs(state[2]!) > MAX_ANGLE;
        arrays.terminated[env] = hasFallen ? 1 : 0;
        arrays.truncated[env] = steps[env]! >= MAX_STEPS ? 1 : 0;
        show(arrays.observation, arrays.critic, env);
        if (!hasFallen && steps[env]! < MAX_STEPS) continue;
        show(arrays.finalObservation, arrays.finalCritic, env);
        episodes.push(summarize(env, steps[env]!, hasFallen));
        start(env);
      }
      return { info };
    },
    async step() {
      return { reward: arrays.reward, ...(await this.endStep(0)) };
    },
  };
}

function summarize(env: number, steps: number, hasFallen: boolean): EpisodeSummary {
  return {
    ...{ env, seed: 0, episode: 0, steps, lengthS: steps * DT, return: steps },
    ...{ returnPerTerm: {}, costPerTerm: {}, metrics: {}, redraws: [] },
    end: hasFallen ? 'terminated' : 'truncated',
    reason: hasFallen ? 'fallen' : 'timeLimit',
    success: !hasFallen,
    context: {} as EpisodeSummary['context'],
  };
}
