import { UserError } from '../errors.ts';
import type { TaskDefinition } from '../task/task.ts';
import { cartpoleBalance } from './cartpole-balance.ts';
import { crazyflieHover } from './crazyflie-hover.ts';
import { crazyflieTrack } from './crazyflie-track.ts';
import { go2Stand } from './go2-stand.ts';
import { go2Velocity } from './go2-velocity.ts';
import { turtlebotNavigate } from './turtlebot-navigate.ts';
import { turtlebotReach } from './turtlebot-reach.ts';
import { turtlebotTrack } from './turtlebot-track.ts';

/** Every task. To add one: a file in this folder, a line here. */
const TASKS: readonly TaskDefinition[] = [
  cartpoleBalance,
  crazyflieHover,
  crazyflieTrack,
  go2Stand,
  go2Velocity,
  turtlebotNavigate,
  turtlebotReach,
  turtlebotTrack,
];

export const TASK_NAMES = TASKS.map((task) => task.name);

/** @throws UserError listing the tasks there are */
export function getTask(name: string): TaskDefinition {
  const task = TASKS.find((candidate) => candidate.name === name);
  if (task === undefined) {
    throw new UserError({
      where: 'task',
      problem: 'there is no such task',
      expected: `one of ${TASK_NAMES.join(', ')}`,
      got: `'${name}'`,
      remedy: 'Correct the name, or add a task to sim/tasks',
    });
  }
  return task;
}
