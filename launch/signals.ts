import { EXIT } from './output.ts';

/** [ms] npm passes on a Ctrl-C that the terminal has sent already; only a later one is a second one */
const SECOND_SIGNAL_MS = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first signal ends a run in good order; a later one ends the process, whatever it is at. */
export function listenForSignals(stop: () => void): { end(): void } {
  let firstMs: number | undefined;
  const onSignal = () => {
    const nowMs = performance.now();
    firstMs ??= nowMs;
    stop();
    if (nowMs - firstMs > SECOND_SIGNAL_MS) process.exit(EXIT.interrupted);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    end() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
