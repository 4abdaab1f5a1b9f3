import { type LogSink, makeEmbeddedContext } from '../../nodes/ros/embedded.ts';
import type { RosContext } from '../../nodes/ros/port.ts';

/** The middleware that a node of its own process speaks, and in one line why it is the one it is. */
export async function openContext(
  log: LogSink,
): Promise<{ readonly context: RosContext; readonly reason: string }> {
  const reason = 'embedded: no message leaves this process';
  return { context: makeEmbeddedContext({ log }), reason };
}
