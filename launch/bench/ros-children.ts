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
    throw describeProgram(path, cause);
  }
}

function describeProgram(path: string, cause: unknown): UserError {
  return new UserError({
    where: 'bench ros --rclcpp-echo',
    problem: 'the program cannot be run',
    expected: 'the file that the build of launch/bench/rclcpp-echo makes',
    got: `'${path}': ${cause instanceof Error ? cause.message : String(cause)}`,
    remedy: 'Build it as its CMakeLists.txt says, with ROS 2 sourced',
    cause,
  });
}

/** All of them, or none: what did start ends where one does not. */
export async function startAll(
  starts: readonly Promise<ChildProcess>[],
): Promise<readonly ChildProcess[]> {
  const settled = await Promise.allSettled(starts);
  const children = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return children;
  for (const child of children) child.kill();
  throw failed.reason;
}

/** An echo in C++ that listens. @throws UserError if it does not come to that */
export async function startRclcppEcho(
  path: string,
  { jointNames }: RobotModel,
): Promise<ChildProcess> {
  const { namespace, clockTopic } = ECHO_RCLCPP;
  const child = spawn(path, [namespace, clockTopic, ...jointNames], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await waitFor(once(child.stdout!, 'data'), child, path);
  } catch (cause) {
    throw describeProgram(path, cause);
  }
  return child;
}

/** A process that is ready for its task. */
export async function startChild(task: ChildTask): Promise<ChildProcess> {
  const entry = new URL('./ros-child-entry.js', import.meta.url);
  const child = fork(entry, [JSON.stringify(task)], { execArgv: [] });
  await waitFor(once(child, 'message'), child, task.role);
  return child;
}

/** @throws Error if the process ends instead */
async function waitFor(ready: Promise<unknown>, child: ChildProcess, name: string): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`bench ros: the process '${name}' ended with code ${code}`);
  });
  // Nobody listens any more once it is ready.
  ended.catch(() => {});
  await Promise.race([ready, ended]);
}
