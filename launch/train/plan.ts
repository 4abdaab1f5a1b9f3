import { availableParallelism } from 'node:os';
import type { PlannedLearner } from '../../policies/training/run/algorithm.ts';
import { getAlgorithm } from '../../policies/training/run/algorithms.ts';
import {
  describeDifference,
  type FoundRunConfig,
  hashIdentity,
  listRunDifferences,
  RUN_SCHEMA,
  type RunBudget,
  type RunConfig,
  type RunIdentity,
} from '../../policies/training/run/run-config.ts';
import { RunFolder } from '../../policies/training/run/run-folder.ts';
import { checkMemory, estimateMemory } from '../../policies/training/run/run-memory.ts';
import {
  addCurriculum,
  completeSettings,
  type RecipeSettings,
} from '../../policies/training/run/run-settings.ts';
import { checkTeacherSight } from '../../policies/training/teacher.ts';
import { type EnvPlan, planEnv } from '../../sim/env-plan.ts';
import { computeMaxSteps } from '../../sim/env-score.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { openRobot } from '../../sim/robot/open.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { checkEngine, readRandomizeOption, readTerrainOption } from '../conditions.ts';
import { Problems } from '../problems.ts';
import { readCreationTime, readOrigin } from '../provenance.ts';
import { type Aids, identifyAids, readAids } from './aids.ts';
import type { TrainOptions } from './options.ts';
import { type ChosenRecipe, changeSettings, findAlgorithm, readRecipe } from './recipe.ts';

/** What a run is to do, read and checked; nothing has been written. */
export interface TrainPlan {
  readonly folder: RunFolder;
  readonly isResumed: boolean;
  readonly config: RunConfig;
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly env: EnvPlan;
  readonly planned: PlannedLearner;
  readonly aids: Aids;
  readonly numWorkers: number;
  /** What is different from when the run was begun, and goes on nevertheless. */
  readonly warnings: readonly string[];
}

/**
 * Finds out what the options name and whether it fits together.
 * @throws UserErrors with everything that is wrong
 */
export async function planTrain(options: TrainOptions): Promise<TrainPlan> {
  const problems = new Problems();
  const folder = await problems.attempt(() => chooseFolder(options));
  const there =
    options.resume === undefined
      ? undefined
      : await problems.attempt(() => folder && readBegun(folder));
  // Nothing else can be judged without the run, or by another task or algorithm.
  if (options.resume !== undefined) problems.throwIfAny();
  throwIfAny(there === undefined ? [] : checkSameRun(folder!, there.identity, options));
  const begun = there && folder && { folder, identity: there.identity, budget: there.budget };
  const identity = await problems.attempt(() => chooseIdentity(options, begun, problems));
  problems.throwIfAny();
  // Whatever is missing has left a problem.
  const { task, model, aids, budget: recipeBudget, ...own } = identity!;
  throwIfAny(checkCurriculum(own.identity));
  const now = { identity: own.identity, origin: readOrigin() };
  const env = await planEnv({
    task: task.name,
    robot: model,
    engine: now.identity.engine,
    numEnvs: now.identity.settings.numEnvs,
    randomization: addCurriculum(now.identity.randomization, now.identity.settings),
    wideStarts: now.identity.settings.wideStarts,
    ...(now.identity.terrain && { terrain: now.identity.terrain }),
  });
  const planned = planLearner(now.identity.settings);
  const numWorkers = options.workers ?? availableParallelism();
  const { numEnvs } = now.identity.settings;
  planned.check({ ...env, numEnvs });
  throwIfAny([...checkCorrection(aids, planned), ...checkTeaching(aids, env)]);
  const need = estimateMemory(env.layout, planned, { numEnvs, numWorkers });
  throwIfAny(checkMemory(need, process.availableMemory()));
  const budget = chooseBudget(options, there?.budget, recipeBudget);
  const warnings = there === undefined ? [] : compareRuns(folder!, there, now, options);
  const config: RunConfig = {
    schema: RUN_SCHEMA,
    ...now,
    createdAt: there?.createdAt ?? readCreationTime(),
    budget,
    forced: [...(there?.forced ?? []), ...warnings],
    identitySha256: hashIdentity(now.identity),
  };
  const isResumed = there !== undefined;
  const parts = { task, model, env, planned, aids, numWorkers, warnings };
  return { folder: folder!, isResumed, config, ...parts };
}

