import { type EnvConfig, parseEnvConfig } from './config.ts';
import { type EnvLayout, makeEnvLayout } from './env-layout.ts';
import {
  checkField,
  checkMeasuredJoints,
  checkWideStarts,
  type SimEnvOptions,
} from './env-options.ts';
import { checkPrivilege } from './env-privilege.ts';
import { throwIfAny } from './errors.ts';
import { Rng } from './math/rng.ts';
import { checkRandomization } from './randomize/check.ts';
import type { RandomizationConfig } from './randomize/config.ts';
import { listParts, type RandomizedParts } from './randomize/entries.ts';
import { checkNeeds } from './randomize/needs.ts';
import { withGains } from './robot/gains.ts';
import type { RobotModel } from './robot/model.ts';
import { openRobot } from './robot/open.ts';
import type { CriticColumn } from './task/critic-column.ts';
import { checkKnownQuantities } from './task/known-check.ts';
import { makePolicyMirror, type PolicyMirror } from './task/mirror.ts';
import type { TaskDefinition } from './task/task.ts';
import { getTask } from './tasks/registry.ts';
import { makeScene } from './terrain/make-scene.ts';
import type { Scene } from './terrain/scene.ts';
import { makeRobotWorld, type RobotWorld } from './world.ts';

/** Everything that environments are made from, read and checked. */
export interface EnvPlan {
  readonly task: TaskDefinition;
  readonly model: RobotModel;
  readonly config: EnvConfig;
  /** What stands around every robot, in its own odom frame. */
  readonly scene: Scene;
  readonly randomization: RandomizationConfig;
  readonly parts: RandomizedParts;
  readonly layout: EnvLayout;
  /** What each of `layout.criticNames` is. */
  readonly criticColumns: readonly CriticColumn[];
  /** Absent for a task without one. */
  readonly mirror: PolicyMirror | undefined;
}

/**
 * Reads and checks what environments are to be made from; makes no world.
 * @throws UserError for an option, task or robot that does not exist, a robot that does not fit the task, an
 *   observation of what no sensor measures, a critic that does not see what whoever acts by it was taught on, a terrain that cannot be, or a randomisation that makes no sense, or no
 *   difference
 */
export async function planEnv(options: SimEnvOptions): Promise<EnvPlan> {
  const { task: taskOrName, robot: robotOrName, ...rest } = options;
  const task = typeof taskOrName === 'string' ? getTask(taskOrName) : taskOrName;
  const config = parseEnvConfig({ ...rest, terrain: rest.terrain ?? task.terrain });
  const robot = robotOrName ?? task.robot;
  const open = { packagePaths: config.packagePaths, meshes: 'collision' } as const;
  const described = typeof robot === 'string' ? await openRobot(robot, open) : robot;
  const model = withGains(described, task.gains, `task '${task.name}', gains`);
  throwIfAny([
    ...checkMeasuredJoints(task, model),
    ...checkKnownQuantities(task.observations, model, `task '${task.name}', observations`),
  ]);
  const randomization = config.randomization ?? task.randomization;
  const stream = new Rng(config.terrainSeed, 'terrain');
  const scene = makeScene(config.terrain, stream, 'environment: terrain');
  throwIfAny([...checkField(task, scene), ...checkWideStarts(task, config)]);
  const parts = listParts(model, scene);
  const where = `robot '${model.name}', randomization`;
  throwIfAny([
    ...checkRandomization(randomization, where, { model, parts }),
    ...checkNeeds(randomization, where, { model, scene, task: task.randomization }),
  ]);
  const { layout, criticColumns } = makeEnvLayout(task, model, { randomization, parts });
  throwIfAny(checkPrivilege(task, layout, criticColumns));
  const action = task.makeAction(model);
  const names = layout.observationNames;
  const mirror = task.mirror && makePolicyMirror(task.mirror, { names, action, model });
  return { task, model, config, scene, randomization, parts, layout, criticColumns, mirror };
}

/**
 * Makes the world of `numEnvs` of the environments.
 * @throws UserError as makeRobotWorld does
 */
export function makePlannedWorld(plan: EnvPlan, numEnvs: number): Promise<RobotWorld> {
  const { task, model, config, scene, randomization } = plan;
  const { numEnvs: _all, autoreset: _autoreset, firstEnv: _first, ...some } = config;
  const { wideStarts: _share, ...rest } = some;
  const { packagePaths: _paths, terrain: _terrain, terrainSeed: _seed, ...physics } = rest;
  const { controlRateHz, substeps } = task;
  return makeRobotWorld({
    ...physics,
    scene,
    model,
    numRobots: numEnvs,
    physicsRateHz: substeps === undefined ? undefined : controlRateHz * substeps,
    controlRateHz,
    randomization,
  });
}
