import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { UserError } from '../../sim/errors.ts';
import type { RobotModel } from '../../sim/robot/model.ts';
import { type ChildTask, ECHO_RCLCPP } from './ros-plan.ts';

/** @throws UserError for a file that is none, or may not be run */
export function checkProgram(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new UserError({
      where: 'bench ros --rclcpp-echo',
      problem: 'the program cannot be run',
      expected: 'the file that the build of launch/bench/rclcpp-echo makes',
      got: `'${path}': ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'Build it as its CMakeLists.txt says, with ROS 2 sourced',
      cause,
    });
  }
}

/** An echo in C++ that listens. */
export async function startRclcppEcho(
  path: string,
  { jointNames }: RobotModel,
): Promise<ChildProcess> {
  const { namespace, clockTopic } = ECHO_RCLCPP;
  const child = spawn(path, [namespace, clockTopic, ...jointNames], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`bench ros: ${path} ended with code ${code}`);
  });
  ended.catch(() => {});
  await Promise.race([once(child.stdout!, 'data'), ended]);
  return child;
}

/** A process that is ready for its task. */
export async function startChild(task: ChildTask): Promise<ChildProcess> {
  const entry = new URL('./ros-child-entry.js', import.meta.url);
  const child = fork(entry, [JSON.stringify(task)], { execArgv: [] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`bench ros: the process '${task.role}' ended with code ${code}`);
  });
  ended.catch(() => {});
  await Promise.race([once(child, 'message'), ended]);
  return child;
}
