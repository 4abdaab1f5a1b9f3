import type { IncomingMessage } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { SUBPROTOCOL } from '../../web-viewer/protocol.ts';

export interface Refusal {
  /** Status line after the protocol. */
  readonly status: string;
  readonly reason: string;
}

/**
 * Whether a WebSocket may be opened. A browser lets any web page open a socket to any address,
 * this machine's own included, and says who asks in `Origin`: only our own page may stop robots.
 */
export function checkUpgrade(
  request: IncomingMessage,
  rules: {
    /** As {@link listOwnNames} gives them. */
    readonly ownNames: ReadonlySet<string>;
    readonly allowedOrigins: readonly string[];
    readonly isFull: boolean;
  },
): Refusal | undefined {
  const { host, origin } = request.headers;
  if (!rules.ownNames.has(readHostName(host))) {
    const reason = `${host} is not a name of this server; add its origin to the allowed origins`;
    return { status: '403 Forbidden', reason };
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
 * The names by which a page may ask for this server. A page from elsewhere passes the origin check if
 * its own name leads here, for whoever owns a name decides where it leads (DNS rebinding). So a name
 * counts only if nobody else can own it: the loopback's, and where the server is open to others, this
 * machine's addresses and host name; and what somebody configured.
 * @param boundTo address that the server listens on
 */
export function listOwnNames(
  boundTo: string,
  allowedOrigins: readonly string[],
): ReadonlySet<string> {
  const names = new Set(['localhost', '127.0.0.1', '::1', boundTo.toLowerCase()]);
  for (const origin of allowedOrigins) names.add(readHostName(new URL(origin).host));
  const isLoopback = boundTo === 'localhost' || boundTo === '::1' || boundTo.startsWith('127.');
  if (isLoopback) return names;
  // Addresses come and go with networks: this is read at each upgrade.
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address } of addresses ?? []) names.add(address);
  }
  const fullName = hostname().toLowerCase();
  const [shortName] = fullName.split('.', 1);
  for (const name of [fullName, shortName, `${shortName}.local`]) names.add(`${name}`);
  return names;
}

/** `[::1]:8080` → `::1`, `Robot:8080` → `robot` */
function readHostName(host = ''): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
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