/** What a run was begun with. A setting that there was not yet is as it is by default: as if it were not there. */
function readBegun(folder: RunFolder): FoundRunConfig {
  const config = folder.readConfig();
  const { identity, budget } = config;
  const settings = changeSettings({ settings: identity.settings, budget }, { set: [] });
  // Follows from the task where nobody says it.
  const { checkpoint } = identity.settings;
  return { ...config, identity: { ...identity, settings: { ...settings, checkpoint } } };
}

/** What makes another run of it, with --force too. */
function checkSameRun(
  folder: RunFolder,
  { task, settings }: RunIdentity,
  options: TrainOptions,
): UserError[] {
  const said = [
    ['task', task, options.task],
    ['algorithm', settings.algorithm, findAlgorithm(options)],
  ] as const;
  return said.flatMap(([key, before, value]) => {
    if (value === undefined || value === before) return [];
    return [
      describeOther(folder, { key, before, value }, 'Leave the option away, or begin a new run'),
    ];
  });
}

function chooseFolder({ resume, out }: TrainOptions): RunFolder {
  if (resume !== undefined) {
    if (out === undefined || new RunFolder(out).path === new RunFolder(resume).path) {
      return new RunFolder(resume);
    }
    throw new UserError({
      where: '--out',
      problem: 'a run goes on in its own folder',
      expected: 'no --out beside --resume',
      got: `'${out}'`,
      remedy: 'Leave --out away, or copy the folder and resume the copy',
    });
  }
  if (out === undefined) {
    throw new UserError({
      where: '--out',
      problem: 'a run needs a folder',
      expected: 'a new folder, such as --out runs/hover',
      got: 'nothing',
      remedy: 'Add --out, or --resume with the folder of a run',
    });
  }
  const folder = new RunFolder(out);
  folder.assertFree();
  return folder;
}

interface ChosenIdentity {
  readonly identity: RunIdentity;
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly aids: Aids;
  readonly budget: ChosenRecipe['budget'];
}

/** What the options say, over what the run has that is gone on with. */
async function chooseIdentity(
  options: TrainOptions,
  begun: ({ readonly folder: RunFolder } & Pick<RunConfig, 'identity' | 'budget'>) | undefined,
  problems: Problems,
): Promise<ChosenIdentity | undefined> {
  const there = begun?.identity;
  const name = options.task ?? there?.task;
  const task = await problems.attempt(() => findTask(name));
  const engine = await problems.attempt(() =>
    checkEngine(options.engine ?? there?.engine ?? 'rapier'),
  );
  const recipe = await problems.attempt(() =>
    there === undefined
      ? readRecipe(name ?? '', options)
      : {
          settings: changeSettings({ settings: there.settings, budget: begun!.budget }, options),
          budget: {},
        },
  );
  const model =
    task && (await problems.attempt(() => openRobot(task.robot, { meshes: 'collision' })));
  const randomization = await problems.attempt(() =>
    options.randomize === undefined
      ? (there?.randomization ?? task?.randomization)
      : readRandomizeOption(options.randomize, model),
  );
  const terrain = await problems.attempt(() =>
    options.terrain === undefined ? (there?.terrain ?? null) : readTerrainOption(options.terrain),
  );
  if (!task || !engine || !recipe || !model || !randomization || terrain === undefined) return;
  const planned = planLearner(recipe.settings);
  const { algorithm } = recipe.settings;
  const aided = { algorithm, randomization, task, model, folder: begun?.folder };
  const aids = await problems.attempt(() => readAids(options, aided));
  if (!aids) return;
  return {
    task,
    model,
    aids,
    budget: recipe.budget,
    identity: {
      ...{ task: task.name, robot: model.name, robotSha256: model.sha256, engine },
      seed: options.seed ?? there?.seed ?? 1,
      settings: completeSettings(recipe.settings, {
        perEpisode: computeMaxSteps(task),
        perRound: planned.roundSteps,
      }),
      ...{ randomization, terrain },
      ...identifyAids(aids),
    },
  };
}

function planLearner({ algorithm, learner }: RecipeSettings): PlannedLearner {
  return getAlgorithm(algorithm).plan(learner);
}

