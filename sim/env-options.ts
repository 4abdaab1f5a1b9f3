import type { z } from 'zod';
import type { EnvConfig } from './config.ts';
import { UserError } from './errors.ts';
import type { RobotModel } from './robot/model.ts';
import type { TaskDefinition } from './task/task.ts';

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
