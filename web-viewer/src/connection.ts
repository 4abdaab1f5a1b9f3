import { decodeServerMessage, encodeClientMessage } from '../codec.ts';
import { type ClientMessage, type ServerMessage, SUBPROTOCOL } from '../protocol.ts';
import { makeObservable, type Observable } from './observable.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting' /** [ms] of performance.now() */; readonly retryAtMs: number };

export interface Connection {
  readonly state: Observable<ConnectionState>;
  /** [ms] round trip of the last ping; NaN before the first */
  readonly roundTripMs: Observable<number>;
  /** Whether it was handed to the socket. */
  send(message: ClientMessage): boolean;
  retryNow(): void;
}

const PING_INTERVAL_MS = 1000;
/** A server that answers no ping for this long is gone, whatever the socket says. */
const SILENCE_LIMIT_MS = 5000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

/** Keeps one WebSocket open, with a growing pause between attempts. */
export function openConnection(
  url: string,
  handlers: {
    onMessage(message: ServerMessage): void;
    onProblem(text: string): void;
  },
): Connection {
  const state = makeObservable<ConnectionState>({ kind: 'connecting' });
  const roundTripMs = makeObservable(Number.NaN);
  let socket: WebSocket | undefined;
  let retryMs = FIRST_RETRY_MS;
  let retryTimer = 0;
  let lastHeardMs = 0;

  function open(): void {
    state.set({ kind: 'connecting' });
    const current = new WebSocket(url, SUBPROTOCOL);
    socket = current;
    current.binaryType = 'arraybuffer';
    current.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      lastHeardMs = performance.now();
      state.set({ kind: 'open' });
    };
    current.onmessage = ({ data }) => receive(data);
    current.onclose = () => {
      if (socket === current) retryLater();
    };
  }

  function receive(data: unknown): void {
    lastHeardMs = performance.now();
    if (!(data instanceof ArrayBuffer)) return;
    const message = decodeServerMessage(new Uint8Array(data));
    if (message.type === 'pong') roundTripMs.set(performance.now() - message.clientMs);
    else if (message.type === 'protocol_error') {
      handlers.onProblem(
        `${message.problem} (expected ${message.expected}, got ${message.got}). Reload the page.`,
      );
    } else handlers.onMessage(message);
  }

  function retryLater(): void {
    socket = undefined;
    roundTripMs.set(Number.NaN);
    state.set({ kind: 'waiting', retryAtMs: performance.now() + retryMs });
    retryTimer = window.setTimeout(open, retryMs);
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
  }

  function send(message: ClientMessage): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(encodeClientMessage(message));
    return true;
  }

  function abandon(): void {
    const silent = socket;
    retryLater();
    silent?.close();
  }

  window.setInterval(() => {
    if (state.get().kind !== 'open') return;
    if (performance.now() - lastHeardMs > SILENCE_LIMIT_MS) abandon();
    else send({ type: 'ping', clientMs: performance.now() });
  }, PING_INTERVAL_MS);

  open();
  return {
    state,
    roundTripMs,
    send,
    retryNow: () => {
      if (state.get().kind !== 'waiting') return;
      window.clearTimeout(retryTimer);
      open();
    },
  };
}
