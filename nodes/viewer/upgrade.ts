import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '../../web-viewer/protocol.ts';

export interface Refusal {
  /** Status line after the protocol. */
  readonly status: string;
  readonly reason: string;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a WebSocket may be opened. A browser lets any web page open a socket to any address,
 * this machine's own included, and says who asks in `Origin`: only our own page may stop robots.
 */
export function checkUpgrade(
  request: IncomingMessage,
  rules: {
    readonly host: string;
    readonly allowedOrigins: readonly string[];
    readonly isFull: boolean;
  },
): Refusal | undefined {
  const { host, origin } = request.headers;
  if (!isHostExpected(host, rules.host)) {
    return { status: '403 Forbidden', reason: `unexpected Host ${host}` };
  }
  if (origin !== undefined && !isOriginAllowed(origin, host, rules.allowedOrigins)) {
    return { status: '403 Forbidden', reason: `origin ${origin} is not allowed` };
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  if (!offered.includes(SUBPROTOCOL)) {
    return { status: '400 Bad Request', reason: `this server speaks ${SUBPROTOCOL}` };
  }
  if (rules.isFull) {
    return { status: '503 Service Unavailable', reason: 'too many viewers are connected' };
  }
  return undefined;
}

/**
 * A server on the loopback address is asked for by a loopback name. Another name means that
 * somebody's DNS points at this machine, in order to pass the origin check.
 */
function isHostExpected(host: string | undefined, boundTo: string): boolean {
  const isLoopback = boundTo === 'localhost' || boundTo === '::1' || boundTo.startsWith('127.');
  if (!isLoopback) return true;
  const name = (host ?? '').replace(/:\d+$/, '');
  return LOOPBACK_NAMES.includes(name) || name === boundTo;
}

function isOriginAllowed(
  origin: string,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Answers and ends the connection, whether or not the client closes its side. */
export function refuse(socket: Duplex, { status, reason }: Refusal): void {
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${reason}\n`,
  );
}
