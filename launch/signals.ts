import { EXIT } from './output.ts';

/** [ms] npm passes on a Ctrl-C that the terminal has sent already; only a later one is a second one */
const SECOND_SIGNAL_MS = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal ends a run in good order; a later one ends the process, whatever it is at.
 * @param sameAgain `isHeardOnce`: only a signal of another kind is a later one. ros2 launch passes on the Ctrl-C that the
 *   terminal has sent already, on a busy machine seconds later, and asks by SIGTERM where that takes too long.
 */
export function listenForSignals(
  stop: () => void,
  { sameAgain = 'endsTheProcess' }: { sameAgain?: 'endsTheProcess' | 'isHeardOnce' } = {},
): { end(): void } {
  let first: { readonly signal: string; readonly atMs: number } | undefined;
  const onSignal = (signal: string) => {
    const nowMs = performance.now();
    first ??= { signal, atMs: nowMs };
    stop();
    if (sameAgain === 'isHeardOnce' && signal === first.signal) return;
    if (nowMs - first.atMs > SECOND_SIGNAL_MS) process.exit(EXIT.interrupted);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    end() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
