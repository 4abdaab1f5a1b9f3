import type { Log } from '../messages.ts';
import type { Logger, Publisher } from '../port.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where log lines go. */
export type LogSink = (level: LogLevel, node: string, message: string) => void;

/** A sink whose own failure, such as a closed stream, costs its line and a warning, never the graph. */
export function makeSafeSink(sink: LogSink): LogSink {
  return (level, node, message) => {
    try {
      sink(level, node, message);
    } catch (error) {
      process.emitWarning(`a log line of ${node} was lost: ${error}`);
    }
  };
}

/** rcl_interfaces/msg/Log */
const ROSOUT_LEVELS: Readonly<Record<LogLevel, number>> = {
  debug: 10,
  info: 20,
  warn: 30,
  error: 40,
};

/** Warnings and errors on standard error; less is left to a sink that somebody chose. */
export const logToStandardError: LogSink = (level, node, message) => {
  if (level === 'warn' || level === 'error') {
    process.stderr.write(`[${level}] [${node}] ${message}\n`);
  }
};

/** A logger that writes to the sink and, from `info` up, on /rosout, whose publisher it makes when first needed and possible. */
export function makeNodeLogger(
  node: string,
  sink: LogSink,
  nowNs: () => bigint,
  makeRosout: () => Publisher<Log> | undefined,
): Logger {
  let rosout: Publisher<Log> | undefined;
  const name = node.slice(1).replaceAll('/', '.');
  const write = (level: LogLevel, message: string) => {
    sink(level, node, message);
    if (level === 'debug') return;
    const stampNs = nowNs();
    rosout ??= makeRosout();
    rosout?.publish({
      stamp: { sec: Number(stampNs / 1_000_000_000n), nanosec: Number(stampNs % 1_000_000_000n) },
      level: ROSOUT_LEVELS[level],
      name,
      msg: message,
      file: '',
      function: '',
      line: 0,
    });
  };
  return {
    debug: (message) => write('debug', message),
    info: (message) => write('info', message),
    warn: (message) => write('warn', message),
    error: (message) => write('error', message),
  };
}
