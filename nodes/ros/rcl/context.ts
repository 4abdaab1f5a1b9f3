import { makeSystemClock, type SystemClock } from '../core/clock.ts';
import { Executor } from '../core/executor.ts';
import { type LogSink, logToStandardError, makeSafeSink } from '../core/log.ts';
import { ShutdownHooks } from '../core/shutdown-hooks.ts';
import { resolveNode } from '../names.ts';
import type { RosContext } from '../port.ts';
import type { Rcl, RclContext, RclLibrary } from './api.ts';
import { Graph } from './graph.ts';
import { InstalledInterfaces } from './installed.ts';
import { RclNode, type RclParts } from './node.ts';

export interface RclOptions {
  readonly clock?: SystemClock;
  readonly log?: LogSink;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** [1] turns of the event loop that what is under way gets at shutdown */
const MAX_SHUTDOWN_TURNS = 100;

/** [ms] what all publishers together get to be heard: somebody who hangs must not keep us */
const MAX_ACK_MS = 1000;

/** A generation that was cut short leaves rclnodejs without messages, and it makes none anew. @throws Error */
function assertGenerated(rcl: Rcl, context: RclContext): void {
  try {
    rcl.require('rcl_interfaces/msg/ParameterEvent');
  } catch (cause) {
    context.shutdown();
    const remedy = 'Make them anew, with ROS sourced: npx generate-ros-messages';
    throw new Error(`rclnodejs lacks the code of its messages. ${remedy}`, { cause });
  }
}

/** Joins the ROS graph that the environment names (ROS_DOMAIN_ID, RMW_IMPLEMENTATION, …). */
export async function makeRclContext(
  { rcl, takeRaw }: RclLibrary,
  options: RclOptions = {},
): Promise<RosContext> {
  // It would end the context on Ctrl-C, before a stop command can go out.
  rcl.removeSignalHandlers();
  const log = makeSafeSink(options.log ?? logToStandardError);
  const executor = new Executor((error) =>
    log('error', '/', `the ROS backend failed: ${error instanceof Error ? error.stack : error}`),
  );
  const context = new rcl.Context();
  // No arguments: names, remappings and parameters are resolved here, as on every backend.
  await rcl.init(context, []);
  assertGenerated(rcl, context);
  const parts: RclParts = {
    ...{ rcl, takeRaw, context, executor, log },
    clock: options.clock ?? makeSystemClock(),
    interfaces: new InstalledInterfaces(options.env ?? process.env),
    graph: new Graph(),
    nodes: new Set(),
    servers: new Map(),
    actionServers: new Map(),
  };
  const hooks = new ShutdownHooks(log);
  let ending: Promise<void> | undefined;
  const end = async () => {
    await hooks.run();
    await executor.settled(MAX_SHUTDOWN_TURNS);
    const endMs = performance.now() + MAX_ACK_MS;
    for (const node of parts.nodes) node.waitUntilHeard(() => performance.now() > endMs);
    for (const node of [...parts.nodes]) node.destroy();
    executor.stop();
    context.shutdown();
  };
  return {
    backend: 'rclnodejs',
    createNode: (name, nodeOptions = {}) => {
      if (ending !== undefined) throw new RangeError(`node '${name}': the context is shut down`);
      const { namespace = '/', remappings = {} } = nodeOptions;
      const identity = resolveNode(name, namespace, remappings);
      const isTaken = [...parts.nodes].some(
        (other) => other.fullyQualifiedName === identity.fullyQualifiedName,
      );
      const node = new RclNode(parts, identity, nodeOptions);
      if (isTaken)
        node.logger.warn('another node has this name; what is meant for one reaches both');
      return node;
    },
    settled: () => executor.settled(MAX_SHUTDOWN_TURNS),
    onShutdown: (hook) => hooks.add(hook),
    shutdown: () => {
      ending ??= end();
      return ending;
    },
  };
}
