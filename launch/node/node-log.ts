import type { LogSink } from '../../nodes/ros/embedded.ts';
import type { RosArgs } from '../../nodes/ros/ros-args.ts';

const ORDER = ['debug', 'info', 'warn', 'error', 'fatal'];

/** Log lines as rcutils writes them, `[WARN] [/policy]: text`, on standard error, from the level that was asked for. */
export function makeNodeLog(levels: RosArgs['logLevels']): LogSink {
  return (level, node, message) => {
    const logger = node.replace(/^\//, '').replaceAll('/', '.');
    const wanted =
      levels.findLast((one) => one.logger === logger) ??
      levels.findLast((one) => one.logger === undefined);
    if (ORDER.indexOf(level) < ORDER.indexOf(wanted?.level ?? 'info')) return;
    process.stderr.write(`[${level.toUpperCase()}] [${node}]: ${message}\n`);
  };
}
