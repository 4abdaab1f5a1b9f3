import { availableParallelism } from 'node:os';
import { assertUsable } from '../../sim/dataset/folder.ts';
import { DATASET_FORMATS, type DatasetFormat } from '../../sim/dataset/shard-writer.ts';
import { planEnv } from '../../sim/env-plan.ts';
import { makeEpisodeLayout } from '../../sim/episode/layout.ts';
import { planShards, type Shard } from '../../sim/episode/plan.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { RandomizationConfig } from '../../sim/randomize/config.ts';
import { readRandomization } from '../../sim/randomize/file.ts';
import { fixContext } from '../../sim/randomize/fix.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { openRobot } from '../../sim/robot/open.ts';
import type { TaskDefinition } from '../../sim/task/task.ts';
import { getTask } from '../../sim/tasks/registry.ts';
import { computeBatchRobots } from '../../sim/vec-env/plan.ts';
import { checkEngine, readTerrainOption } from '../conditions.ts';
import { Problems } from '../problems.ts';
import { chooseActor, chooseAdversary, findPolicy } from './actors.ts';
import type { EpisodesJob } from './job.ts';

/** Options of `zerogap episodes`, as the command line parses them. */
export interface EpisodesOptions {
  readonly task: string;
  readonly episodes: number;
  readonly seed: number;
  readonly robot?: string;
  readonly engine: string;
  readonly workers?: number;
  readonly policy: string;
  /** 'random', or the path of an ONNX file; none: nobody pushes on purpose */
  readonly adversary?: string;
  /** Path of a YAML file. */
  readonly randomize?: string;
  /** [-] @range 0, 1 of all episodes, for a randomisation with schedules */
  readonly difficulty?: number;
  /** Path of a YAML file. */
  readonly terrain?: string;
  /** Folder of the dataset; none: nothing is kept. */
  readonly out?: string;
  readonly format?: string;
  readonly resume?: boolean;
  /** Goes on with a dataset that other code has begun. */
  readonly force?: boolean;
  readonly json?: boolean;
}

export interface PlanOptions extends EpisodesOptions {
  /** Whether an environment's episodes follow one another, as a server's do, so that a curriculum can follow them. */
  readonly inSequence?: boolean;
}

/** What a run is to do, read and checked. */
export interface EpisodesPlan {
  readonly job: EpisodesJob;
  readonly shards: readonly Shard[];
  readonly numWorkers: number;
}

/**
 * Finds out what the options name and whether it fits together.
 * @throws UserErrors with everything that is wrong
 */
export async function planEpisodes(options: PlanOptions): Promise<EpisodesPlan> {
  const problems = new Problems();
  const engine = await problems.attempt(() => checkEngine(options.engine));
  const output = await problems.attempt(() => checkOutput(options));
  const task = await problems.attempt(() => getTask(options.task));
  const robot = options.robot ?? task?.robot;
  const model =
    robot === undefined
      ? undefined
      : await problems.attempt(() => openRobot(robot, { meshes: 'collision' }));
  const randomization = await problems.attempt(() => chooseRandomization(options, task, model));
  const terrain = await problems.attempt(() =>
    options.terrain === undefined ? undefined : readTerrainOption(options.terrain),
  );
  const policy = await problems.attempt(() => findPolicy(options.policy));
  const actor =
    policy === undefined || task === undefined || model === undefined
      ? undefined
      : await problems.attempt(() => chooseActor(policy, task, model));
  const env =
    actor === undefined || model === undefined || engine === undefined
      ? undefined
      : await problems.attempt(() =>
          planEnv({
            task: actor.task,
            robot: model,
            engine,
            numEnvs: computeBatchRobots(model),
            autoreset: 'disabled',
            ...(randomization && { randomization }),
            ...(terrain && { terrain }),
          }),
        );
  const adversary =
    actor === undefined || model === undefined || randomization === undefined
      ? undefined
      : await problems.attempt(() =>
          chooseAdversary(options.adversary, actor.task, model, randomization),
        );
  problems.throwIfAny();
  // Whatever is missing has left a problem.
  const job: EpisodesJob = {
    task: task!.name,
    model: model!,
    engine: engine!,
    seed: options.seed,
    policy: actor!.source,
    adversary,
    randomization: env!.randomization,
    terrain,
    layout: makeEpisodeLayout(env!, actor!),
    output,
  };
  return {
    job,
    shards: planShards(options.episodes),
    numWorkers: options.workers ?? availableParallelism(),
  };
}

