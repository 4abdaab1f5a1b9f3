import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { z } from 'zod';
import type { GivenSettings } from '../../policies/training/run/algorithm.ts';
import { ALGORITHMS, getAlgorithm } from '../../policies/training/run/algorithms.ts';
import type { RunBudget } from '../../policies/training/run/run-config.ts';
import {
  chooseSettings,
  makeRecipeSchema,
  type RecipeSettings,
} from '../../policies/training/run/run-settings.ts';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import { parseValue } from '../../sim/schema.ts';
import { readConfigFile } from '../config-file.ts';
import { setValue, type Tree } from '../set-value.ts';
import type { TrainOptions } from './options.ts';

const RECIPES = fileURLToPath(new URL('../recipes/', import.meta.url));
const MANUAL = 'policies/training/run/run-settings.ts and the -config.ts of the algorithm';

const Recipe = makeRecipeSchema(ALGORITHMS);

export interface ChosenRecipe {
  readonly settings: RecipeSettings;
  readonly budget: z.infer<typeof Recipe>['budget'];
}

/**
 * The recipe that ships for a task: for the algorithm that is asked for, if it has one of its own; undefined where there is
 * none, and defaults are all there is.
 */
export function findRecipe(task: string, algorithm?: string): string | undefined {
  return [`${task}.${algorithm}.yaml`, `${task}.yaml`]
    .map((name) => `${RECIPES}${name}`)
    .find((file) => existsSync(file));
}

/**
 * Settings of a new run: the recipe of the task, or the `--config` file, and over it what the command line says.
 * @throws UserErrors with every key that is unknown or does not fit
 */
export function readRecipe(task: string, options: TrainOptions): ChosenRecipe {
  const file = options.config ?? findRecipe(task, findAlgorithm(options));
  if (file === undefined) return chooseRecipe({}, options);
  // By itself first: what is wrong in it has a line.
  readConfigFile(file, Recipe, MANUAL);
  return chooseRecipe((parse(readFileSync(file, 'utf8')) ?? {}) as Tree, options);
}

/** What the command line says that learns; what is --set counts last. */
export function findAlgorithm({ algorithm, set }: TrainOptions): string | undefined {
  const key = 'algorithm=';
  return set.findLast((one) => one.startsWith(key))?.slice(key.length) ?? algorithm;
}

/** Settings that a run has, and over them what the command line says. @throws UserErrors as readRecipe */
export function changeSettings(
  { settings, budget }: { readonly settings: RecipeSettings; readonly budget: RunBudget },
  options: TrainOptions,
): RecipeSettings {
  if (options.config !== undefined) return readRecipe('', options).settings;
  const { learner, ...common } = settings;
  const tree = { ...common, [settings.algorithm]: learner };
  const isSaid = budget.steps !== null;
  return chooseRecipe(isSaid ? { ...tree, budget: { steps: budget.steps } } : tree, options)
    .settings;
}

function chooseRecipe(base: Tree, options: TrainOptions): ChosenRecipe {
  const { set, algorithm, numEnvs, minutes } = options;
  if (algorithm !== undefined) getAlgorithm(algorithm);
  const tree = structuredClone(base);
  if (algorithm !== undefined) tree.algorithm = algorithm;
  if (numEnvs !== undefined) tree.numEnvs = numEnvs;
  for (const one of set) setValue(tree, one);
  const said = parseRecipe(tree);
  throwIfAny(checkSet(set, said.algorithm));
  const chosen = getAlgorithm(said.algorithm);
  const steps = options.steps ?? said.budget.steps;
  const blocks = tree as Readonly<Record<string, GivenSettings>>;
  tree[chosen.name] = chosen.complete({ blocks, steps });
  const recipe = parseRecipe(tree);
  const settings = chooseSettings(recipe);
  // --minutes alone takes the place of the recipe's steps.
  const limit = minutes === undefined ? steps : options.steps;
  throwIfAny(chosen.checkBudget(settings.learner, limit));
  return { settings, budget: recipe.budget };
}

function parseRecipe(tree: Tree): z.infer<typeof Recipe> {
  const remedy = `Every key is described in ${MANUAL}`;
  return parseValue(Recipe, tree, { where: '--set', remedy });
}

/** What is set for another algorithm would do nothing. */
function checkSet(set: readonly string[], algorithm: string): UserError[] {
  const others = ALGORITHMS.map(({ name }) => name).filter((name) => name !== algorithm);
  return set.flatMap((one) => {
    const other = others.find((name) => one.startsWith(`${name}.`));
    if (other === undefined) return [];
    return [
      new UserError({
        where: `--set ${one}`,
        problem: `'${other}' does not learn here`,
        expected: `settings of '${algorithm}'`,
        got: `one of '${other}'`,
        remedy: `Set a key of ${algorithm}, or choose --algorithm ${other}`,
      }),
    ];
  });
}
