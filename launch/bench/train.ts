import { availableParallelism } from 'node:os';
import type { Learner } from '../../policies/training/learner.ts';
import { getAlgorithm } from '../../policies/training/run/algorithms.ts';
import type { TrainingEnv } from '../../policies/training/training-env.ts';
import { Rng } from '../../sim/math/rng.ts';
import type { VecEnv } from '../../sim/vec-env/vec-env.ts';
import { makeTrainingEnv } from '../train/environments.ts';
import { readRecipe } from '../train/recipe.ts';
import type { BenchResult } from './loop.ts';

export interface BenchTrainOptions {
  readonly tasks: readonly string[];
  /** [1] rounds that count, of learning and of simulating alone by turns; medians are told */
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

const SEED = 1;
/** Code is not compiled yet in the first rounds. */
const WARM_UP_ROUNDS = 3;

/**
 * Learning as `zerogap train` does it by default, against the bare simulation of the very same steps by turns in the same
 * run: the same episodes under the same actions, which nobody has to find. By the wall, with all cores.
 */
export async function benchTrain(options: BenchTrainOptions): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = [];
  for (const task of options.tasks) {
    options.onProgress(task);
    results.push(...(await benchTask(task, options.rounds)));
  }
  return results;
}

async function benchTask(task: string, rounds: number): Promise<BenchResult[]> {
  const { settings } = readRecipe(task, { set: [] });
  const { numEnvs, algorithm } = settings;
  const env = await makeTrainingEnv({ task, numEnvs }, availableParallelism());
  const now = () => performance.now() / 1000;
  const record = recordSteps(env, now);
  const planned = getAlgorithm(algorithm).plan(settings.learner);
  const times: RoundTimes[] = [];
  let learner: Learner | undefined;
  try {
    learner = await planned.make({ env: record.env, rng: new Rng(SEED, 'bench'), now });
    for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
      await learner.restart(round);
      const timed = await timeRound(learner, record, now);
      if (round >= WARM_UP_ROUNDS) times.push(timed);
    }
  } finally {
    learner?.free();
    await env.close();
  }
  return describe(task, times);
}

/** Environments that remember which episodes they were in and what was done, to be simulated again. */
interface StepRecord {
  readonly env: TrainingEnv;
  /** [s] of waiting for simulation, since the last `clear` */
  readonly waitS: number;
  clear(): void;
  /** Simulates the steps of the last round once more. @returns [s] */
  replay(): Promise<number>;
}

/** Makes them around others. @param now [s] a clock */
export function recordSteps(env: VecEnv, now: () => number): StepRecord {
  let seed: number | undefined;
  let steps: { readonly group: number; readonly action: Float32Array }[] = [];
  let waitS = 0;
  const { task, layout, mirror, numEnvs, numActions, numGroups } = env;
  const { controlPeriodS, arrays, action } = env;
  const wrapped: TrainingEnv = {
    ...{ task, layout, mirror, numEnvs, numActions, numGroups, controlPeriodS, arrays, action },
    getGroupRows: (group) => env.getGroupRows(group),
    reset: (options) => {
      seed = options.seed ?? seed;
      return env.reset(options);
    },
    cutEpisodes: (mask, visits) => env.cutEpisodes(mask, visits),
    beginStep(group) {
      steps.push({ group, action: env.action.slice() });
      env.beginStep(group);
    },
    async step() {
      for (let group = 0; group < numGroups; group++) {
        steps.push({ group, action: env.action.slice() });
      }
      const startS = now();
      const result = await env.step();
      waitS += now() - startS;
      return result;
    },
    async endStep(group) {
      const startS = now();
      const result = await env.endStep(group);
      waitS += now() - startS;
      return result;
    },
  };
  return {
    env: wrapped,
    get waitS() {
      return waitS;
    },
    clear() {
      steps = [];
      waitS = 0;
    },
    async replay() {
      await env.reset({ seed });
      const startS = now();
      const open = new Set<number>();
      for (const { group, action } of steps) {
        if (open.has(group)) await env.endStep(group);
        const { first, count } = env.getGroupRows(group);
        const range = [first * env.numActions, (first + count) * env.numActions] as const;
        env.action.set(action.subarray(...range), range[0]);
        env.beginStep(group);
        open.add(group);
      }
      for (const group of open) await env.endStep(group);
      return now() - startS;
    },
  };
}

interface RoundTimes {
  /** [1] steps of single environments, and of the optimiser; 0 where the learner does not count them */
  readonly steps: number;
  readonly updates: number;
  /** [s] of the whole round, of acting and of learning as the learner tells it */
  readonly roundS: number;
  readonly actS: number;
  readonly learnS: number;
  /** [s] of acting, when there was nothing to do but to wait for the simulation */
  readonly waitS: number;
  /** [s] of simulating the same steps alone */
  readonly simulateS: number;
}

async function timeRound(
  learner: Learner,
  record: StepRecord,
  now: () => number,
): Promise<RoundTimes> {
  const before = { steps: learner.numSteps, updates: await countUpdates(learner) };
  record.clear();
  const startS = now();
  const { metrics } = await learner.runRound();
  const roundS = now() - startS;
  return {
    steps: learner.numSteps - before.steps,
    updates: (await countUpdates(learner)) - before.updates,
    roundS,
    actS: metrics['time/act'] ?? 0,
    learnS: metrics['time/learn'] ?? 0,
    waitS: record.waitS,
    simulateS: await record.replay(),
  };
}

async function countUpdates(learner: Learner): Promise<number> {
  const { numUpdates = 0 } = (await learner.copyState()).scalars;
  return Number(numUpdates);
}

function describe(task: string, times: readonly RoundTimes[]): BenchResult[] {
  const median = (read: (one: RoundTimes) => number) => computeMedian(times.map(read));
  const bare = median(({ steps, simulateS }) => steps / simulateS);
  const whole = median(({ steps, roundS }) => steps / roundS);
  const updates = median(({ updates, learnS }) => (learnS > 0 ? updates / learnS : 0));
  const share = (name: string, read: (one: RoundTimes) => number): BenchResult => ({
    name: `train/${task}/share/${name}`,
    value: median((one) => read(one) / one.roundS),
    unit: 'of the time',
  });
  return [
    {
      name: `train/${task}/samples`,
      value: whole,
      unit: 'steps/s',
      baseline: bare,
      ratio: whole / bare,
    },
    { name: `train/${task}/gradients`, value: updates, unit: 'steps of the optimiser/s' },
    share('wait', ({ waitS }) => waitS),
    share('act', ({ actS, waitS }) => actS - waitS),
    share('learn', ({ learnS }) => learnS),
    share('other', ({ roundS, actS, learnS }) => roundS - actS - learnS),
  ];
}

function computeMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}
