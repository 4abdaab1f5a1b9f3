import { UserError } from '../../sim/errors.ts';
import type { LogSink } from './core/log.ts';
import { makeEmbeddedContext } from './embedded.ts';
import type { Middleware } from './middleware.ts';
import type { RosContext } from './port.ts';
import { makeRclContext } from './rcl/context.ts';
import { type Environment, findRcl, loadRcl } from './rcl.ts';

export interface ContextOptions {
  /** By default what is there: ROS 2 where it is sourced and rclnodejs has a binary, else embedded. */
  readonly middleware?: Middleware | undefined;
  readonly log: LogSink;
  readonly env?: Environment;
}

/** A context, and why it is the one it is, in one line. */
export interface ChosenContext {
  readonly context: RosContext;
  readonly reason: string;
}

/** @throws UserError if ROS 2 is asked for and cannot be had: what is missing, and what to do */
export async function chooseContext(options: ContextOptions): Promise<ChosenContext> {
  const { middleware, log, env = process.env } = options;
  if (middleware === 'embedded') return embed(log, 'embedded, as asked for');
  const search = findRcl(env);
  if (!search.found) {
    if (middleware === 'ros2') throw refuse(search.reason, search.remedy);
    return embed(log, `embedded: ${search.reason}`);
  }
  try {
    const context = await makeRclContext(await loadRcl(search), { log, env });
    const rmw = env.RMW_IMPLEMENTATION ?? 'its default middleware';
    const reason = `ROS 2 ${search.distro}, ${rmw}, domain ${env.ROS_DOMAIN_ID ?? 0}`;
    return { context, reason };
  } catch (cause) {
    // Sourced and built, but broken: to go on alone would leave a robot without its controller.
    throw refuse(
      cause instanceof Error ? cause.message : String(cause),
      'Mend it, or ask for --middleware embedded.',
      cause,
    );
  }
}

function embed(log: LogSink, reason: string): ChosenContext {
  return { context: makeEmbeddedContext({ log }), reason };
}

function refuse(problem: string, remedy: string, cause?: unknown): UserError {
  return new UserError({
    where: 'middleware ros2',
    problem,
    expected: 'a sourced ROS 2 and a binary of rclnodejs',
    got: 'neither whole',
    remedy,
    cause,
  });
}
