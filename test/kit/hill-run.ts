import { existsSync } from 'node:fs';
import { type Evaluation, evaluate } from '../../policies/evaluation/evaluate.ts';
import type { PolicyOrigin } from '../../policies/training/run/policy-file.ts';
import { RunFolder } from '../../policies/training/run/run-folder.ts';
import { type RunEvent, RunStopped } from '../../policies/training/run/run-parts.ts';
import type { RunSettings } from '../../policies/training/run/run-settings.ts';
import {
  addCurriculum,
  chooseSettings,
  completeSettings,
  makeRecipeSchema,
} from '../../policies/training/run/run-settings.ts';
import { TrainingRun } from '../../policies/training/run/training-run.ts';
import { computeWilsonInterval } from '../../sim/math/interval.ts';
import { openRobot } from '../../sim/robot/open.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { makeVecEnv } from '../../sim/vec-env/vec-env.ts';
import { hillClimber } from './hill-climber.ts';

/** [1] steps of a round of a hill run: 8 cartpoles, 25 steps each */
export const ROUND_STEPS = 200;

export interface HillRun {
  readonly folder: string;
  readonly rounds: number;
  /** Of the recipe, besides small ones; `hill` is the learner's. */
  readonly recipe?: Readonly<Record<string, unknown>>;
  readonly onEvent?: (event: RunEvent) => void;
  readonly shouldStop?: () => boolean;
  /** What evaluations come to, instead of what they do: success rates, one after the other; then the last. */
  readonly successRates?: readonly number[];
}

export function makeHillSettings(recipe: HillRun['recipe'] = {}): RunSettings {
  const small = {
    numEnvs: 8,
    checkpoint: { everyRounds: 4, keep: 2 },
    evaluation: { everyRounds: 4, episodes: 4, finalEpisodes: 6 },
  };
  const chosen = chooseSettings(makeRecipeSchema([hillClimber]).parse({ ...small, ...recipe }));
  return completeSettings(chosen, { perEpisode: 50, perRound: 25 });
}

/** A run of a learner that takes milliseconds, on cartpoles whose episodes last a second. */
export async function makeHillRun({
  folder,
  rounds,
  recipe,
  onEvent,
  shouldStop = () => false,
  successRates,
}: HillRun): Promise<TrainingRun> {
  const task: TaskDefinition = { ...getTask('cartpole-balance'), episodeLengthS: 1 };
  const model = await openRobot(task.robot);
  const settings = makeHillSettings(recipe);
  const rates = [...(successRates ?? [])];
  const origin: PolicyOrigin = {
    ...{ task, model, randomization: task.randomization, seed: 1 },
    ...{ method: hillClimber.method, commit: 'none', createdAt: '2026-01-01T00:00:00Z' },
    learning: { engine: 'rapier', terrain: {} },
  };
  const runFolder = new RunFolder(folder);
  if (!existsSync(folder)) runFolder.begin();
  return new TrainingRun({
    folder: runFolder,
    settings,
    seed: 1,
    planned: hillClimber.plan(settings.learner),
    origin,
    budget: { steps: rounds * ROUND_STEPS, wallS: null },
    makeEnv: () => {
      const randomization = addCurriculum(task.randomization, settings);
      return makeVecEnv({ task, randomization, numEnvs: settings.numEnvs, numWorkers: 0 });
    },
    evaluate: async (policy, seeds): Promise<Evaluation> => {
      const evaluation = await evaluate({ task, policy, ...seeds });
      if (shouldStop()) throw new RunStopped();
      const successRate = rates.length > 1 ? rates.shift() : rates[0];
      if (successRate === undefined) return evaluation;
      // As of a hundred episodes.
      const interval = computeWilsonInterval(100 * successRate, 100);
      return { ...evaluation, interval, score: { ...evaluation.score, successRate } };
    },
    readClockS: () => performance.now() / 1000,
    readWallTimeS: () => Date.now() / 1000,
    shouldStop,
    ...(onEvent && { onEvent }),
  });
}
