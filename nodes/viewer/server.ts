import type { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { throwIfAny, UserError } from '../../sim/errors.ts';
import type { Action } from '../../web-viewer/protocol.ts';
import { SUBPROTOCOL } from '../../web-viewer/protocol.ts';
import { ViewerClient } from './client.ts';
import { makePageHandler } from './page.ts';
import { checkUpgrade, listOwnNames, refuse } from './upgrade.ts';

export interface ViewerServerOptions {
  /** Address to listen on; 127.0.0.1 keeps the page on this machine. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Folder with the built page. */
  readonly pageDir: string;
  /** More files by path below the page, each named by its content: meshes. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Messages for somebody who has just connected, oldest first. */
  greet(): Iterable<Uint8Array>;
  /** Answers a button. A throw is answered with its message. */
  act(action: Action): Promise<{ readonly ok: boolean; readonly text: string }>;
  /** Most browsers at once; more are refused with status 503. */
  readonly maxClients?: number;
  /** [bytes] unsent bytes of one client above which it loses frames */
  readonly maxBufferedBytes?: number;
  /**
   * Origins, such as `https://fleet.example`, that may connect besides the server's own page; also
   * the origin under which a proxy or a forwarded port shows that page.
   */
  readonly allowedOrigins?: readonly string[];
  /** Told, once per kind, of what went wrong without ending the server. */
  readonly onProblem?: (text: string) => void;
  /** [s] a client that has not answered a ping for this long is disconnected */
  readonly heartbeatS?: number;
}

export interface ViewerStats {
  readonly clients: number;
  /** Frames handed to sockets, summed over clients. */
  readonly framesSent: number;
  /** Frames that slow clients lost, summed over clients. */
  readonly framesDropped: number;
}

export interface ViewerServer {
  readonly url: string;
  readonly port: number;
  /** To every client whose socket keeps up; copied, because each copy carries its own loss count. */
  broadcastFrame(frame: Uint8Array): void;
  /** To every client whose socket keeps up; the others wait for the next of its kind. */
  broadcastNewest(message: Uint8Array): void;
  /** To every client; one that is hopelessly behind is disconnected and greeted when it returns. */
  broadcast(message: Uint8Array): void;
  stats(): ViewerStats;
  close(): Promise<void>;
}

const DEFAULTS = {
  maxClients: 32,
  maxBufferedBytes: 256 * 1024,
  allowedOrigins: [] as readonly string[],
  heartbeatS: 5,
} as const;

/** [bytes] largest client message; requests are tens of bytes */
const MAX_CLIENT_MESSAGE_BYTES = 4096;

/**
 * Serves the page and its WebSocket on one port. Memory per client is bounded.
 * @throws UserError when the address cannot be listened on, or an allowed origin is none
 */
export async function startViewerServer(options: ViewerServerOptions): Promise<ViewerServer> {
  const config = { ...DEFAULTS, ...options };
  throwIfAny(config.allowedOrigins.flatMap(findOriginProblem));
  const clients = new Set<ViewerClient>();
  const lost = { framesSent: 0, framesDropped: 0 };
  const http = createServer(makePageHandler(config.pageDir, config.files));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  await listen(http, config.host, config.port);
  keepServing(http, (text) => config.onProblem?.(text));

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // From here on the socket is nobody's but ours: a client that resets it must not end the process.
    socket.on('error', () => socket.destroy());
    const refusal = checkUpgrade(request, {
      ownNames: listOwnNames(config.host, config.allowedOrigins),
      allowedOrigins: config.allowedOrigins,
      isFull: clients.size >= config.maxClients,
    });
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client = new ViewerClient(webSocket, config.maxBufferedBytes, config.act);
      clients.add(client);
      webSocket.once('close', () => {
        clients.delete(client);
        lost.framesSent += client.framesSent;
        lost.framesDropped += client.framesDropped;
      });
      for (const message of config.greet()) client.send(message);
    });
  });
  const heartbeat = setInterval(() => {
    for (const client of clients) client.checkAlive();
  }, config.heartbeatS * 1000);
  heartbeat.unref();

  const port = getPort(http);
  return {
    url: `http://${formatHost(config.host)}:${port}`,
    port,
    broadcastFrame: (frame) => {
      for (const client of clients) client.sendFrame(frame);
    },
    broadcastNewest: (message) => {
      for (const client of clients) client.sendIfKeepingUp(message);
    },
    broadcast: (message) => {
      for (const client of clients) client.send(message);
    },
    stats: () => {
      let { framesSent, framesDropped } = lost;
      for (const client of clients) {
        framesSent += client.framesSent;
        framesDropped += client.framesDropped;
      }
      return { clients: clients.size, framesSent, framesDropped };
    },
    close: async () => {
      clearInterval(heartbeat);
      for (const client of clients) client.close();
      await closeServer(http);
    },
  };
}

/** A server that cannot take a connection, for want of file descriptors, goes on with those it has. */
export function keepServing(http: EventEmitter, onProblem: (text: string) => void): void {
  const told = new Set<string>();
  http.on('error', (error: NodeJS.ErrnoException) => {
    const kind = error.code ?? error.message;
    if (told.has(kind)) return;
    told.add(kind);
    onProblem(`a connection was not taken: ${error.message}; reported once`);
  });
}

function findOriginProblem(origin: string): UserError[] {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return [];
  return [
    new UserError({
      where: 'viewer, allowed origins',
      problem: 'not an origin as browsers send it',
      expected:
        'scheme, name and port alone, such as https://fleet.example or http://10.0.0.5:8080',
      got: `'${origin}'`,
      remedy: 'Take it from the address bar, up to the first / after the name.',
    }),
  ];
}

function listen(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      reject(explainListenError(error, host, port));
    });
    http.listen(port, host, () => {
      http.removeAllListeners('error');
      resolve();
    });
  });
}

function explainListenError(error: NodeJS.ErrnoException, host: string, port: number): UserError {
  const where = `viewer at ${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new UserError({
        where,
        problem: 'port in use',
        expected: 'a free port',
        got: `port ${port}, which another program listens on`,
        remedy: 'End that program, or choose another port with --port (0 picks a free one).',
        cause: error,
      });
    case 'EACCES':
      return new UserError({
        where,
        problem: 'port not permitted',
        expected: 'a port that this user may open',
        got: `port ${port}`,
        remedy: 'Choose a port above 1023 with --port.',
        cause: error,
      });
    default:
      return new UserError({
        where,
        problem: 'cannot listen',
        expected: 'an address of this machine',
        got: `${host} (${error.code ?? error.message})`,
        remedy: 'Use --host 127.0.0.1, or an address that `ip addr` lists.',
        cause: error,
      });
  }
}

function getPort(http: Server): number {
  const address = http.address();
  if (address === null || typeof address === 'string') {
    throw new TypeError('viewer server: expected a TCP address');
  }
  return address.port;
}

function formatHost(host: string): string {
  // The wildcard address is no address to open; on this machine, localhost is.
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return isIP(host) === 6 ? `[${host}]` : host;
}

function closeServer(http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve());
    http.closeAllConnections();
  });
}