function findTask(name: string | undefined): TaskDefinition {
  if (name !== undefined) return getTask(name);
  // Lists the tasks there are.
  throw new UserError({
    where: '--task',
    problem: 'a run needs a task',
    expected: 'one of sim/tasks',
    got: 'nothing',
    remedy: 'Add --task, or --resume with the folder of a run',
  });
}

/** A correction and what it corrects see the same. */
function checkCorrection({ base }: Aids, { observes }: PlannedLearner): UserError[] {
  if (base === undefined || observes === 'policy') return [];
  return [
    new UserError({
      where: '--base',
      problem: 'its correction would see the true state, which it does not see itself',
      expected: 'ppo.actor.observes=policy',
      got: observes,
      remedy: 'Leave --base or ppo.actor.observes away',
    }),
  ];
}

function checkTeaching({ teacher }: Aids, { criticColumns }: EnvPlan): UserError[] {
  return teacher === undefined ? [] : checkTeacherSight(teacher, criticColumns, '--teacher');
}

/** A difficulty that is fixed stays where it is. */
function checkCurriculum({ settings, randomization }: RunIdentity): UserError[] {
  const { difficulty } = randomization.fixed;
  if (settings.curriculum === undefined || difficulty === undefined) return [];
  return [
    new UserError({
      where: 'curriculum',
      problem: 'the randomisation fixes the difficulty that it is to move',
      expected: 'one of the two',
      got: `fixed.difficulty ${difficulty}`,
      remedy:
        'Leave fixed.difficulty out of the randomisation, or the curriculum out of the recipe',
    }),
  ];
}

/** The command line's, or the run's own, or the recipe's. @throws UserError where nobody says when it ends */
function chooseBudget(
  { minutes, steps }: TrainOptions,
  there: RunBudget | undefined,
  recipe: ChosenRecipe['budget'],
): RunBudget {
  const isSaid = minutes !== undefined || steps !== undefined;
  if (!isSaid && there !== undefined) return there;
  const said = isSaid ? { minutes, steps } : recipe;
  if (said.minutes === undefined && said.steps === undefined) {
    throw new UserError({
      where: '--minutes',
      problem: 'nobody says when the run is to end',
      expected: '--minutes or --steps, or a recipe with a budget',
      got: 'neither',
      remedy: 'Say how long it may take, such as --minutes 5',
    });
  }
  return {
    steps: said.steps ?? null,
    wallS: said.minutes === undefined ? null : 60 * said.minutes,
  };
}

/**
 * What differs from the run that is gone on with. Other code and another machine are a warning, all else only if it is
 * forced: both learn something, but not what the run would have learnt.
 */
function compareRuns(
  folder: RunFolder,
  there: FoundRunConfig,
  now: Pick<RunConfig, 'identity' | 'origin'>,
  { force = false }: TrainOptions,
): readonly string[] {
  const differences = listRunDifferences(there, now);
  const grave = differences.filter(({ key }) => key.startsWith('identity.'));
  if (!force) {
    throwIfAny([
      ...(there.isEdited ? [describeEdit(folder)] : []),
      ...grave.map(({ key, there: before, now: value }) =>
        describeOther(
          folder,
          { key: key.slice('identity.'.length), before, value },
          'Leave the option away, begin a new run, or go on nevertheless with --force',
        ),
      ),
    ]);
  }
  const edits = there.isEdited ? ['config.json: identity changed by hand'] : [];
  return [...edits, ...differences.map(describeDifference)];
}

function describeEdit(folder: RunFolder): UserError {
  return new UserError({
    where: folder.locate('config.json'),
    problem: 'its identity is not what was written, and the run has learnt with that',
    expected: 'the file as zerogap left it; other settings come by options',
    got: 'a file that somebody has changed',
    remedy: 'Put it back, begin a new run, or go on nevertheless with --force',
  });
}

function describeOther(
  folder: RunFolder,
  { key, before, value }: { key: string; before: unknown; value: unknown },
  remedy: string,
): UserError {
  return new UserError({
    where: `${folder.path}: ${key}`,
    problem: 'the run was begun with another value',
    expected: JSON.stringify(before) ?? 'nothing',
    got: JSON.stringify(value) ?? 'nothing',
    remedy,
  });
}
