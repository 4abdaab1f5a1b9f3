import { makeSystemClock, type SystemClock } from './core/clock.ts';
import { Executor } from './core/executor.ts';
import { type LogSink, logToStandardError, makeSafeSink } from './core/log.ts';
import { ShutdownHooks } from './core/shutdown-hooks.ts';
import { Actions } from './embedded/action.ts';
import { EmbeddedNode, type SharedParts } from './embedded/node.ts';
import { Services } from './embedded/service.ts';
import { Topics } from './embedded/topic.ts';
import { resolveNode } from './names.ts';
import type { RosContext } from './port.ts';

export type { SystemClock } from './core/clock.ts';
export type { LogLevel, LogSink } from './core/log.ts';

export interface EmbeddedOptions {
  readonly clock?: SystemClock;
  /** Where log lines go; by default warnings and errors go to standard error. */
  readonly log?: LogSink;
}

/** [1] turns of the event loop that a shutdown gives messages still on their way */
const MAX_SHUTDOWN_TURNS = 100;

/**
 * ROS 2 inside one process, without ROS: topics, services, parameters, timers, names and QoS behave
 * as there, messages are checked against the real definitions, and callbacks run one after another
 * in the order in which their messages were published.
 */
export function makeEmbeddedContext(options: EmbeddedOptions = {}): RosContext {
  const log = makeSafeSink(options.log ?? logToStandardError);
  // Callbacks have a guard of their own; what comes here is a fault of the backend.
  const executor = new Executor((error) =>
    log(
      'error',
      '/',
      `the embedded backend failed: ${error instanceof Error ? error.stack : error}`,
    ),
  );
  const clock = options.clock ?? makeSystemClock();
  const shared: SharedParts = {
    executor,
    clock,
    topics: new Topics(executor),
    services: new Services(executor, clock),
    actions: new Actions(executor, clock),
    log,
    nodes: new Set(),
  };
  const { nodes } = shared;
  let ending: Promise<void> | undefined;
  const hooks = new ShutdownHooks(log);
  const end = async () => {
    await hooks.run();
    await executor.settled(MAX_SHUTDOWN_TURNS);
    shared.services.stop();
    for (const node of [...nodes]) node.destroy();
    executor.stop();
  };
  return {
    backend: 'embedded',
    createNode: (name, nodeOptions = {}) => {
      if (ending !== undefined) throw new RangeError(`node '${name}': the context is shut down`);
      const identity = resolveNode(
        name,
        nodeOptions.namespace ?? '/',
        nodeOptions.remappings ?? {},
      );
      const isTaken = [...nodes].some(
        (other) => other.fullyQualifiedName === identity.fullyQualifiedName,
      );
      const node = new EmbeddedNode(shared, identity, nodeOptions);
      if (isTaken)
        node.logger.warn('another node has this name; what is meant for one reaches both');
      return node;
    },
    settled: () => executor.settled(),
    onShutdown: (hook) => hooks.add(hook),
    shutdown: () => {
      ending ??= end();
      return ending;
    },
  };
}
