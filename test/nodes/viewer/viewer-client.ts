import { WebSocket } from 'ws';
import { decodeServerMessage, encodeClientMessage } from '../../../web-viewer/codec.ts';
import {
  type ClientMessage,
  type ServerMessage,
  SUBPROTOCOL,
} from '../../../web-viewer/protocol.ts';

/** What a page is to the server, without the page. */
export interface TestClient {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[];
  send(message: ClientMessage): void;
  /** The first message of the type that satisfies the condition, past or future. */
  waitFor<T extends ServerMessage['type']>(
    type: T,
    accept?: (message: Extract<ServerMessage, { type: T }>) => boolean,
  ): Promise<Extract<ServerMessage, { type: T }>>;
}

/** Rejects with the HTTP status if the server refuses. */
export function connectClient(
  url: string,
  options: { readonly origin?: string; readonly host?: string } = {},
): Promise<TestClient> {
  const { origin, host } = options;
  const socket = new WebSocket(url.replace('http', 'ws'), SUBPROTOCOL, {
    ...(origin === undefined ? {} : { origin }),
    headers: host === undefined ? {} : { host },
  });
  const messages: ServerMessage[] = [];
  const checks = new Set<() => void>();
  socket.on('message', (data) => {
    if (!Buffer.isBuffer(data)) throw new TypeError('expected one buffer');
    const message = decodeServerMessage(data);
    if (message.type === 'protocol_error') throw new Error(message.problem);
    messages.push(message);
    for (const check of checks) check();
  });
  const client: TestClient = {
    socket,
    messages,
    send: (message) => socket.send(encodeClientMessage(message)),
    waitFor: (type, accept = () => true) =>
      new Promise((resolve) => {
        type Wanted = Extract<ServerMessage, { type: typeof type }>;
        const check = () => {
          const found = messages.find(
            (message): message is Wanted => message.type === type && accept(message as Wanted),
          );
          if (found === undefined) return;
          checks.delete(check);
          resolve(found);
        };
        checks.add(check);
        check();
      }),
  };
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(client));
    socket.once('unexpected-response', (_, response) => {
      reject(new Error(`status ${response.statusCode}`));
    });
    socket.once('error', reject);
  });
}
