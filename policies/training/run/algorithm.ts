import type { z } from 'zod';
import type { UserError } from '../../../sim/errors.ts';
import type { Learner, LearnerParts } from '../learner.ts';
import type { Teacher } from '../teacher.ts';
import type { LearnerSurroundings } from '../training-env.ts';

/** What decides how much memory a learner takes. */
export interface LearnerSizes {
  readonly numEnvs: number;
  /** [1] numbers of one observation, of the critic's view and of one action */
  readonly observationWidth: number;
  readonly criticWidth: number;
  readonly numActions: number;
}

/** What a learner takes, about. [bytes] */
export interface LearnerBytes {
  /** What it learns from. */
  readonly buffers: number;
  /** Networks while they learn, with all that they work out of a minibatch. */
  readonly networks: number;
}

/** What an algorithm cannot do without: a policy to imitate, or room in the randomisation for one that pushes. */
export type Need = 'teacher' | 'adversary';

/** Who is imitated, by an algorithm that needs somebody. */
export interface TeacherPart {
  readonly teacher?: Teacher | undefined;
}

/** Settings as somebody gave them: defaults are not among them. JSON. */
export type GivenSettings = Readonly<Record<string, unknown>>;

/** What the settings of an algorithm can follow from besides its own block. */
export interface GivenRecipe {
  /** Of all algorithms, by their names. */
  readonly blocks: Readonly<Record<string, GivenSettings | undefined>>;
  /** [1] steps of single environments that the run is to do; undefined where nobody says */
  readonly steps: number | undefined;
}

/** What an algorithm says of itself, for runs to find it by its name. */
export interface AlgorithmSpec<Settings extends object> {
  readonly name: string;
  /** Of the algorithm, in a few words: what a policy says of how it was made. */
  readonly method: string;
  readonly needs?: Need;
  /** A strict object: all keys with their defaults, ranges and meaning. */
  readonly Settings: z.ZodType<Settings>;
  /** What its policies see: what a robot measures, or what the critic sees. Absent: the former. */
  observes?(settings: Settings): 'policy' | 'critic';
  /** What its block leaves open and the rest of a recipe decides. Absent: nothing. */
  derive?(recipe: GivenRecipe): GivenSettings;
  /** What is wrong with the settings for a run of so many steps of single environments; undefined: only time ends it. */
  checkBudget?(settings: Settings, steps: number | undefined): readonly UserError[];
  estimateBytes(settings: Settings, sizes: LearnerSizes): LearnerBytes;
  /** [1] control steps of every environment between two rounds */
  countRoundSteps(settings: Settings): number;
  /** @throws UserErrors for settings that do not fit the environments, before anything is made */
  check(settings: Settings, env: LearnerSurroundings): void;
  make(parts: LearnerParts<Settings> & TeacherPart): Promise<Learner>;
}

/** An algorithm whose type of settings is its own business. */
export interface Algorithm {
  readonly name: string;
  readonly method: string;
  readonly needs: Need | undefined;
  readonly Settings: z.ZodType<object>;
  /** Its block of a recipe that fits the schema, and below it what follows from the rest; defaults are still to come. */
  complete(recipe: GivenRecipe): GivenSettings;
  /** @param settings of {@link Settings} @param steps see AlgorithmSpec */
  checkBudget(settings: unknown, steps: number | undefined): readonly UserError[];
  /** @throws ZodError for settings that did not come from {@link Settings} */
  plan(settings: unknown): PlannedLearner;
}

/** An algorithm with the settings of a run. */
export interface PlannedLearner {
  estimateBytes(sizes: LearnerSizes): LearnerBytes;
  /** [1] control steps of every environment between two rounds */
  readonly roundSteps: number;
  /** What its policies see: what a robot measures, or what the critic sees. */
  readonly observes: 'policy' | 'critic';
  /** @throws UserErrors for settings that do not fit the environments */
  check(env: LearnerSurroundings): void;
  make(parts: Omit<LearnerParts<never>, 'settings'> & TeacherPart): Promise<Learner>;
}

export function defineAlgorithm<Settings extends object>(spec: AlgorithmSpec<Settings>): Algorithm {
  return {
    name: spec.name,
    method: spec.method,
    needs: spec.needs,
    Settings: spec.Settings,
    complete: (recipe) => overlay(spec.derive?.(recipe) ?? {}, recipe.blocks[spec.name] ?? {}),
    checkBudget: (settings, steps) =>
      spec.checkBudget?.(spec.Settings.parse(settings), steps) ?? [],
    plan(value) {
      const settings = spec.Settings.parse(value);
      return {
        estimateBytes: (sizes) => spec.estimateBytes(settings, sizes),
        roundSteps: spec.countRoundSteps(settings),
        observes: spec.observes?.(settings) ?? 'policy',
        check: (env) => spec.check(settings, env),
        make: (parts) => spec.make({ ...parts, settings }),
      };
    },
  };
}

/** One object over another, block by block; lists and values of the upper one count whole. */
export function overlay(under: GivenSettings, over: GivenSettings): GivenSettings {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isBlock(below) && isBlock(value) ? overlay(below, value) : value;
  }
  return merged;
}

function isBlock(value: unknown): value is GivenSettings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
