import cliProgress from 'cli-progress';

/** [ms] between two looks at what goes on: on a terminal, and in a log, where every look is a line */
const PERIOD_MS = { terminal: 200, log: 5000 } as const;

/** What is shown while something goes on. */
export interface ProgressView {
  stop(): void;
}

/**
 * Shows how far something is, on stderr: a bar on a terminal, else a line every 5 s in which something has changed.
 * @param readShare [-] 0 to 1
 */
export function showProgressView(readShare: () => number, describe: () => string): ProgressView {
  return process.stderr.isTTY === true ? showBar(readShare, describe) : showLines(describe);
}

function showBar(readShare: () => number, describe: () => string): ProgressView {
  const bar = new cliProgress.SingleBar(
    { format: '{bar} {text}', stream: process.stderr, hideCursor: true, clearOnComplete: true },
    cliProgress.Presets.shades_classic,
  );
  bar.start(1, readShare(), { text: describe() });
  const timer = setInterval(
    () => bar.update(readShare(), { text: describe() }),
    PERIOD_MS.terminal,
  );
  return {
    stop() {
      clearInterval(timer);
      bar.stop();
    },
  };
}

function showLines(describe: () => string): ProgressView {
  let last: string | undefined;
  const timer = setInterval(() => {
    const line = describe();
    if (line !== last) process.stderr.write(`${line}\n`);
    last = line;
  }, PERIOD_MS.log);
  return { stop: () => clearInterval(timer) };
}
