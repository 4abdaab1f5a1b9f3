import { z } from 'zod';
import { CurriculumConfig, type RandomizationConfig } from '../../../sim/randomize/config.ts';
import type { Algorithm } from './algorithm.ts';

/** Everything about a run that is the user's to say, but for the settings of its algorithm. */
const COMMON = {
  numEnvs: z.int().min(1).max(4096).default(256).meta({
    unit: '-',
    description: 'Robots that are simulated at once, one episode each',
  }),
  curriculum: CurriculumConfig.optional().meta({
    description:
      'While learning alone: moves the difficulty of each robot with its successes, from where it starts; policies are evaluated without',
  }),
  wideStarts: z.number().min(0).max(1).default(0).meta({
    unit: '-',
    description:
      'While learning alone: share of the episodes that start further off than those that are judged, so that these are not the hardest that were practised',
  }),
  residualScale: z.number().positive().max(100).default(0.3).meta({
    unit: 'raw action',
    description: 'What a correction of 1 adds to the action of a --base policy',
  }),
  checkpoint: z
    .strictObject({
      everyRounds: z.int().min(1).max(1_000_000).optional().meta({
        unit: '-',
        description:
          'Rounds from one checkpoint to the next. After each all episodes start anew, so that a resumed run does what an uninterrupted one does: let several episodes fit in between. Absent: five whole ones do',
      }),
      keep: z.int().min(1).max(1000).default(3).meta({
        unit: '-',
        description:
          'How many of the latest are kept, besides the one that the best policy came after',
      }),
    })
    .prefault({}),
  evaluation: z
    .strictObject({
      everyRounds: z.int().min(1).max(1_000_000).default(25).meta({
        unit: '-',
        description: 'Rounds from one evaluation to the next',
      }),
      episodes: z.int().min(1).max(10_000).default(50).meta({
        unit: '-',
        description: 'Episodes by which the best policy is chosen: always the same seeds',
      }),
      finalEpisodes: z.int().min(1).max(100_000).default(200).meta({
        unit: '-',
        description: 'Episodes by which the chosen one is judged: seeds that chose nothing',
      }),
    })
    .prefault({}),
  stopAtSuccess: z.number().min(0).max(1).nullable().optional().meta({
    unit: '-',
    description:
      'Success rate of an evaluation at which the run ends before its time; null: at none, whatever the recipe says',
  }),
  rollback: z
    .strictObject({
      collapseEvaluations: z.int().min(0).max(1000).default(3).meta({
        unit: '-',
        description: 'Evaluations in a row, far below the best, that make a collapse; 0: none do',
      }),
      collapseShare: z.number().min(0).max(1).default(0.5).meta({
        unit: '-',
        description:
          'Far below: the upper end of the 95 % interval of the success rate is under this share of the lower end of the best one',
      }),
      maxTimes: z.int().min(0).max(1000).default(5).meta({
        unit: '-',
        description: 'Roll-backs after which the run gives up',
      }),
      learningRateFactor: z.number().positive().max(1).default(0.5).meta({
        unit: '-',
        description: 'What every roll-back multiplies the learning rate by',
      }),
    })
    .prefault({}),
} as const;

const Common = z.strictObject(COMMON);
/** What a recipe says of a run, for the algorithm that it chooses. */
export type RecipeSettings = z.infer<typeof Common> & {
  readonly algorithm: string;
  /** Of the algorithm; JSON. */
  readonly learner: Readonly<Record<string, unknown>>;
};
/** Of a run whose task is known, too. */
export type RunSettings = Omit<RecipeSettings, 'checkpoint'> & {
  readonly checkpoint: { readonly everyRounds: number; readonly keep: number };
};

/** [1] whole episodes that fit between two checkpoints where nobody says how many rounds do */
const EPISODES_PER_CHECKPOINT = 5;

/** Adds what follows from the task. @param steps [1] of a whole episode, and of every robot in a round */
export function completeSettings(
  settings: RecipeSettings,
  steps: { readonly perEpisode: number; readonly perRound: number },
): RunSettings {
  const { keep, everyRounds } = settings.checkpoint;
  const derived = Math.ceil((EPISODES_PER_CHECKPOINT * steps.perEpisode) / steps.perRound);
  return { ...settings, checkpoint: { keep, everyRounds: everyRounds ?? derived } };
}

/**
 * The schema of a recipe or a `--config` file: what is common, and a block of settings for each algorithm under its
 * name, of which the chosen one's counts.
 */
export function makeRecipeSchema(algorithms: readonly Algorithm[]) {
  const names = algorithms.map(({ name }) => name);
  const blocks = algorithms.map(({ name, Settings }) => [name, Settings.prefault({})] as const);
  return z.strictObject({
    algorithm: z
      .enum(names)
      .default(names[0] ?? '')
      .meta({ description: 'What learns' }),
    budget: Budget.prefault({}),
    ...COMMON,
    ...Object.fromEntries(blocks),
  });
}

/** When a run ends that is not told on the command line. */
const Budget = z
  .strictObject({
    steps: z.int().min(1).optional().meta({
      unit: '-',
      description: 'Control steps of single robots',
    }),
    minutes: z.number().positive().optional().meta({
      unit: 'min',
      description: 'Of wall time; how much is learnt in it is up to the machine',
    }),
  })
  .meta({ description: 'What comes first ends the run' });

/** What robots meet while they learn; evaluations leave the curriculum of a recipe out. */
export function addCurriculum(
  randomization: RandomizationConfig,
  { curriculum }: Pick<RunSettings, 'curriculum'>,
): RandomizationConfig {
  return curriculum === undefined ? randomization : { ...randomization, curriculum };
}

/** Keeps the settings of the chosen algorithm alone. @param recipe as the schema has made it */
export function chooseSettings(
  recipe: z.infer<ReturnType<typeof makeRecipeSchema>>,
): RecipeSettings {
  const values: Readonly<Record<string, unknown>> = recipe;
  const common = Object.keys(COMMON).flatMap((key) =>
    values[key] === undefined ? [] : [[key, values[key]]],
  );
  const { algorithm } = recipe;
  return {
    ...Common.parse(Object.fromEntries(common)),
    algorithm,
    learner: values[algorithm] as RecipeSettings['learner'],
  };
}