function checkOutput({ out, format, resume }: EpisodesOptions): EpisodesJob['output'] {
  const known = DATASET_FORMATS.find((candidate) => candidate === (format ?? DATASET_FORMATS[0]));
  const problems: UserError[] = [];
  if (known === undefined) {
    problems.push(
      new UserError({
        where: '--format',
        problem: 'no such format',
        expected: `one of ${DATASET_FORMATS.join(', ')}`,
        got: `'${format}'`,
        remedy: 'Correct the name',
      }),
    );
  }
  const given = resume === true ? '--resume' : '--format';
  if (out === undefined && (resume === true || format !== undefined)) {
    problems.push(
      new UserError({
        where: given,
        problem: 'there is no dataset to which it could apply',
        expected: '--out with the folder of the dataset',
        got: 'no --out, with which nothing is written',
        remedy: `Add --out, or leave ${given} away`,
      }),
    );
  }
  if (out !== undefined) problems.push(...checkFolder(out, resume === true));
  throwIfAny(problems);
  return out === undefined ? undefined : { folder: out, format: known as DatasetFormat };
}

function checkFolder(folder: string, resume: boolean): readonly UserError[] {
  try {
    assertUsable(folder, { resume });
    return [];
  } catch (error) {
    if (error instanceof UserError) return [error];
    throw error;
  }
}

/** @throws UserErrors for a file that cannot be, or a difficulty that means nothing */
function chooseRandomization(
  { randomize, difficulty, inSequence }: PlanOptions,
  task: TaskDefinition | undefined,
  model: RobotModel | undefined,
): RandomizationConfig | undefined {
  const config =
    randomize === undefined ? task?.randomization : readRandomization(randomize, model);
  if (config === undefined) return undefined;
  if (difficulty !== undefined) return fixDifficulty(config, difficulty, '--difficulty');
  if (inSequence !== true) assertNoCurriculum(config);
  return config;
}

/** The difficulty of all episodes. @throws UserError for one that means nothing */
export function fixDifficulty(
  config: RandomizationConfig,
  difficulty: number,
  where: string,
): RandomizationConfig {
  throwIfAny(checkDifficulty(config, difficulty, where));
  return fixContext(config, { difficulty });
}

const DIFFICULTY_REMEDY = 'sim/RANDOMIZATION.md says what a schedule and a curriculum are';

/** Episodes of a dataset do not know how those before them ended, so nobody raises their difficulty. */
function assertNoCurriculum(config: RandomizationConfig): void {
  if (config.curriculum === undefined || config.fixed.difficulty !== undefined) return;
  throw new UserError({
    where: '--difficulty',
    problem: 'a curriculum follows episodes one after another, which these are not',
    expected: 'the difficulty of all episodes, from 0 to 1',
    got: 'none, and a randomisation with a curriculum',
    remedy: DIFFICULTY_REMEDY,
  });
}

function checkDifficulty(
  config: RandomizationConfig,
  difficulty: number,
  where: string,
): readonly UserError[] {
  const remedy = DIFFICULTY_REMEDY;
  if (!hasKey(config, 'schedule')) {
    return [
      new UserError({
        where,
        problem: 'nothing in the randomisation depends on the difficulty',
        expected: 'a property with a schedule',
        got: `${difficulty}`,
        remedy,
      }),
    ];
  }
  if (difficulty >= 0 && difficulty <= 1) return [];
  return [
    new UserError({
      where,
      problem: 'a difficulty is a share',
      expected: 'a number from 0 to 1',
      got: `${difficulty}`,
      remedy,
    }),
  ];
}

function hasKey(value: unknown, key: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === key || hasKey(inner, key));
}
