import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenForSignals } from '../../launch/signals.ts';

let nowMs = 0;
let stops = 0;
let listening: { end(): void } | undefined;
const exit = vi.fn();

beforeEach(() => {
  nowMs = 5000;
  stops = 0;
  exit.mockClear();
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  vi.spyOn(process, 'exit').mockImplementation(exit as never);
});
afterEach(() => {
  listening?.end();
  vi.restoreAllMocks();
});

const listen = (options?: Parameters<typeof listenForSignals>[1]) => {
  listening = listenForSignals(() => {
    stops += 1;
  }, options);
};
const send = (signal: 'SIGINT' | 'SIGTERM', atMs: number) => {
  nowMs = 5000 + atMs;
  process.emit(signal, signal);
};

describe('a run that is told to end', () => {
  it('ends in good order at the first signal, which npm may pass on once more', () => {
    listen();
    send('SIGINT', 0);
    send('SIGINT', 1000);
    expect([stops, exit.mock.calls]).toEqual([2, []]);
  });

  it('ends at once at a second Ctrl-C', () => {
    listen();
    send('SIGINT', 0);
    send('SIGINT', 1001);
    expect(exit.mock.calls).toEqual([[130]]);
  });

  it('as a node, hears the Ctrl-C that ros2 launch passes on late as the same', () => {
    listen({ sameAgain: 'isHeardOnce' });
    send('SIGINT', 0);
    send('SIGINT', 4000);
    expect(exit).not.toHaveBeenCalled();
    // What launch sends when the first was not enough.
    send('SIGTERM', 5000);
    expect(exit.mock.calls).toEqual([[130]]);
  });

  it('leaves signals alone when it is over', () => {
    listen();
    listening?.end();
    const others = process.listenerCount('SIGINT');
    listen();
    expect(process.listenerCount('SIGINT')).toBe(others + 1);
  });
});
