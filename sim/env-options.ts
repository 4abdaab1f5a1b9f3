import type { z } from 'zod';
import type { EnvConfig } from './config.ts';
import { UserError } from './errors.ts';
import type { RobotModel } from './robot/model.ts';
import type { TaskDefinition } from './task/task.ts';
import type { Scene } from './terrain/scene.ts';

export type SimEnvOptions = z.input<typeof EnvConfig> & {
  readonly task: TaskDefinition | string;
  /** A robot, its name, or the path of its description; default: the task's. */
  readonly robot?: RobotModel | string;
};

/** A joint that nothing measures would be observed as 0 for ever. */
export function checkMeasuredJoints(task: TaskDefinition, model: RobotModel): UserError[] {
  const measured = model.sensors.flatMap((s) => (s.kind === 'encoder' ? s.joints : []));
  return task.observations.flatMap((spec) => {
    const blind = (spec.jointNames ?? []).filter((name) => !measured.includes(name));
    if (blind.length === 0) return [];
    return [
      new UserError({
        where: `task '${task.name}', observation '${spec.name}'`,
        problem: 'no encoder of the robot measures what it observes',
        expected: `joints among ${measured.join(', ') || '(none)'}`,
        got: blind.join(', '),
        remedy: `Add an encoder to the robot.yaml of '${model.name}', or observe other joints`,
      }),
    ];
  });
}

/** Only some tasks say from where further off their episodes can start. */
export function checkWideStarts(
  { name, writeWideStart }: TaskDefinition,
  { wideStarts }: Pick<EnvConfig, 'wideStarts'>,
): UserError[] {
  if (wideStarts === 0 || writeWideStart !== undefined) return [];
  return [
    new UserError({
      where: `task '${name}', wideStarts`,
      problem: 'the task does not say how its episodes would start further off',
      expected: '0, or a task with `writeWideStart`',
      got: `${wideStarts}`,
      remedy: 'Leave wideStarts out, or give the task such starts',
    }),
  ];
}

/** A task that draws where things are needs those things. */
export function checkField({ name, field }: TaskDefinition, { objects }: Scene): UserError[] {
  const movable = objects.filter(({ moves }) => moves).map((object) => object.name);
  const missing = (field?.objectNames ?? []).filter((wanted) => !movable.includes(wanted));
  if (missing.length === 0) return [];
  return [
    new UserError({
      where: `task '${name}', terrain`,
      problem: 'the task places objects in every episode that this terrain does not have',
      expected: 'objects of these names that move',
      got: `none called ${missing.join(', ')}`,
      remedy: 'Leave the terrain to the task, or add them to its objects',
    }),
  ];
}
