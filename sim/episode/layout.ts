import type { EnvPlan } from '../env-plan.ts';
import { computeMaxSteps } from '../env-score.ts';
import { listContextDistributions } from '../randomize/draw.ts';
import { EPISODE_SCHEMA, type EpisodeLayout } from './record.ts';

/**
 * What all records of a run have in common.
 * @param plan of a task as whoever acts wants it: a policy brings its own observations and action
 * @param actor its name, and the sha256 of its file in hex, where it has one
 */
export function makeEpisodeLayout(
  { task, model, config, randomization, parts, layout }: EnvPlan,
  actor: { readonly name: string; readonly sha256: string | undefined },
): EpisodeLayout {
  return {
    schema: EPISODE_SCHEMA,
    task: task.name,
    taskDescription: task.description,
    robot: model.name,
    robotSha256: model.sha256,
    policy: actor.name,
    policySha256: actor.sha256,
    engine: config.engine,
    rateHz: task.controlRateHz,
    maxFrames: computeMaxSteps(task),
    ...layout,
    jointNames: model.jointNames,
    actionClip: task.makeAction(model).clip,
    contextDistributions: listContextDistributions(randomization, parts),
  };
}
