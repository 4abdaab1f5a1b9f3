import { Critic } from './env-critic.ts';
import type { RandomizationConfig } from './randomize/config.ts';
import { listContextNames } from './randomize/draw.ts';
import type { RandomizedParts } from './randomize/entries.ts';
import type { RobotModel } from './robot/model.ts';
import type { CriticColumn } from './task/critic-column.ts';
import { makeObservationPipeline } from './task/observation.ts';
import type { TaskDefinition } from './task/task.ts';

/** What every number in the arrays of an environment is called, column by column. */
export interface EnvLayout {
  readonly observationNames: readonly string[];
  readonly criticNames: readonly string[];
  /** Those of `criticNames` that stay as they are for a whole episode: records keep them once. */
  readonly constantCriticNames: readonly string[];
  /** The joints that the numbers of an action are for. */
  readonly actionNames: readonly string[];
  readonly rewardNames: readonly string[];
  readonly costNames: readonly string[];
  /** Empty for a task without goals. */
  readonly goalNames: readonly string[];
  readonly contextNames: readonly string[];
}

/**
 * Finds the columns of a task without a world, and what those of its critic are.
 * @throws UserError for observation terms that do not fit the robot
 */
export function makeEnvLayout(
  task: TaskDefinition,
  model: RobotModel,
  draws: { readonly randomization: RandomizationConfig; readonly parts: RandomizedParts },
): { readonly layout: EnvLayout; readonly criticColumns: readonly CriticColumn[] } {
  const where = `task '${task.name}', observations`;
  const { names } = makeObservationPipeline({
    terms: task.observations,
    model,
    numRobots: 1,
    where,
  });
  const critic = new Critic({ task, model, numEnvs: 1, ...draws });
  const layout = {
    observationNames: names,
    criticNames: critic.columns.map(({ name }) => name),
    constantCriticNames: critic.constantNames,
    actionNames: model.actuatedJointNames,
    rewardNames: Object.keys(task.makeRewards(model)),
    costNames: Object.keys(task.makeCosts?.(model) ?? {}),
    goalNames: task.goal?.names ?? [],
    contextNames: listContextNames(draws.randomization, draws.parts),
  };
  return { layout, criticColumns: critic.columns };
}
